package io.microscale.app.replay;

import io.microscale.core.loop.Decision;

/// How often and by how much other settings would have decided otherwise for one service.
///
/// Sums over time are in replica-seconds: what a pass decides counts until the next one.
final class ServiceTally {
  private final Figure claims = new Figure();
  private final Figure grants = new Figure();

  /// One number of a decision, recorded and made again.
  static final class Figure {
    private int recorded;
    private int again;
    private long different;
    private int mostAbove;
    private int mostBelow;
    private double recordedSeconds;
    private double aboveSeconds;
    private double belowSeconds;

    private void take(int then, int now) {
      recorded = then;
      again = now;
      if (then != now) {
        different++;
        mostAbove = Math.max(mostAbove, now - then);
        mostBelow = Math.max(mostBelow, then - now);
      }
    }

    private void last(double seconds) {
      recordedSeconds += recorded * seconds;
      aboveSeconds += Math.max(0, again - recorded) * seconds;
      belowSeconds += Math.max(0, recorded - again) * seconds;
    }

    /// Passes in which it came out otherwise.
    long different() {
      return different;
    }

    /// The largest rise over what was recorded.
    int mostAbove() {
      return mostAbove;
    }

    /// The largest fall below what was recorded.
    int mostBelow() {
      return mostBelow;
    }

    double recordedSeconds() {
      return recordedSeconds;
    }

    /// What it was above the recorded, summed over time.
    double aboveSeconds() {
      return aboveSeconds;
    }

    double belowSeconds() {
      return belowSeconds;
    }
  }

  void take(Decision recorded, Decision again) {
    claims.take(recorded.claim().replicas(), again.claim().replicas());
    grants.take(recorded.grant().granted(), again.grant().granted());
  }

  /// What was taken last was in force for so long.
  void last(double seconds) {
    claims.last(seconds);
    grants.last(seconds);
  }

  Figure claims() {
    return claims;
  }

  Figure grants() {
    return grants;
  }
}
