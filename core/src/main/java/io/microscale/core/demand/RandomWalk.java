package io.microscale.core.demand;

import java.time.Duration;
import java.util.Optional;

/// A demand that wanders between 0 and `max` and now and then jumps.
///
/// It moves every `interval`. Each 16 moves lead from one random level to another, by steps of at
/// most about `stride` each way, reflected at 0 and at `max`; the next 16 go on from there or, with
/// the chance `jump`, from a level of their own.
///
/// @param stride the largest random part of one move, as a fraction of `max`
/// @param jump the chance of a jump at the end of 16 moves
public record RandomWalk(long seed, double max, Duration interval, double stride, double jump)
    implements Generator {
  private static final int MOVES = 16;
  private static final int LEVELS = 0;
  private static final int ENDS = 1;
  private static final int JUMPS = 2;
  private static final int STEPS = 3;

  public RandomWalk {
    Bounds.require(max > 0 && Double.isFinite(max), "random.max: need a finite number > 0", max);
    Bounds.requireTime("random.interval", interval);
    Bounds.require(stride >= 0 && stride <= 1, "random.stride: need a fraction in [0, 1]", stride);
    Bounds.require(jump >= 0 && jump <= 1, "random.jump: need a fraction in [0, 1]", jump);
  }

  /// Moves twice a second by up to a tenth, and jumps after every second stretch of 16 moves.
  public static RandomWalk upTo(double max, long seed) {
    return new RandomWalk(seed, max, Duration.ofMillis(500), 0.1, 0.5);
  }

  @Override
  public double valueAt(Duration elapsed) {
    long moves = elapsed.toNanos() / interval.toNanos();
    long stretch = moves / MOVES;
    int within = (int) (moves % MOVES);
    double from = Noise.at(seed, LEVELS, stretch);
    double to =
        Noise.at(seed, JUMPS, stretch) < jump
            ? Noise.at(seed, ENDS, stretch)
            : Noise.at(seed, LEVELS, stretch + 1);
    double walked = 0;
    double whole = 0;
    for (int i = 0; i < MOVES; i++) {
      double step = (2 * Noise.at(seed, STEPS, stretch * MOVES + i) - 1) * stride;
      walked += i < within ? step : 0;
      whole += step;
    }
    // A bridge: the steps of the stretch, less the drift that would lead past its end.
    double level = from + walked + (to - from - whole) * within / MOVES;
    return reflected(level) * max;
  }

  private static double reflected(double level) {
    double folded = Math.abs(level) % 2;
    return folded > 1 ? 2 - folded : folded;
  }

  @Override
  public Optional<Duration> changesAfter(Duration elapsed) {
    return Optional.of(Bounds.nextMultiple(elapsed, interval));
  }
}
