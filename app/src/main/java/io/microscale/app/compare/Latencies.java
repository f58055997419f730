package io.microscale.app.compare;

import io.microscale.simulator.standard.Terms;
import java.util.Arrays;
import java.util.List;

/// The terms that `--latency` names.
final class Latencies {
  private static final String PAUSE = "pause";
  private static final int MOST = 12;
  private static final int LONGEST = 3600;

  private Latencies() {}

  /// Reads a list such as `1,pause,5`: a number of seconds is the start latency where room is made
  /// by stopping, `pause` is pause and standby.
  ///
  /// @throws IllegalArgumentException naming the rule and the value that breaks it
  static List<Terms> parse(String text) {
    var terms = Arrays.stream(text.split(",", -1)).map(Latencies::one).distinct().toList();
    if (terms.size() > MOST) {
      throw new IllegalArgumentException(
          "need at most %d different ones, got %d".formatted(MOST, terms.size()));
    }
    return terms;
  }

  private static Terms one(String text) {
    var word = text.strip();
    if (word.equals(PAUSE)) {
      return Terms.pausing();
    }
    int seconds;
    try {
      seconds = Integer.parseInt(word);
    } catch (NumberFormatException _) {
      seconds = -1;
    }
    if (seconds < 0 || seconds > LONGEST) {
      throw new IllegalArgumentException(
          "need whole seconds from 0 to %d or '%s', got '%s'".formatted(LONGEST, PAUSE, word));
    }
    return Terms.stopping(seconds);
  }

  /// What `--latency` calls these terms.
  static String name(Terms terms) {
    return terms.pauses() ? PAUSE : Integer.toString(terms.startLatency());
  }

  /// The terms in words.
  static String described(Terms terms) {
    return terms.pauses()
        ? "pause and standby: ready at once, nothing is lost"
        : "ready %d s after it is asked for; a stop loses %s s of batch work, a batch start costs %s s"
            .formatted(
                terms.startLatency(), plain(terms.stopLoses()), plain(terms.batchStartCosts()));
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
