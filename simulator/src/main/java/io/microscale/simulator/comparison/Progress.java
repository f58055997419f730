package io.microscale.simulator.comparison;

/// Hears how far it is. It is called on the thread that waits for the result.
@FunctionalInterface
public interface Progress {
  /// Hears nothing.
  Progress NONE = (_, _) -> {};

  /// So many of all runs have been made.
  void made(int runs, int of);
}
