package io.microscale.simulator.policies;

/// Whole replicas from broken ones.
final class Replicas {
  /// Sums and quotients of decimal fractions miss the whole number by less than this.
  private static final double ROUNDING = 1e-9;

  private Replicas() {}

  static int up(double replicas) {
    return (int) Math.ceil(replicas - ROUNDING);
  }

  static int down(double replicas) {
    return (int) Math.floor(replicas + ROUNDING);
  }
}
