package io.microscale.core.scaling;

/// Rounding up that forgives the last bits of a division: 3.0000000004 replicas are 3.
final class Ceiling {
  /// More replicas than any pool has: what larger numbers count as, so that none overflows.
  static final int MOST = 1_000_000_000;

  private static final double FORGIVEN = 1e-9;

  private Ceiling() {}

  /// Rounds up.
  ///
  /// @return the least integer >= `replicas - 1e-9 * max(1, replicas)`, at most [#MOST]
  static int of(double replicas) {
    return (int) Math.min(MOST, Math.ceil(replicas - FORGIVEN * Math.max(1, replicas)));
  }
}
