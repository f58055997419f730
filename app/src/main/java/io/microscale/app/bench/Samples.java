package io.microscale.app.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/// At least one measured time.
///
/// @param millis in the order in which they were measured, in milliseconds
public record Samples(List<Double> millis) {
  public Samples {
    if (millis.isEmpty() || millis.stream().anyMatch(sample -> !(sample >= 0))) {
      throw new IllegalArgumentException("millis: need one time >= 0 or more, got " + millis);
    }
    millis = List.copyOf(millis);
  }

  public int count() {
    return millis.size();
  }

  /// The middle one, or the mean of the two in the middle.
  public double median() {
    var sorted = sorted();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /// The smallest sample that is at least as large as `percent` % of all (nearest rank).
  public double percentile(double percent) {
    if (!(percent > 0 && percent <= 100)) {
      throw new IllegalArgumentException("percent: need more than 0, at most 100, got " + percent);
    }
    var sorted = sorted();
    return sorted.get((int) Math.ceil(percent / 100 * sorted.size()) - 1);
  }

  public double min() {
    return sorted().getFirst();
  }

  public double max() {
    return sorted().getLast();
  }

  private List<Double> sorted() {
    return millis.stream().sorted().toList();
  }

  /// Adds `runs`, `medianMillis`, `p90Millis`, `minMillis`, `maxMillis` and `samplesMillis`.
  public void putInto(ObjectNode node) {
    node.put("runs", count())
        .put("medianMillis", rounded(median()))
        .put("p90Millis", rounded(percentile(90)))
        .put("minMillis", rounded(min()))
        .put("maxMillis", rounded(max()));
    var all = node.putArray("samplesMillis");
    millis.forEach(sample -> all.add(rounded(sample)));
  }

  /// To three decimals, as all documents have it.
  public static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }

  /// A number as people read it: one decimal below 10, none above.
  public static String shown(double value) {
    return String.format(Locale.ROOT, value < 9.95 ? "%.1f" : "%.0f", value);
  }
}
