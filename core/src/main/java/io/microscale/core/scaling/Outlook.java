package io.microscale.core.scaling;

import java.time.Duration;

/// What it takes to follow a rise and to undo it: what a learned headroom is learned for.
///
/// @param toReady from a claim to the replicas that answer it being ready, as measured, or assumed
///   while nothing was measured
/// @param lostByStop the work that a replica of lower priority loses when it makes room
/// @param lostByStart the time in which one that gets room again does no work yet
public record Outlook(Duration toReady, Duration lostByStop, Duration lostByStart) {
  /// Assumed of a start that was never seen.
  public static final Duration START = Duration.ofSeconds(1);

  /// Assumed of a resume that was never seen.
  public static final Duration RESUME = Duration.ofMillis(50);

  private static final Duration LOST_BY_STOP = Duration.ofSeconds(5);
  private static final Duration LOST_BY_START = Duration.ofSeconds(1);

  public Outlook {
    if (toReady.isNegative() || lostByStop.isNegative() || lostByStart.isNegative()) {
      throw new IllegalArgumentException(
          "outlook: need durations >= 0, got %s, %s, %s"
              .formatted(toReady, lostByStop, lostByStart));
    }
  }

  /// Whoever makes room is paused or slowed down: nothing is lost.
  public static Outlook pausing(Duration toReady) {
    return new Outlook(toReady, Duration.ZERO, Duration.ZERO);
  }

  /// Whoever makes room is stopped. Each stop is taken to lose 5 s of work, and each start to cost
  /// 1 s.
  public static Outlook stopping(Duration toReady) {
    return new Outlook(toReady, LOST_BY_STOP, LOST_BY_START);
  }
}
