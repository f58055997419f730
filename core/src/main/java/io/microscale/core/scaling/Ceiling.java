package io.microscale.core.scaling;

/// Rounding up that forgives the last bits of a division: 3.0000000004 replicas are 3.
final class Ceiling {
  private static final double FORGIVEN = 1e-9;

  private Ceiling() {}

  /// Rounds up.
  ///
  /// @return the least integer >= `replicas - 1e-9 * replicas`, at most a thousand million
  static int of(double replicas) {
    return (int) Math.min(1_000_000_000, Math.ceil(replicas - FORGIVEN * Math.max(1, replicas)));
  }
}
