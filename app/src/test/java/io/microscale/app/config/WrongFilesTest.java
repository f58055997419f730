package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each file in `wrong/` says in its own `#!` lines which mistakes and warnings are to be found in
/// it, all of them and in this order.
class WrongFilesTest {
  private static final Path WRONG = Path.of("src/test/resources/wrong");

  static Stream<String> files() throws IOException {
    try (var files = Files.list(WRONG)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyMistakeIsFoundAtOnceWithItsPlace(String name) throws IOException {
    var text = Files.readString(WRONG.resolve(name));
    var expected =
        text.lines()
            .filter(line -> line.startsWith("#!"))
            .map(line -> line.substring(2).strip())
            .toList();

    var thrown =
        catchThrowableOfType(
            InvalidConfigurationException.class,
            () -> ConfigurationReader.read(text, Path.of(name)));

    assertThat(thrown).isNotNull();
    assertThat(
            Stream.concat(in(thrown.mistakes(), ""), in(thrown.warnings(), "warning: ")).toList())
        .isEqualTo(expected);
  }

  private static Stream<String> in(List<Mistake> mistakes, String kind) {
    return mistakes.stream().map(mistake -> kind + mistake.in("").substring(1));
  }
}
