package io.microscale.core.scaling;

/// How many replicas to claim beyond the present demand, to cover what may arrive while one starts.
public sealed interface Headroom {
  Fixed NONE = new Fixed(0, 0);

  /// What is safe for most while nothing has been learned: a quarter more, and one.
  Fixed UNLEARNED = new Fixed(25, 1);

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

    /// Adds the headroom.
    ///
    /// @param replicas the present demand in replicas, not rounded
    /// @return the replicas to claim in all, rounded up
    public int cover(double replicas) {
      return (int)
          Math.min(Ceiling.MOST, (long) Ceiling.of(replicas * (1 + percent / 100)) + extra);
    }
  }

  /// As much as the service's own past calls for: see [Learning].
  ///
  /// @param risk the part of the demand that may find no replica ready, above 0 and at most 0.1
  record Learned(double risk) implements Headroom {
    /// At most a thousandth of the demand finds no replica ready.
    public static final Learned DEFAULT = new Learned(0.001);

    public Learned {
      if (!(risk > 0 && risk <= 0.1)) {
        throw new IllegalArgumentException("headroom.risk: need above 0, at most 0.1, got " + risk);
      }
    }
  }
}
