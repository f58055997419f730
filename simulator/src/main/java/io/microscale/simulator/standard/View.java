package io.microscale.simulator.standard;

/// What a rule may know when it decides. The object is one and the same at every step and shows the
/// present one: keep its values, not itself.
public interface View {
  /// The step that is decided, from 0.
  int step();

  /// The demand of the step before, in replicas; 0 at step 0.
  double seen();

  /// What was served of it, in replicas: the load that the ready replicas carried.
  double served();

  /// How many slots serve now, before the decision.
  int ready();

  /// How many slots are held and do not serve yet, before the decision.
  int starting();

  /// How many slots the pool has.
  int slots();

  /// The terms of the run.
  Terms terms();
}
