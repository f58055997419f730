package io.microscale.core.demand;

import java.time.Duration;
import java.util.Optional;

/// A made-up or recorded demand: a pure function of the time since its start. The same moment gives
/// the same value, in whatever order moments are asked for.
public interface Generator {
  /// The demand at a moment.
  ///
  /// @param elapsed time since the start, not negative
  /// @return a finite number >= 0
  double valueAt(Duration elapsed);

  /// When the demand may next be another.
  ///
  /// @return later than `elapsed`; empty if it stays as it is for ever
  Optional<Duration> changesAfter(Duration elapsed);

  /// This demand as a source that starts when it is first read.
  default DemandSource source() {
    return new Schedule(this);
  }

  /// The first multiple of `interval` after `elapsed`.
  static Duration nextMultiple(Duration elapsed, Duration interval) {
    long step = interval.toNanos();
    return Duration.ofNanos((elapsed.toNanos() / step + 1) * step);
  }

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
        value.compareTo(Duration.ofMillis(1)) >= 0 && value.compareTo(Duration.ofDays(365)) <= 0,
        name + ": need 1ms to 365d",
        value);
  }
}
