package io.microscale.orchestrators.kubernetes;

/// The deletion costs that mark victims: the lowest there are, which nobody gives a pod to keep it.
final class DeletionCosts {
  private static final int SPAN = 1_000_000;

  private DeletionCosts() {}

  /// @param order 0 for the one that is to go first
  static int of(int order) {
    return Integer.MIN_VALUE + Math.min(order, SPAN - 1);
  }

  static boolean isOurs(int cost) {
    return cost < Integer.MIN_VALUE + SPAN;
  }
}
