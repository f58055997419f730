package io.microscale.simulator.policies;

/// How many pods the Knative pod autoscaler wants, before its panic mode.
final class KnativeFormula {
  private static final double PANIC_THRESHOLD = 2;

  private KnativeFormula() {}

  /// What the two windows ask for.
  ///
  /// @param stable by the mean of the stable window
  /// @param panic by the mean of the panic window
  /// @param over whether the panic window asks for so much that the autoscaler panics
  record Desired(int stable, int panic, boolean over) {}

  /// What the two windows ask for, within what a step may change.
  ///
  /// @param stable mean concurrency of the stable window
  /// @param panic mean concurrency of the panic window
  /// @param readyPods pods that serve
  /// @param target concurrency that a pod should have, at least 0.01
  /// @param upRate by how much the pods may be multiplied
  /// @param downRate by how much they may be divided
  static Desired desired(
      double stable, double panic, int readyPods, double target, double upRate, double downRate) {
    int ready = Math.max(1, readyPods);
    double each = Math.max(0.01, target);
    int least = (int) Math.floor(ready / downRate);
    int most = (int) Math.ceil(Math.min(Integer.MAX_VALUE, upRate * ready));
    int byPanic = Replicas.up(panic / each);
    return new Desired(
        Math.clamp(Replicas.up(stable / each), least, most),
        Math.clamp(byPanic, least, most),
        (double) byPanic / ready >= PANIC_THRESHOLD);
  }
}
