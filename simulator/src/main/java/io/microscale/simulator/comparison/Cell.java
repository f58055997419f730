package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Score;

/// One policy in one setting on one trace.
public record Cell(Policy policy, Score score) {
  /// So much of the demand may be unserved, in percent (DESIGN §7).
  public static final double UNSERVED_AT_MOST_PERCENT = 0.1;

  /// Whether what was unserved is little enough for the batch work to count.
  public boolean isSafe() {
    return score.unservedPercent() <= UNSERVED_AT_MOST_PERCENT;
  }
}
