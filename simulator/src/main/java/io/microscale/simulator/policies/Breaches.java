package io.microscale.simulator.policies;

/// How many of the last checks were breached.
final class Breaches {
  private final boolean[] recent;
  private int added;
  private int count;

  /// No check breached so far.
  ///
  /// @param checks how many of the last checks count
  Breaches(int checks) {
    recent = new boolean[checks];
  }

  /// Adds a check and returns how many of the last were breached, this one included.
  int add(boolean breached) {
    int index = added % recent.length;
    if (recent[index]) {
      count--;
    }
    recent[index] = breached;
    if (breached) {
      count++;
    }
    added++;
    return count;
  }

  /// Whether all that count were breached.
  boolean all() {
    return count == recent.length;
  }
}
