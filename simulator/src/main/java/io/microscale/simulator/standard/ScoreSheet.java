package io.microscale.simulator.standard;

/// Adds up the seconds of a run to its score.
public final class ScoreSheet {
  /// What is below this much of a replica is rounding, not unserved demand.
  private static final double NOTHING = 1e-9;

  private static final double SECONDS_AN_HOUR = 3600;

  private final int slots;
  private final double clairvoyantBatch;
  private double demand;
  private double unserved;
  private double batchDone;
  private double batchLost;
  private long starts;
  private int steps;
  private int violations;

  /// An empty sheet.
  ///
  /// @param slots how many slots the pool has
  /// @param clairvoyantBatch the slot-seconds of batch work that a clairvoyant could do, as from
  ///   [Clairvoyant]
  public ScoreSheet(int slots, double clairvoyantBatch) {
    this.slots = slots;
    this.clairvoyantBatch = clairvoyantBatch;
  }

  /// Adds one second.
  ///
  /// @param demand in replicas
  /// @param ready how many replicas served; broken where some did for a part of it
  /// @param batchDone slot-seconds of batch work done, less `batchLost`
  /// @param batchLost slot-seconds of batch work that stops lost
  /// @param starts slots of either kind that were started or resumed
  /// @return the demand of this second that no replica served
  public double add(double demand, double ready, double batchDone, double batchLost, int starts) {
    double missing = Math.max(0, demand - ready);
    this.demand += demand;
    this.unserved += missing;
    this.batchDone += batchDone;
    this.batchLost += batchLost;
    this.starts += starts;
    steps++;
    if (missing > NOTHING) {
      violations++;
    }
    return missing;
  }

  /// The score of the seconds added so far.
  public Score score() {
    double done = Math.max(0, batchDone);
    return new Score(
        demand > 0 ? 100 * unserved / demand : 0,
        clairvoyantBatch > 0 ? 100 * done / clairvoyantBatch : 100,
        steps > 0 ? 100 * (demand - unserved + done) / ((double) slots * steps) : 0,
        violations,
        batchLost,
        steps > 0 ? starts * SECONDS_AN_HOUR / steps : 0,
        batchDone,
        clairvoyantBatch);
  }
}
