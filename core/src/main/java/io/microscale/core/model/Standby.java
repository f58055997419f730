package io.microscale.core.model;

import java.time.Duration;

/// How many ready replicas a service keeps paused beside those that run.
///
/// @param most never more
/// @param expected only as many as the rise that is to be expected: what leads back to the highest
///   claim of the last [#REMEMBERED], at least one; and only in memory that nobody holds
public record Standby(int most, boolean expected) {
  /// How far back a claim may lie that is expected to come again.
  public static final Duration REMEMBERED = Duration.ofHours(1);

  public static final Standby NONE = new Standby(0, false);

  /// Exactly so many, also where others have to give up memory for them.
  public static Standby of(int replicas) {
    return new Standby(replicas, false);
  }

  /// As many as are to be expected, up to `most`.
  public static Standby auto(int most) {
    return new Standby(most, true);
  }

  public boolean isNone() {
    return most == 0;
  }

  /// How many to keep.
  ///
  /// @param claimed replicas claimed now
  /// @param peak the highest claim that is remembered
  public int beside(int claimed, int peak) {
    return expected ? Math.min(most, Math.max(1, peak - claimed)) : most;
  }
}
