package io.microscale.simulator.cluster;

/// What goes wrong in a cluster, by chance.
///
/// @param failing the fraction of actions refused as `UNAVAILABLE`, not done
/// @param uncertain the fraction of actions that end `UNCERTAIN`, half of them done
/// @param failedStarts the fraction of starts that end before they are ready
/// @param lossesPerSecond how many replicas end by themselves, on average
/// @param nodeLossesPerHour how many nodes are lost with all that runs there, on average; the last
///   one never is
/// @param outage how long a lost node is away
/// @param unnoticed the fraction of changes that no watcher is told of
public record Faults(
    double failing,
    double uncertain,
    double failedStarts,
    double lossesPerSecond,
    double nodeLossesPerHour,
    Latency outage,
    double unnoticed) {
  public static final Faults NONE = new Faults(0, 0, 0, 0, 0, Latency.none(), 0);

  public Faults {
    requireFraction("failing", failing);
    requireFraction("uncertain", uncertain);
    requireFraction("failing + uncertain", failing + uncertain);
    requireFraction("failedStarts", failedStarts);
    requireRate("lossesPerSecond", lossesPerSecond);
    requireRate("nodeLossesPerHour", nodeLossesPerHour);
    requireFraction("unnoticed", unnoticed);
  }

  private static void requireFraction(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new IllegalArgumentException("faults.%s: need 0 to 1, got %s".formatted(name, value));
    }
  }

  private static void requireRate(String name, double value) {
    if (!(value >= 0 && value <= 1_000)) {
      throw new IllegalArgumentException(
          "faults.%s: need 0 to 1000, got %s".formatted(name, value));
    }
  }

  /// Actions that are refused, or whose end is not known.
  public static Faults ofActions(double failing, double uncertain) {
    return new Faults(failing, uncertain, 0, 0, 0, Latency.none(), 0);
  }

  public static Faults ofStarts(double failed) {
    return new Faults(0, 0, failed, 0, 0, Latency.none(), 0);
  }

  public static Faults ofReplicas(double lossesPerSecond) {
    return new Faults(0, 0, 0, lossesPerSecond, 0, Latency.none(), 0);
  }

  public static Faults ofNodes(double lossesPerHour, Latency outage) {
    return new Faults(0, 0, 0, 0, lossesPerHour, outage, 0);
  }

  public static Faults ofNotices(double unnoticed) {
    return new Faults(0, 0, 0, 0, 0, Latency.none(), unnoticed);
  }

  /// Both these and those; an outage of `others` replaces this one.
  public Faults and(Faults others) {
    return new Faults(
        failing + others.failing,
        uncertain + others.uncertain,
        failedStarts + others.failedStarts,
        lossesPerSecond + others.lossesPerSecond,
        nodeLossesPerHour + others.nodeLossesPerHour,
        others.outage.isNone() ? outage : others.outage,
        unnoticed + others.unnoticed);
  }
}
