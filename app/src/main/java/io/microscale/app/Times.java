package io.microscale.app;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;

/// Times as people write and read them.
public final class Times {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT);
  private static final DateTimeFormatter DATE_AND_CLOCK =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);
  private static final Pattern AGO = Pattern.compile("(\\d{1,6})(s|m|h) ago");

  private Times() {}

  /// How long, to the digit that matters: `85 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`.
  public static String span(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return Math.max(0, millis) + " ms";
    }
    long seconds = duration.toSeconds();
    if (seconds < 10) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200
        ? "%d min %d s".formatted(seconds / 60, seconds % 60)
        : "%d h %d min".formatted(seconds / 3600, seconds / 60 % 60);
  }

  static String span(Instant from, Instant to) {
    return span(Duration.between(from, to));
  }

  /// The time of day here, with the date unless it is today's.
  static String local(Instant instant, Instant now, ZoneId zone) {
    var there = instant.atZone(zone);
    return (there.toLocalDate().equals(now.atZone(zone).toLocalDate()) ? CLOCK : DATE_AND_CLOCK)
        .format(there);
  }

  /// Reads what people write for a moment in the past: `2026-01-31T03:12:00Z`, `2026-01-31T03:12`
  /// (here), `03:12` (the last time it was that here), `5m ago`.
  ///
  /// @throws IllegalArgumentException if it is none of these
  static Instant past(String text, Instant now, ZoneId zone) {
    var ago = AGO.matcher(text);
    if (ago.matches()) {
      long count = Long.parseLong(ago.group(1));
      return now.minus(
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
          });
    }
    try {
      if (text.indexOf('T') < 0) {
        var here = now.atZone(zone);
        var today = here.with(LocalTime.parse(text));
        return (today.toInstant().isAfter(now) ? today.minusDays(1) : today).toInstant();
      }
      return text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d")
          ? ZonedDateTime.parse(text).toInstant()
          : LocalDateTime.parse(text).atZone(zone).toInstant();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "need a time such as 2026-01-31T03:12:00Z, 2026-01-31T03:12, 03:12 or '5m ago', got '%s'"
              .formatted(text),
          e);
    }
  }

  /// A text from elsewhere without what a terminal would take as a command.
  public static String printable(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) ? ' ' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
