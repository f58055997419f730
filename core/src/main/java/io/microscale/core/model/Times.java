package io.microscale.core.model;

import java.time.Duration;

/// The one bound on times that people choose, so that none overflows when it is added to a moment
/// or counted in nanoseconds.
final class Times {
  private static final Duration LONGEST = Duration.ofDays(365);

  private Times() {}

  static void requireBounded(String what, Duration value) {
    if (value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "%s: need at most 365 days, got %s".formatted(what, value));
    }
  }
}
