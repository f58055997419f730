package io.microscale.app.simulate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.config.Quantity;
import io.microscale.simulator.cluster.Latency;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Latencies as they are written on the command line: `800ms`, `200ms..2s` for anything between,
/// `800ms/3s` for a log-normal one with that median and 99th percentile, `file:PATH` for values
/// that were measured: a duration a line, or what `bench reaction --json` wrote.
final class LatencyText {
  private static final String FILE = "file:";
  private static final String FORM =
      "need a latency such as 800ms, 200ms..2s, 800ms/3s (median/p99) or file:PATH";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> REACTION_PARTS =
      List.of("firstMillis", "halfMillis", "allMillis");
  private static final int MOST_MEASURED = 1_000_000;

  private LatencyText() {}

  /// Reads a latency.
  ///
  /// @throws IllegalArgumentException naming the rule and the value that breaks it, for a file with
  ///   its name and line
  static Latency parse(String text) {
    if (text.startsWith(FILE)) {
      return recorded(Path.of(text.substring(FILE.length())));
    }
    try {
      int range = text.indexOf("..");
      if (range >= 0) {
        return Latency.between(
            Quantity.duration(text.substring(0, range)),
            Quantity.duration(text.substring(range + 2)));
      }
      int slash = text.indexOf('/');
      return slash >= 0
          ? new Latency.LogNormal(
              Quantity.duration(text.substring(0, slash)),
              Quantity.duration(text.substring(slash + 1)))
          : Latency.constant(Quantity.duration(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s, got '%s'".formatted(FORM, text), e);
    }
  }

  private static Latency recorded(Path file) {
    List<String> lines;
    try (var all = Files.lines(file)) {
      lines = all.limit(MOST_MEASURED + 1L).toList();
    } catch (IOException | UncheckedIOException e) {
      throw new IllegalArgumentException(
          "need a file of durations that can be read, got '%s'".formatted(file), e);
    }
    if (lines.size() > MOST_MEASURED) {
      throw new IllegalArgumentException(
          "%s: need at most %d lines, got more".formatted(file, MOST_MEASURED));
    }
    return recorded(
        file,
        !lines.isEmpty() && lines.getFirst().startsWith("{")
            ? ofReactions(file, String.join("\n", lines))
            : ofLines(file, lines));
  }

  private static Latency recorded(Path file, List<Duration> measured) {
    try {
      return new Latency.Recorded(measured);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /// How long the first, the middle and the last replica took in each round.
  private static List<Duration> ofReactions(Path file, String json) {
    try {
      var measured = new ArrayList<Duration>();
      for (var round : JSON.readTree(json).path("rounds")) {
        for (var part : REACTION_PARTS) {
          measured.add(Duration.ofNanos(Math.round(round.path(part).doubleValue() * 1e6)));
        }
      }
      return measured;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "%s: need what bench reaction --json wrote: %s".formatted(file, e.getOriginalMessage()),
          e);
    }
  }

  private static List<Duration> ofLines(Path file, List<String> lines) {
    var measured = new ArrayList<Duration>(lines.size());
    for (int line = 0; line < lines.size(); line++) {
      var text = lines.get(line).strip();
      if (!text.isEmpty()) {
        try {
          measured.add(Quantity.duration(text));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "%s: line %d: %s, got '%s'".formatted(file, line + 1, Quantity.DURATION, text), e);
        }
      }
    }
    return measured;
  }
}
