package io.microscale.app.demo;

import java.util.OptionalLong;

/// Evenly spaced arrivals at a rate that changes. Time is nanoseconds of any clock that never goes
/// back.
final class Arrivals {
  private static final double ROUNDING = 1e-6;

  private double perNano;
  private double share; // of the next arrival
  private long at;

  Arrivals(long now) {
    at = now;
  }

  /// From now on so many a second.
  void rate(double perSecond, long now) {
    share += perNano * (now - at);
    at = now;
    perNano = perSecond / 1e9;
  }

  /// How many have arrived since this was asked last.
  int due(long now) {
    share += perNano * (now - at);
    at = now;
    int whole = (int) (share + ROUNDING);
    share -= whole;
    return whole;
  }

  /// When the next one arrives; empty if none does at this rate.
  OptionalLong next() {
    return perNano > 0
        ? OptionalLong.of(at + (long) Math.max(0, Math.ceil((1 - share) / perNano)))
        : OptionalLong.empty();
  }
}
