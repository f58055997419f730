package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in the image that `deploy/image.sh` makes. That it runs is seen in [DeployIT] and
/// [HelmChartIT].
class ImageIT {
  private static final long LARGEST = 120_000_000;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Path image;

  @BeforeAll
  static void makeImage() throws Exception {
    assumeThat(System.getProperty("os.name")).isEqualTo("Linux");
    image = ImageFile.make(folder, "microscale:test");
    tar("-xf", image.toString(), "-C", folder.toString());
  }

  @Test
  void isSmall() throws Exception {
    assertThat(Files.size(image)).isLessThan(LARGEST);
  }

  @Test
  void runsAsAUserWithoutRights() throws Exception {
    assertThat(json("config.json").path("config").path("User").asText()).isEqualTo("65532:65532");
    assertThat(tar("-xOf", layer(), "./etc/passwd")).contains("microscale:x:65532:65532:");
  }

  @Test
  void isFoundUnderItsName() throws Exception {
    assertThat(json("manifest.json").path(0).path("RepoTags").path(0).asText())
        .isEqualTo("microscale:test");
  }

  @Test
  void nothingInItCanBeChangedByThatUserButTmp() throws Exception {
    // -rwxr-xr-x 0/0 123 2026-01-01 00:00 ./path
    var open =
        tar("--numeric-owner", "-tvf", layer())
            .lines()
            .filter(line -> !line.startsWith("l"))
            .filter(line -> line.charAt(8) == 'w' || !line.contains(" 0/0 "))
            .toList();
    assertThat(open).singleElement().asString().endsWith(" ./tmp/");
  }

  @Test
  void hasNeitherShellNorSetuid() throws Exception {
    assertThat(tar("-tvf", layer()).lines())
        .noneMatch(line -> line.matches(".*/(sh|bash|dash|busybox)$"))
        .noneMatch(line -> line.substring(0, 10).contains("s"));
  }

  private static JsonNode json(String file) throws Exception {
    return JSON.readTree(folder.resolve(file).toFile());
  }

  private static String layer() {
    return folder.resolve("layer.tar").toString();
  }

  private static String tar(String... words) throws Exception {
    var command = new ArrayList<>(List.of("tar"));
    command.addAll(List.of(words));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var out = process.getInputStream()) {
      var text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(String.join(" ", command)).isZero();
      return text;
    }
  }
}
