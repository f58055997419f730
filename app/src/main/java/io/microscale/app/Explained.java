package io.microscale.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Locale;

/// Parts of an engine's answers in words.
final class Explained {
  private Explained() {}

  /// A number with at most two digits behind the point; `-` for none.
  static String number(JsonNode number) {
    if (!number.isNumber()) {
      return "-";
    }
    return number.isIntegralNumber() || number.asDouble() == Math.rint(number.asDouble())
        ? String.valueOf(number.asLong())
        : String.format(Locale.ROOT, "%.2f", number.asDouble());
  }

  /// As in the configuration: `cpu 1500m, memory 256Mi, slots 1`.
  static String resources(JsonNode resources) {
    var text = new StringBuilder();
    resources
        .properties()
        .forEach(
            entry ->
                text.append(text.isEmpty() ? "" : ", ")
                    .append(entry.getKey())
                    .append(' ')
                    .append(amount(entry.getKey(), entry.getValue().asLong())));
    return text.isEmpty() ? "nothing" : text.toString();
  }

  private static String amount(String name, long amount) {
    if (name.equals("cpu")) {
      return amount % 1000 == 0 ? String.valueOf(amount / 1000) : amount + "m";
    }
    if (name.equals("memory") && amount != 0 && amount % (1 << 20) == 0) {
      return (amount >> 20) + "Mi";
    }
    return String.valueOf(amount);
  }

  static String micros(String duration) {
    return Duration.parse(duration).toNanos() / 1000 + " µs";
  }

  static String percentiles(JsonNode figures, String unit) {
    if (figures.path("count").asLong() == 0) {
      return "none measured yet";
    }
    return "p50 %s %s, p90 %s %s, p99 %s %s, max %s %s, of %d"
        .formatted(
            number(figures.path("p50")),
            unit,
            number(figures.path("p90")),
            unit,
            number(figures.path("p99")),
            unit,
            number(figures.path("max")),
            unit,
            figures.path("count").asLong());
  }

  /// `start web-7 on host-1: REASON`, or `scale web to 5: REASON`.
  static String step(JsonNode step) {
    return Times.printable(action(step.path("action")) + ": " + step.path("reason").asText());
  }

  static String action(JsonNode action) {
    var subject =
        action.hasNonNull("replica")
            ? action.path("replica").asText()
            : action.path("service").asText() + " to " + action.path("replicas").asInt();
    return Times.printable(
        "%s %s%s"
            .formatted(
                action.path("verb").asText(),
                subject,
                action.hasNonNull("node") ? " on " + action.path("node").asText() : ""));
  }

  static String replicas(JsonNode counts) {
    return "%d ready, %d starting, %d paused, %d stopping"
        .formatted(
            counts.path("running").asInt(),
            counts.path("starting").asInt(),
            counts.path("paused").asInt(),
            counts.path("stopping").asInt());
  }
}
