package io.microscale.core.scaling;

/// How many replicas to claim beyond the present demand, to cover what may arrive while one starts.
public sealed interface Headroom {
  Headroom NONE = new Fixed(0, 0);

  /// Adds the headroom.
  ///
  /// @param replicas the present demand in replicas, not rounded
  /// @return the replicas to claim in all, rounded up
  int cover(double replicas);

  /// `ceil(replicas * (1 + percent / 100)) + extra`, at most a thousand million.
  record Fixed(double percent, int extra) implements Headroom {
    public Fixed {
      if (!(percent >= 0 && percent <= 1000)) {
        throw new IllegalArgumentException("headroom.percent: need 0 to 1000, got " + percent);
      }
      if (extra < 0) {
        throw new IllegalArgumentException("headroom.replicas: need >= 0, got " + extra);
      }
    }

    @Override
    public int cover(double replicas) {
      return (int)
          Math.min(Ceiling.MOST, (long) Ceiling.of(replicas * (1 + percent / 100)) + extra);
    }
  }
}
