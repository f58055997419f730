package io.microscale.simulator.standard;

/// What a rule may know when it decides. The object is one and the same at every step and shows the
/// present one: keep its values, not itself.
public interface View {
  /// The step that is decided, from 0.
  int step();

  /// The demand of the step before, in replicas; 0 at step 0.
  double seen();

  /// How many slots served in the step before; 0 at step 0.
  int serving();

  /// What they served of the demand, in replicas.
  default double served() {
    return Math.min(seen(), serving());
  }

  /// How busy they were, from 0 to 1. Where nothing served, any demand makes it 1.
  default double utilisation() {
    int serving = serving();
    return serving > 0 ? served() / serving : Math.min(1, Math.ceil(seen()));
  }

  /// How many slots serve now, before the decision.
  int ready();

  /// How many slots are held and do not serve yet, before the decision.
  int starting();

  /// How many slots the pool has.
  int slots();

  /// The terms of the run.
  Terms terms();
}
