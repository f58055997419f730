package io.microscale.simulator.policies;

/// When a rule looks again: at whole multiples of its interval, and not while it cools down.
final class Pace {
  private final int intervalSeconds;
  private final int cooldownSeconds;
  private int coolUntil;

  /// A pace that may look at once.
  ///
  /// @param cooldownSeconds how long it does not look after a change
  Pace(int intervalSeconds, int cooldownSeconds) {
    this.intervalSeconds = intervalSeconds;
    this.cooldownSeconds = cooldownSeconds;
  }

  /// Whether it looks at this second.
  boolean due(int second) {
    return second % intervalSeconds == 0 && second >= coolUntil;
  }

  /// Tells what came of the look at this second.
  void changed(int second, boolean change) {
    if (change) {
      coolUntil = second + cooldownSeconds;
    }
  }
}
