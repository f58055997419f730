package io.microscale.core.demand;

import java.time.Duration;

/// The rules that generators share.
final class Bounds {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofDays(365);

  private Bounds() {}

  static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, got %s".formatted(rule, value));
    }
  }

  static void requireDemand(String name, double value) {
    require(value >= 0 && Double.isFinite(value), name + ": need a finite number >= 0", value);
  }

  /// Requires a time that cannot overflow and cannot make anyone spin.
  static void requireTime(String name, Duration value) {
    require(
        value.compareTo(SHORTEST) >= 0 && value.compareTo(LONGEST) <= 0,
        name + ": need 1ms to 365 days",
        value);
  }

  /// The first multiple of `interval` after `elapsed`.
  static Duration nextMultiple(Duration elapsed, Duration interval) {
    long step = interval.toNanos();
    return Duration.ofNanos((elapsed.toNanos() / step + 1) * step);
  }
}
