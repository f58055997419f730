package io.microscale.app.bench.reaction.kubernetes;

import java.util.OptionalDouble;

/// Answers a step of demand in its own way.
interface Contestant {
  /// In a few words, the same in all documents.
  String name();

  /// Makes the node full, waits for `quiet`, and answers one step.
  Turn turn(Quietness quiet) throws InterruptedException;

  /// Waits until nothing else is going on.
  interface Quietness {
    /// Returns how much of the processors was idle at last, in percent; empty if that is unknown.
    OptionalDouble await() throws InterruptedException;
  }
}
