package io.microscale.core.demand;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The text form of a trace: a header, `t_s,demand` or `t_s,value`, then one point a line, with
/// times that rise. Empty lines are passed over.
public final class TraceCsv {
  private static final int LONGEST_LINE = 200;
  private static final List<String> HEADERS = List.of("t_s,demand", "t_s,value");

  private TraceCsv() {}

  /// Reads the points of a trace.
  ///
  /// @throws IllegalArgumentException naming the line, the rule and the value that breaks it
  public static List<Trace.Point> parse(Reader text) throws IOException {
    var points = new ArrayList<Trace.Point>();
    try (var lines = new Lines(new BufferedReader(text))) {
      var header = lines.next();
      if (header == null || !HEADERS.contains(header.replace("\uFEFF", "").strip())) {
        throw lines.mistake("need the header " + HEADERS.getFirst(), String.valueOf(header));
      }
      for (var line = lines.next(); line != null; line = lines.next()) {
        if (line.isBlank()) {
          continue;
        }
        if (points.size() == Trace.MOST_POINTS) {
          throw lines.mistake("need at most " + Trace.MOST_POINTS + " points", "more");
        }
        points.add(point(lines, line, points));
      }
      if (points.isEmpty()) {
        throw lines.mistake("need at least one point", "none");
      }
    }
    return List.copyOf(points);
  }

  private static Trace.Point point(Lines lines, String line, List<Trace.Point> before) {
    int comma = line.indexOf(',');
    if (comma < 0 || line.indexOf(',', comma + 1) >= 0) {
      throw lines.mistake("need t_s,demand", line);
    }
    var point =
        new Trace.Point(
            lines.number("t_s", line.substring(0, comma)),
            lines.number("demand", line.substring(comma + 1)));
    if (!before.isEmpty() && point.seconds() <= before.getLast().seconds()) {
      throw lines.mistake(
          "t_s: need more than the %s of the point before".formatted(before.getLast().seconds()),
          line.substring(0, comma).strip());
    }
    return point;
  }

  /// Reads lines of bounded length and counts them.
  private static final class Lines implements AutoCloseable {
    private final BufferedReader text;
    private int number;

    Lines(BufferedReader text) {
      this.text = text;
    }

    @Nullable String next() throws IOException {
      number++;
      var line = new StringBuilder();
      int c = text.read();
      if (c < 0) {
        return null;
      }
      for (; c >= 0 && c != '\n'; c = text.read()) {
        if (line.length() == LONGEST_LINE) {
          throw mistake(
              "need at most " + LONGEST_LINE + " characters", line.substring(0, 20) + "…");
        }
        line.append((char) c);
      }
      return line.toString();
    }

    double number(String name, String field) {
      double value;
      try {
        value = Double.parseDouble(field.strip());
      } catch (NumberFormatException _) {
        throw mistake(name + ": need a number", field.strip());
      }
      if (!(value >= 0 && Double.isFinite(value))) {
        throw mistake(name + ": need a finite number >= 0", field.strip());
      }
      return value;
    }

    IllegalArgumentException mistake(String rule, String value) {
      return new IllegalArgumentException(
          "line %d: %s, got '%s'".formatted(number, rule, value.strip()));
    }

    @Override
    public void close() throws IOException {
      text.close();
    }
  }
}
