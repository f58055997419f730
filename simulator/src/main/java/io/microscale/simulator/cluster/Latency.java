package io.microscale.simulator.cluster;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// How long something takes, as a distribution. A draw is never negative and at most a day.
public sealed interface Latency {
  /// One value, in nanoseconds.
  long draw(RandomGenerator random);

  /// Whether every draw is zero.
  default boolean isNone() {
    return this instanceof Constant(var always) && always.isZero();
  }

  /// Takes no time.
  static Latency none() {
    return new Constant(Duration.ZERO);
  }

  static Latency constant(Duration always) {
    return new Constant(always);
  }

  static Latency ofMillis(long always) {
    return new Constant(Duration.ofMillis(always));
  }

  /// Drawn evenly from between two bounds, both included.
  static Latency between(Duration least, Duration most) {
    return new Even(least, most);
  }

  static Latency ofMillis(long least, long most) {
    return new Even(Duration.ofMillis(least), Duration.ofMillis(most));
  }

  /// Always the same.
  record Constant(Duration always) implements Latency {
    public Constant {
      Bounds.require("constant", always);
    }

    @Override
    public long draw(RandomGenerator random) {
      return always.toNanos();
    }
  }

  /// Any value between two bounds, both included, is as likely as any other.
  record Even(Duration least, Duration most) implements Latency {
    public Even {
      Bounds.require("least", least);
      Bounds.require("most", most);
      if (most.compareTo(least) < 0) {
        throw new IllegalArgumentException(
            "latency: need least <= most, got %s to %s".formatted(least, most));
      }
    }

    @Override
    public long draw(RandomGenerator random) {
      return least.toNanos() + random.nextLong(most.toNanos() - least.toNanos() + 1);
    }

    @Override
    public boolean isNone() {
      return most.isZero();
    }
  }

  /// The logarithm is normally distributed: most near the median, a few many times as long, as
  /// starts of containers are.
  ///
  /// @param p99 what one draw in a hundred exceeds
  record LogNormal(Duration median, Duration p99) implements Latency {
    /// The 99th percentile of the standard normal distribution.
    private static final double Z99 = 2.3263478740408408;

    public LogNormal {
      Bounds.require("median", median);
      Bounds.require("p99", p99);
      if (median.isZero() || p99.compareTo(median) < 0) {
        throw new IllegalArgumentException(
            "latency: need 0 < median <= p99, got median=%s p99=%s".formatted(median, p99));
      }
    }

    /// With `sigma = ln(p99 / median) / z99` a draw is `median * exp(sigma * z)`.
    @Override
    public long draw(RandomGenerator random) {
      double middle = median.toNanos();
      double sigma = StrictMath.log(p99.toNanos() / middle) / Z99;
      double drawn = middle * StrictMath.exp(sigma * random.nextGaussian());
      return Math.min((long) drawn, Bounds.LONGEST.toNanos());
    }
  }

  /// Each draw is one of the values that were measured, all equally likely.
  record Recorded(List<Duration> measured) implements Latency {
    public Recorded {
      measured = List.copyOf(measured);
      if (measured.isEmpty()) {
        throw new IllegalArgumentException("latency: need at least one measured value, got none");
      }
      measured.forEach(value -> Bounds.require("measured", value));
    }

    @Override
    public long draw(RandomGenerator random) {
      return measured.get(random.nextInt(measured.size())).toNanos();
    }

    @Override
    public boolean isNone() {
      return measured.stream().allMatch(Duration::isZero);
    }
  }

  /// What a latency may be.
  final class Bounds {
    static final Duration LONGEST = Duration.ofDays(1);

    private Bounds() {}

    static void require(String name, Duration value) {
      if (value.isNegative() || value.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "latency %s: need 0 to %s, got %s".formatted(name, LONGEST, value));
      }
    }
  }
}
