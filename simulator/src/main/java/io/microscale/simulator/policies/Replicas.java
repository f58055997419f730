package io.microscale.simulator.policies;

/// Whole replicas from broken ones, within what is allowed.
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

  /// The number nearest to `replicas` that a service may have; its minimum stands above the slots.
  static int within(int replicas, int min, int slots) {
    return Math.clamp(replicas, min, Math.max(min, slots));
  }
}
