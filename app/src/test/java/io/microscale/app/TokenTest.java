package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  private static final String SECRET = "correct-horse-battery";

  @TempDir private Path folder;

  private final List<String> warnings = new ArrayList<>();

  @Test
  void theEnvironmentComesBeforeTheFile() throws IOException {
    var file = file("of-the-file-1", "rw-------");
    assertThat(Token.of(Map.of(Token.VARIABLE, SECRET), Optional.of(file), warnings::add))
        .contains(SECRET);
    assertThat(Token.of(Map.of(), Optional.of(file), warnings::add)).contains("of-the-file-1");
    assertThat(Token.of(Map.of(Token.VARIABLE, " "), Optional.empty(), warnings::add)).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void aFileThatEveryoneCanReadIsWarnedOf() throws IOException {
    var file = file(SECRET + "\n", "rw-r--r--");
    assertThat(Token.of(Map.of(), Optional.of(file), warnings::add)).contains(SECRET);
    assertThat(warnings).singleElement().asString().contains("chmod 600").doesNotContain(SECRET);
  }

  @Test
  void aFileWithoutTokenIsRefused() throws IOException {
    var empty = file("\n", "rw-------");
    assertThatThrownBy(() -> Token.of(Map.of(), Optional.of(empty), warnings::add))
        .isInstanceOf(CommandException.class)
        .hasMessage("server.tokenFile: need a token in %s, got nothing", empty);
    var none = folder.resolve("none");
    assertThatThrownBy(() -> Token.of(Map.of(), Optional.of(none), warnings::add))
        .isInstanceOf(CommandException.class)
        .hasMessage("server.tokenFile: %s cannot be read: no such file or folder", none);
  }

  private Path file(String content, String permissions) throws IOException {
    var file = folder.resolve("token");
    Files.writeString(file, content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
