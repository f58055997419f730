package io.microscale.app.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

/// Amounts and durations as Kubernetes writes them.
public final class Quantity {
  public static final String CPU = "need cores such as 2, 0.5 or 500m";
  public static final String BYTES = "need bytes such as 256Mi, 1Gi or 1000000, at most 8Ti";
  public static final String DURATION =
      "need a duration such as 30s, 250ms or 1m30s, at most 8760h";

  // Beyond this a sum over a million replicas could overflow.
  private static final BigDecimal LARGEST = BigDecimal.valueOf(1L << 43);
  private static final Pattern AMOUNT =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)(m|k|M|G|T|Ki|Mi|Gi|Ti|e\\d{1,2})?");
  private static final Pattern DURATIONS =
      Pattern.compile("0|(?:\\d{1,9}(?:\\.\\d{1,9})?(?:ms|us|h|m|s))+");
  private static final Pattern DURATION_PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|us|h|m|s)");
  private static final Map<String, BigDecimal> NANOS =
      Map.of(
          "us", BigDecimal.valueOf(1_000),
          "ms", BigDecimal.valueOf(1_000_000),
          "s", BigDecimal.valueOf(1_000_000_000),
          "m", BigDecimal.valueOf(60_000_000_000L),
          "h", BigDecimal.valueOf(3_600_000_000_000L));
  private static final BigDecimal YEAR = BigDecimal.valueOf(8760L * 3_600_000_000_000L);

  private Quantity() {}

  /// Reads cores.
  ///
  /// @return thousandths of a core
  /// @throws NumberFormatException if it is none, or finer than a thousandth
  public static long milliCores(String text) {
    return whole(amount(text).movePointRight(3));
  }

  /// Reads bytes.
  ///
  /// @throws NumberFormatException if it is none, or no whole number of bytes
  public static long bytes(String text) {
    return whole(amount(text));
  }

  /// Reads a duration.
  ///
  /// @throws NumberFormatException if it is none, or longer than a year
  public static Duration duration(String text) {
    if (!DURATIONS.matcher(text).matches()) {
      throw new NumberFormatException(text);
    }
    var nanos = BigDecimal.ZERO;
    var parts = DURATION_PART.matcher(text);
    while (parts.find()) {
      nanos = nanos.add(new BigDecimal(parts.group(1)).multiply(scale(NANOS, parts.group(2))));
    }
    if (nanos.compareTo(YEAR) > 0) {
      throw new NumberFormatException(text);
    }
    return Duration.ofNanos(nanos.longValue());
  }

  private static BigDecimal amount(String text) {
    var match = AMOUNT.matcher(text);
    if (!match.matches()) {
      throw new NumberFormatException(text);
    }
    var number = new BigDecimal(match.group(1));
    var unit = match.group(2);
    if (unit == null) {
      return number;
    }
    if (unit.startsWith("e")) {
      return number.movePointRight(Integer.parseInt(unit.substring(1)));
    }
    return unit.equals("m")
        ? number.movePointLeft(3)
        : number.multiply(
            BigDecimal.valueOf(unit.endsWith("i") ? 1024 : 1000).pow(power(unit.charAt(0))));
  }

  private static int power(char unit) {
    return switch (unit) {
      case 'k', 'K' -> 1;
      case 'M' -> 2;
      case 'G' -> 3;
      default -> 4;
    };
  }

  private static BigDecimal scale(Map<String, BigDecimal> units, String unit) {
    var scale = units.get(unit);
    if (scale == null) {
      throw new NumberFormatException(unit);
    }
    return scale;
  }

  private static long whole(BigDecimal number) {
    if (number.compareTo(LARGEST) > 0) {
      throw new NumberFormatException(number + " is too large");
    }
    try {
      return number.longValueExact();
    } catch (ArithmeticException e) {
      throw new NumberFormatException(number + " is no whole number");
    }
  }
}
