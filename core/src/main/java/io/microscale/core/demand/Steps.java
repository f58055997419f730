package io.microscale.core.demand;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A demand that keeps each level for its time, one after the other, and begins anew after the
/// last.
public record Steps(List<Level> levels) implements Generator {
  private static final int MOST = 10_000;

  /// One level and how long it lasts.
  public record Level(double demand, Duration lasts) {
    public Level {
      Bounds.requireDemand("step.levels.demand", demand);
      Bounds.requireTime("step.levels.lasts", lasts);
    }
  }

  public Steps {
    levels = List.copyOf(levels);
    Bounds.require(
        !levels.isEmpty() && levels.size() <= MOST,
        "step.levels: need 1 to " + MOST,
        levels.size());
    Bounds.requireTime(
        "step.levels.lasts, all together",
        levels.stream().map(Level::lasts).reduce(Duration.ZERO, Duration::plus));
  }

  @Override
  public double valueAt(Duration elapsed) {
    return levels.get(at(elapsed).index).demand();
  }

  @Override
  public Optional<Duration> changesAfter(Duration elapsed) {
    return Optional.of(elapsed.plus(at(elapsed).left));
  }

  private record Place(int index, Duration left) {}

  private Place at(Duration elapsed) {
    long round = 0;
    for (var level : levels) {
      round += level.lasts().toNanos();
    }
    long left = elapsed.toNanos() % round;
    int index = 0;
    while (left >= levels.get(index).lasts().toNanos()) {
      left -= levels.get(index).lasts().toNanos();
      index++;
    }
    return new Place(index, levels.get(index).lasts().minusNanos(left));
  }
}
