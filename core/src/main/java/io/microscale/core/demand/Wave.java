package io.microscale.core.demand;

import java.time.Duration;
import java.util.Optional;

/// A demand that goes up and down evenly, from `low` at the start to `high` half a period later:
/// `low + (high - low) * (1 - cos(2 * pi * t / period)) / 2`.
///
/// @param interval how often it is read
public record Wave(Duration period, double low, double high, Duration interval)
    implements Generator {
  public Wave {
    Bounds.requireTime("wave.period", period);
    Bounds.requireTime("wave.interval", interval);
    Bounds.requireDemand("wave.low", low);
    Bounds.requireDemand("wave.high", high);
    Bounds.require(low <= high, "wave: need low <= high", "low=%s high=%s".formatted(low, high));
  }

  @Override
  public double valueAt(Duration elapsed) {
    double phase = (double) (elapsed.toNanos() % period.toNanos()) / period.toNanos();
    return low + (high - low) * (1 - Math.cos(2 * Math.PI * phase)) / 2;
  }

  @Override
  public Optional<Duration> changesAfter(Duration elapsed) {
    return low == high
        ? Optional.of(elapsed.plusSeconds(1))
        : Optional.of(Bounds.nextMultiple(elapsed, interval));
  }
}
