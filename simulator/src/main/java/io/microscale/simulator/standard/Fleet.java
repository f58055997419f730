package io.microscale.simulator.standard;

/// The slots that the time-critical service holds: those that serve, and those that start, by age.
final class Fleet {
  /// How many were asked for at each of the last steps, at the step modulo the start latency.
  private final int[] askedFor;

  private int ready;
  private int starting;

  /// A fleet that serves already.
  Fleet(int startLatency, int ready) {
    this.askedFor = new int[startLatency];
    this.ready = ready;
  }

  int ready() {
    return ready;
  }

  int starting() {
    return starting;
  }

  int held() {
    return ready + starting;
  }

  /// Begins a step: what was asked for one start latency ago serves from now on.
  void begin(int step) {
    if (starting > 0) {
      int index = step % askedFor.length;
      ready += askedFor[index];
      starting -= askedFor[index];
      askedFor[index] = 0;
    }
  }

  /// Holds so many slots from this step on. What is given up goes at once, the youngest first.
  void hold(int step, int wanted) {
    int missing = wanted - held();
    if (missing > 0) {
      ask(step, missing);
    } else {
      giveUp(step, -missing);
    }
  }

  private void ask(int step, int count) {
    if (askedFor.length == 0) {
      ready += count;
    } else {
      askedFor[step % askedFor.length] += count;
      starting += count;
    }
  }

  private void giveUp(int step, int count) {
    int left = count;
    for (int age = 1; left > 0 && starting > 0; age++) {
      int index = Math.floorMod(step - age, askedFor.length);
      int given = Math.min(left, askedFor[index]);
      askedFor[index] -= given;
      starting -= given;
      left -= given;
    }
    ready -= left;
  }
}
