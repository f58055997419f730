package io.microscale.orchestrators.process;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// When a started process counts as ready. One that is not ready in time is stopped, and that
/// counts as a crash.
public sealed interface Readiness {
  Duration WITHIN = Duration.ofSeconds(10);

  /// As soon as its program runs.
  record Started() implements Readiness {}

  /// Once a whole line of its output or error output has a match of `line`.
  record OutputLine(Pattern line, Duration within) implements Readiness {
    public OutputLine {
      requireWithin(within);
    }

    /// Once a line contains `text`, literally.
    public static OutputLine containing(String text, Duration within) {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("readiness.line: need some text, got ''");
      }
      return new OutputLine(Pattern.compile(Pattern.quote(text)), within);
    }
  }

  /// Once it takes connections on a port of the loopback address.
  ///
  /// @param port 1 to 65535; empty for the one chosen for the replica, `${PORT}`
  record TcpPort(OptionalInt port, Duration within) implements Readiness {
    public TcpPort {
      requireWithin(within);
      port.ifPresent(
          p -> {
            if (p < 1 || p > 65_535) {
              throw new IllegalArgumentException("readiness.port: need 1 to 65535, got " + p);
            }
          });
    }
  }

  private static void requireWithin(Duration within) {
    if (!within.isPositive() || within.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "readiness.within: need more than 0s and at most 1h, got " + within);
    }
  }
}
