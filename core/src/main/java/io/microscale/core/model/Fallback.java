package io.microscale.core.model;

import java.time.Duration;

/// What a service claims once its demand has been unknown for `after`: exactly `replicas`. Until
/// then, and for ever without a fallback, it holds what it claimed last.
public record Fallback(Duration after, int replicas) {
  public Fallback {
    if (after.isNegative() || after.isZero()) {
      throw new IllegalArgumentException("fallback.after: need more than 0s, got " + after);
    }
    Times.requireBounded("fallback.after", after);
    if (replicas < 0) {
      throw new IllegalArgumentException("fallback.replicas: need >= 0, got " + replicas);
    }
  }
}
