package io.microscale.core.demand;

import java.time.Instant;

/// One answer of a demand source. Missing is never zero.
public sealed interface Reading {
  /// When it was true, or when it became known to be missing.
  Instant at();

  /// A demand in the unit of the source: requests a second, messages in a queue, a fraction of use,
  /// replicas.
  record Value(double value, Instant at) implements Reading {
    public Value {
      if (!Double.isFinite(value) || value < 0) {
        throw new IllegalArgumentException("reading: need a finite number >= 0, got " + value);
      }
    }
  }

  /// No answer, and why.
  record Missing(String why, Instant at) implements Reading {}

  /// A reading of whatever a source said: not a number, infinite or negative makes it missing, not
  /// an error.
  static Reading of(double value, Instant at) {
    if (!Double.isFinite(value) || value < 0) {
      return new Missing("need a finite number >= 0, got " + value, at);
    }
    return new Value(value, at);
  }
}
