package io.microscale.app.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// How quiet the machine was before each of some samples: the idle share of all processors.
///
/// @param percents one for each sample for which it is known, 0 to 100
public record Idle(List<Double> percents) {
  public Idle {
    percents = List.copyOf(percents);
  }

  /// The mean; empty if it is unknown.
  public OptionalDouble mean() {
    return percents.stream().mapToDouble(Double::doubleValue).average();
  }

  /// The lowest; empty if it is unknown.
  public OptionalDouble lowest() {
    return percents.stream().mapToDouble(Double::doubleValue).min();
  }

  /// Samples before which the machine was busier than `limitPercent` idle.
  public long below(double limitPercent) {
    return percents.stream().filter(percent -> percent < limitPercent).count();
  }

  /// Adds `idleBeforePercent` with `mean` and `lowest`, each null if unknown.
  public void putInto(ObjectNode node) {
    var idle = node.putObject("idleBeforePercent");
    put(idle, "mean", mean());
    put(idle, "lowest", lowest());
  }

  private static void put(ObjectNode node, String key, OptionalDouble value) {
    if (value.isPresent()) {
      node.put(key, Samples.rounded(value.getAsDouble()));
    } else {
      node.putNull(key);
    }
  }

  /// Collects what [Quiet#gap()] says.
  public static final class Collector {
    private final List<Double> percents = new ArrayList<>();

    public void add(OptionalDouble percent) {
      percent.ifPresent(percents::add);
    }

    public Idle idle() {
      return new Idle(percents);
    }
  }
}
