package io.microscale.simulator.standard;

/// The largest of the last values of a series, at O(1) amortised cost a value and without
/// allocation.
public final class SlidingMaximum {
  /// A queue of values that fall from head to tail, each with the time it came.
  private final double[] values;

  private final long[] times;
  private int head;
  private int size;
  private long now;

  /// An empty window.
  ///
  /// @param length how many values it holds, the newest included
  public SlidingMaximum(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("length: need >= 1, got " + length);
    }
    values = new double[length];
    times = new long[length];
  }

  /// Adds the newest value and returns the largest in the window.
  public double add(double value) {
    now++;
    if (size > 0 && times[head] <= now - values.length) {
      head = next(head);
      size--;
    }
    int tail = wrapped(head + size);
    while (size > 0 && values[before(tail)] <= value) {
      tail = before(tail);
      size--;
    }
    values[tail] = value;
    times[tail] = now;
    size++;
    return values[head];
  }

  private int next(int index) {
    return wrapped(index + 1);
  }

  private int before(int index) {
    return index == 0 ? values.length - 1 : index - 1;
  }

  private int wrapped(int index) {
    return index >= values.length ? index - values.length : index;
  }
}
