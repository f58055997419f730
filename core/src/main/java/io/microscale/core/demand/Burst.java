package io.microscale.core.demand;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A demand of `base`, and of `base + size` for `length` from the start of each burst. Bursts start
/// at random, on average one every `gap` (a Poisson process, so the gaps between starts are
/// exponential); those that overlap make one long burst, not a higher one.
///
/// Made so that any moment can be looked up: time is cut into windows as long as `gap`, each with a
/// Poisson number of starts of mean 1, spread evenly.
public record Burst(long seed, double base, double size, Duration length, Duration gap)
    implements Generator {
  private static final int MOST_IN_A_WINDOW = 16;
  private static final int MOST_WINDOWS = 100;
  private static final int COUNTS = 0;
  private static final int PLACES = 1;

  public Burst {
    Bounds.requireDemand("burst.base", base);
    Bounds.requireDemand("burst.size", size);
    Bounds.requireTime("burst.length", length);
    Bounds.requireTime("burst.gap", gap);
    Bounds.require(
        length.compareTo(gap.multipliedBy(MOST_WINDOWS)) <= 0,
        "burst.length: need at most %d times the gap of %s".formatted(MOST_WINDOWS, gap),
        length);
  }

  @Override
  public double valueAt(Duration elapsed) {
    long at = elapsed.toNanos();
    for (long start : starts(at - length.toNanos(), at)) {
      if (start <= at && at - start < length.toNanos()) {
        return base + size;
      }
    }
    return base;
  }

  @Override
  public Optional<Duration> changesAfter(Duration elapsed) {
    long at = elapsed.toNanos();
    long next = at + gap.toNanos();
    for (long start : starts(at - length.toNanos(), next)) {
      for (long change : List.of(start, start + length.toNanos())) {
        if (change > at && change < next) {
          next = change;
        }
      }
    }
    return Optional.of(Duration.ofNanos(next));
  }

  /// The starts in all windows that the time from `first` to `last` touches.
  private List<Long> starts(long first, long last) {
    var starts = new ArrayList<Long>();
    long window = gap.toNanos();
    for (long w = Math.max(0, Math.floorDiv(first, window)); w <= last / window; w++) {
      int count = poisson(Noise.at(seed, COUNTS, w));
      for (int i = 0; i < count; i++) {
        double place = Noise.at(seed, PLACES, w * MOST_IN_A_WINDOW + i);
        starts.add(w * window + (long) (place * window));
      }
    }
    return starts;
  }

  /// The Poisson number of mean 1 that belongs to a quantile.
  private static int poisson(double quantile) {
    int count = 0;
    double probability = Math.exp(-1);
    for (double left = quantile; left >= probability && count < MOST_IN_A_WINDOW; ) {
      left -= probability;
      count++;
      probability /= count;
    }
    return count;
  }
}
