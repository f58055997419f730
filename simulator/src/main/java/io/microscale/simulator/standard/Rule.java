package io.microscale.simulator.standard;

/// Decides, once a step, how many slots the time-critical service holds. It remembers what it has
/// seen, so one object serves one run.
@FunctionalInterface
public interface Rule {
  /// How many slots to hold from this step on; what is below 0 or above the pool's slots is cut.
  int wanted(View view);
}
