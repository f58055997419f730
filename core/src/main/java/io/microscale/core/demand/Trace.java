package io.microscale.core.demand;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// A recorded demand, played again: each point holds until the next. It starts with its first
/// point.
///
/// @param speed how many times faster than it was recorded
/// @param loop whether it begins anew after the last point, which then holds as long as the one
///   before did (a second if it is the only one); otherwise the last point holds for ever
public record Trace(List<Point> points, double speed, boolean loop) implements Generator {
  /// How many points a trace may have: 57 days of seconds.
  public static final int MOST_POINTS = 5_000_000;

  private static final double NANOS = 1e9;

  private static final Duration LONGEST = Duration.ofDays(365);

  /// The demand from a moment on.
  ///
  /// @param seconds the moment, in seconds from whatever zero the trace has
  public record Point(double seconds, double demand) {
    public Point {
      Bounds.requireDemand("trace: t_s", seconds);
      Bounds.requireDemand("trace: demand", demand);
    }
  }

  public Trace {
    points = List.copyOf(points);
    Bounds.require(
        !points.isEmpty() && points.size() <= MOST_POINTS,
        "trace: need 1 to " + MOST_POINTS + " points",
        points.size());
    for (int i = 1; i < points.size(); i++) {
      Bounds.require(
          points.get(i).seconds > points.get(i - 1).seconds,
          "trace: need later times from point to point",
          "%s after %s".formatted(points.get(i).seconds, points.get(i - 1).seconds));
    }
    Bounds.require(
        speed > 0 && Double.isFinite(speed), "trace.speed: need a finite number > 0", speed);
    var length = length(points, speed);
    Bounds.require(
        length.compareTo(LONGEST) <= 0, "trace: need at most 365 days at its speed", length);
  }

  /// The highest demand of any point.
  public double peak() {
    double peak = 0;
    for (var point : points) {
      peak = Math.max(peak, point.demand);
    }
    return peak;
  }

  /// This trace with every demand multiplied.
  public Trace times(double factor) {
    Bounds.requireDemand("trace.factor", factor);
    return new Trace(
        points.stream().map(p -> new Point(p.seconds, p.demand * factor)).toList(), speed, loop);
  }

  /// How long one round lasts, the time of the last point included.
  public Duration length() {
    return length(points, speed);
  }

  private static Duration length(List<Point> points, double speed) {
    int last = points.size() - 1;
    double held = last == 0 ? 1 : points.get(last).seconds - points.get(last - 1).seconds;
    double seconds = points.get(last).seconds + held - points.getFirst().seconds;
    return Duration.ofNanos(Math.max(1, (long) Math.ceil(seconds / speed * NANOS)));
  }

  @Override
  public double valueAt(Duration elapsed) {
    return points.get(index(within(elapsed))).demand;
  }

  @Override
  public Optional<Duration> changesAfter(Duration elapsed) {
    long within = within(elapsed);
    int next = index(within) + 1;
    if (next == points.size() && !loop) {
      return Optional.empty();
    }
    long change = next == points.size() ? length().toNanos() : start(next);
    return Optional.of(elapsed.plusNanos(change - within));
  }

  private long within(Duration elapsed) {
    return loop ? elapsed.toNanos() % length().toNanos() : elapsed.toNanos();
  }

  /// When a point begins, in whole nanoseconds, so that all comparisons are exact.
  private long start(int index) {
    double seconds = points.get(index).seconds - points.getFirst().seconds;
    return (long) Math.ceil(seconds / speed * NANOS);
  }

  /// The last point that has begun.
  private int index(long within) {
    int low = 0;
    int high = points.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (start(middle) <= within) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
