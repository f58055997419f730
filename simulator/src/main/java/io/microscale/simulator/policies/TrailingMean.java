package io.microscale.simulator.policies;

/// The mean of a metric over a window that ended some time ago, at O(1) amortised cost a value.
final class TrailingMean {
  private final double[] recent;
  private final int window;
  private final int age;
  private long added;
  private double sum;

  /// An empty window.
  ///
  /// @param window seconds that are averaged, one value each
  /// @param age seconds from the newest value that counts to the newest one
  TrailingMean(int window, int age) {
    Settings.require(window >= 1, "window: need >= 1", window);
    Settings.require(age >= 0, "age: need >= 0", age);
    recent = new double[window + age];
    this.window = window;
    this.age = age;
  }

  void add(double value) {
    int index = (int) (added % recent.length);
    if (added >= recent.length) {
      sum -= recent[index];
    }
    recent[index] = value;
    if (added >= age) {
      sum += recent[(int) ((added - age) % recent.length)];
    }
    added++;
    if (index == 0 && known()) {
      // Once a round the sum is made anew, so that rounding cannot pile up.
      sum = 0;
      for (int i = 0; i < count(); i++) {
        sum += recent[(int) ((added - 1 - age - i) % recent.length)];
      }
    }
  }

  /// Whether any value is old enough.
  boolean known() {
    return added > age;
  }

  /// The mean; of fewer values while the window is not full, 0 while nothing is known.
  double value() {
    return known() ? sum / count() : 0;
  }

  private int count() {
    return (int) Math.min(window, added - age);
  }
}
