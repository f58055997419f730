package io.microscale.app;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The terminal behind the error output.
///
/// @param columns at least 1, as `lines`
public record Terminal(int columns, int lines) {
  private static final int COLUMNS = 80;
  private static final int LINES = 24;

  /// The terminal as it is now; empty if the error output goes elsewhere or the terminal can only
  /// print.
  public static Optional<Terminal> look(Map<String, String> environment) {
    if (environment.getOrDefault("TERM", "dumb").equals("dumb")) {
      return Optional.empty();
    }
    try {
      var stty =
          new ProcessBuilder("sh", "-c", "test -t 2 && stty size <&2")
              .redirectInput(Redirect.from(new File("/dev/null")))
              .redirectError(Redirect.INHERIT)
              .start();
      var said = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      return stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0
          ? Optional.of(parse(said, environment))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /// Reads `ROWS COLUMNS`. The environment has the last word; 0 means that the terminal does not
  /// know.
  static Terminal parse(String said, Map<String, String> environment) {
    var words = said.strip().split(" ", -1);
    return new Terminal(
        size(
            environment.getOrDefault("COLUMNS", ""),
            size(words.length == 2 ? words[1] : "", COLUMNS)),
        size(environment.getOrDefault("LINES", ""), size(words[0], LINES)));
  }

  private static int size(String text, int otherwise) {
    try {
      int size = Integer.parseInt(text);
      return size > 0 ? size : otherwise;
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }
}
