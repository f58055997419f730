package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What people copy out of the repository works: every file in `examples/`, every `microscale.yaml`
/// in `deploy/`, and every YAML block with services in the documents.
class ExamplesTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\\n(.*?)^```");

  record Example(Path file, int number, String text) {
    @Override
    public String toString() {
      return ROOT.relativize(file) + (number == 0 ? "" : " block " + number);
    }
  }

  static List<Example> examples() throws IOException {
    var examples = new ArrayList<Example>();
    for (var file : files("examples", "**.yaml")) {
      examples.add(new Example(file, 0, Files.readString(file)));
    }
    for (var file : files("deploy", "**/microscale.yaml")) {
      var text = Files.readString(file);
      if (text.contains("pool:") && !text.contains("kind: Deployment")) { // no manifests
        examples.add(new Example(file, 0, text));
      }
    }
    for (var file :
        Stream.concat(files("docs", "**.md").stream(), files("", "*.md").stream()).toList()) {
      int number = 0;
      for (var block : BLOCK.matcher(Files.readString(file)).results().toList()) {
        number++;
        // What a file for Kubernetes leaves out only a cluster can tell.
        if (block.group(1).contains("services:")
            && !block.group(1).contains("orchestrator: {kubernetes:")) {
          examples.add(new Example(file, number, block.group(1)));
        }
      }
    }
    return examples;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsValidWithoutWarnings(Example example) {
    assertThatCode(
            () ->
                assertThat(ConfigurationReader.read(example.text, example.file).warnings())
                    .isEmpty())
        .doesNotThrowAnyException();
  }

  @Test
  void thereAreExamples() throws IOException {
    assertThat(examples().stream().map(Example::toString))
        .contains(
            "examples/kittens.yaml",
            "deploy/compose/microscale.yaml",
            "deploy/swarm/microscale.yaml",
            "docs/configuration.md block 1");
  }

  private static List<Path> files(String folder, String glob) throws IOException {
    var root = ROOT.resolve(folder);
    var matcher = root.getFileSystem().getPathMatcher("glob:" + root + "/" + glob);
    try (var files = Files.walk(root, folder.isEmpty() ? 1 : 10)) {
      return files.filter(matcher::matches).sorted().toList();
    }
  }
}
