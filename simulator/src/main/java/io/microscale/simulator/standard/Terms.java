package io.microscale.simulator.standard;

/// The terms of a run: what the pool is, and what changing its use costs.
///
/// @param slots how many equal slots the service and the batch work share
/// @param startLatency steps from asking for a slot to serving in it; 0: it serves in the same step
/// @param pauses whether room is made by pausing: replicas of both kinds then wait beside the ones
///   that run, as standbys, and nothing is started or stopped
/// @param stopLoses slot-seconds of batch work that each stop of a batch replica loses
/// @param batchStartCosts slot-seconds that a batch replica holds its slot without work after each
///   start
public record Terms(
    int slots, int startLatency, boolean pauses, double stopLoses, double batchStartCosts) {
  private static final int MOST_SLOTS = 1_000_000;
  private static final int LONGEST_START = 86_400;
  private static final int STANDARD_SLOTS = 100;

  public Terms {
    require(slots >= 1 && slots <= MOST_SLOTS, "slots: need 1 to " + MOST_SLOTS, slots);
    require(
        startLatency >= 0 && startLatency <= LONGEST_START,
        "startLatency: need 0 to " + LONGEST_START + " steps",
        startLatency);
    requireCost("stopLoses", stopLoses);
    requireCost("batchStartCosts", batchStartCosts);
    require(
        !pauses || startLatency == 0,
        "startLatency: need 0 where room is made by pausing",
        startLatency);
  }

  /// The standard terms with stops: 100 slots, a stop loses 5 s of batch work and a batch start
  /// costs 1 s.
  public static Terms stopping(int startLatency) {
    return new Terms(STANDARD_SLOTS, startLatency, false, 5, 1);
  }

  /// The standard terms with pause and standby: 100 slots, ready at once, nothing lost.
  public static Terms pausing() {
    return new Terms(STANDARD_SLOTS, 0, true, 0, 0);
  }

  /// What reports call these terms: `pause`, or `L=` and the start latency.
  public String name() {
    return pauses ? "pause" : "L=" + startLatency;
  }

  private static void requireCost(String name, double value) {
    require(value >= 0 && Double.isFinite(value), name + ": need a finite number >= 0", value);
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, got %s".formatted(rule, value));
    }
  }
}
