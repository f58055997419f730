package io.microscale.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The secret that calls to the server must carry. It is never printed.
final class Token {
  static final String VARIABLE = "MICROSCALE_TOKEN";

  private static final int LARGEST = 4096;

  private Token() {}

  /// The token of the environment; an empty one is none.
  static Optional<String> ofEnvironment(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(VARIABLE))
        .map(String::strip)
        .filter(t -> !t.isEmpty());
  }

  /// The token of the environment, else of the file.
  ///
  /// @param warnings is told if others can read the file
  /// @throws CommandException if the file cannot be read or holds no token
  static Optional<String> of(
      Map<String, String> environment, Optional<Path> file, Consumer<String> warnings) {
    var token = ofEnvironment(environment);
    return token.isPresent() || file.isEmpty() ? token : Optional.of(read(file.get(), warnings));
  }

  private static String read(Path file, Consumer<String> warnings) {
    try {
      if (Files.size(file) > LARGEST) {
        throw CommandException.failed(
            "server.tokenFile: need at most %d bytes in %s".formatted(LARGEST, file));
      }
      if (isReadableByOthers(file)) {
        warnings.accept(
            ("server.tokenFile: %s can be read by every user of this host;"
                    + " chmod 600 keeps the token secret")
                .formatted(file));
      }
      var token = Files.readString(file).strip();
      if (token.isEmpty()) {
        throw CommandException.failed(
            "server.tokenFile: need a token in %s, got nothing".formatted(file));
      }
      return token;
    } catch (IOException e) {
      throw CommandException.failed(
          "server.tokenFile: %s cannot be read: %s".formatted(file, CommandException.reason(e)));
    }
  }

  private static boolean isReadableByOthers(Path file) throws IOException {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }
}
