package io.microscale.core.demand;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.microscale.core.demand.Steps.Level;
import io.microscale.core.demand.Trace.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  static LongStream seeds() {
    return LongStream.range(0, 50);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /// One of each, with settings drawn from the seed.
  private static List<Generator> some(long seed) {
    var random = new Random(seed);
    var points = new ArrayList<Point>();
    double at = random.nextInt(3);
    for (int i = 0; i < 20; i++) {
      points.add(new Point(at, random.nextInt(100)));
      at += 0.1 + random.nextDouble() * 3;
    }
    return List.of(
        new RandomWalk(
            seed,
            1 + random.nextInt(100),
            Duration.ofMillis(1 + random.nextInt(900)),
            random.nextDouble(),
            random.nextDouble()),
        new Wave(
            Duration.ofMillis(1 + random.nextInt(20_000)),
            random.nextInt(5),
            5 + random.nextInt(50),
            Duration.ofMillis(1 + random.nextInt(500))),
        new Steps(
            Stream.generate(
                    () ->
                        new Level(random.nextInt(50), Duration.ofMillis(1 + random.nextInt(3000))))
                .limit(1 + random.nextInt(6))
                .toList()),
        new Burst(
            seed,
            random.nextInt(5),
            1 + random.nextInt(50),
            Duration.ofMillis(1 + random.nextInt(3000)),
            Duration.ofMillis(500 + random.nextInt(5000))),
        new Trace(points, 0.1 + random.nextDouble() * 10, random.nextBoolean()));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void sameMomentGivesSameValueInAnyOrder(long seed) {
    var moments = new ArrayList<Duration>();
    var random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      moments.add(Duration.ofNanos(random.nextLong(100_000_000_000L)));
    }
    var shuffled = new ArrayList<>(moments);
    Collections.shuffle(shuffled, random);
    var again = some(seed);
    for (int g = 0; g < again.size(); g++) {
      var first = some(seed).get(g);
      var values = moments.stream().map(first::valueAt).toList();
      assertThat(values).allMatch(v -> v >= 0 && Double.isFinite(v));
      var second = again.get(g);
      shuffled.forEach(second::valueAt);
      assertThat(moments.stream().map(second::valueAt).toList()).isEqualTo(values);
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void valueStaysUntilTheChangeThatIsTold(long seed) {
    for (var generator : some(seed)) {
      if (generator instanceof Wave) {
        continue; // changes all the time, and is read at intervals
      }
      var at = Duration.ZERO;
      for (int i = 0; i < 200; i++) {
        var next = generator.changesAfter(at);
        if (next.isEmpty()) {
          assertThat(generator.valueAt(at.plusDays(1))).isEqualTo(generator.valueAt(at));
          break;
        }
        assertThat(next.get()).isGreaterThan(at);
        double value = generator.valueAt(at);
        var justBefore = next.get().minusNanos(2);
        if (justBefore.compareTo(at) > 0) {
          assertThat(generator.valueAt(justBefore)).as("%s at %s", generator, at).isEqualTo(value);
        }
        at = next.get();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void sourceReadsEachChangeAndAtLeastOnceASecond(long seed) {
    for (var generator : some(seed)) {
      try (var source = generator.source()) {
        var now = NOW;
        for (int i = 0; i < 100; i++) {
          assertThat(source.read(now))
              .isEqualTo(new Reading.Value(generator.valueAt(Duration.between(NOW, now)), now));
          var next = source.next(now);
          assertThat(next).isEqualTo(source.next(now));
          if (next.isEmpty()) {
            break;
          }
          assertThat(Duration.between(now, next.get()))
              .isBetween(Duration.ofMillis(1), Duration.ofSeconds(1));
          now = next.get();
        }
      }
    }
  }

  @Test
  void sourceStartsWithItsFirstReading() {
    var steps = new Steps(List.of(new Level(1, seconds(10)), new Level(2, seconds(10))));
    try (var source = steps.source()) {
      assertThat(source.read(NOW)).isEqualTo(new Reading.Value(1, NOW));
      var later = NOW.plusSeconds(11);
      assertThat(source.read(later)).isEqualTo(new Reading.Value(2, later));
      assertThat(source.read(NOW.minusSeconds(3)))
          .isEqualTo(new Reading.Value(1, NOW.minusSeconds(3)));
    }
  }

  // Each one.

  @ParameterizedTest
  @MethodSource("seeds")
  void walkStaysWithinAndMoves(long seed) {
    var walk = RandomWalk.upTo(20, seed);
    var values = new ArrayList<Double>();
    for (int i = 0; i < 4_000; i++) {
      values.add(walk.valueAt(walk.interval().multipliedBy(i)));
    }
    assertThat(values).allMatch(v -> v >= 0 && v <= 20);
    assertThat(Collections.min(values)).isLessThan(3);
    assertThat(Collections.max(values)).isGreaterThan(17);
    double mean = values.stream().mapToDouble(v -> v).average().orElseThrow();
    assertThat(mean).isBetween(7.0, 13.0);
    int jumps = 0;
    for (int i = 1; i < values.size(); i++) {
      // 0.1 of 20 is the largest random part of a move; the bridge adds at most 0.16 of 20.
      boolean jump = Math.abs(values.get(i) - values.get(i - 1)) > 5.3;
      assertThat(jump && i % 16 != 0).as("a jump within a stretch, at %d", i).isFalse();
      jumps += jump ? 1 : 0;
    }
    assertThat(jumps).isBetween(20, 120);
  }

  @Test
  void walkWithoutJumpsHasNone() {
    for (double stride : new double[] {0, 0.05}) {
      var walk = new RandomWalk(1, 100, seconds(1), stride, 0);
      for (int i = 1; i < 2_000; i++) {
        assertThat(Math.abs(walk.valueAt(seconds(i)) - walk.valueAt(seconds(i - 1))))
            .as("stride %s, move %d", stride, i)
            .isLessThan(100.0 / 16 + 2 * 100 * stride + 1e-6);
      }
    }
  }

  @Test
  void seedsDiffer() {
    var seen = new HashSet<Double>();
    for (long seed = 0; seed < 1_000; seed++) {
      seen.add(RandomWalk.upTo(20, seed).valueAt(seconds(3)));
    }
    assertThat(seen).hasSize(1_000);
  }

  @Test
  void waveGoesFromLowToHighAndBack() {
    var wave = new Wave(seconds(60), 2, 10, seconds(0.5));
    assertThat(wave.valueAt(seconds(0))).isEqualTo(2);
    assertThat(wave.valueAt(seconds(15))).isCloseTo(6, within(1e-9));
    assertThat(wave.valueAt(seconds(30))).isCloseTo(10, within(1e-9));
    assertThat(wave.valueAt(seconds(45))).isCloseTo(6, within(1e-9));
    assertThat(wave.valueAt(seconds(60_000_000))).isCloseTo(2, within(1e-9));
    assertThat(wave.changesAfter(seconds(0.7))).contains(seconds(1));
  }

  @Test
  void stepsFollowOneAnotherAndBeginAnew() {
    var steps = new Steps(List.of(new Level(1, seconds(2)), new Level(5, seconds(1))));
    assertThat(Stream.of(0.0, 1.9, 2.0, 2.9, 3.0, 5.5).map(s -> steps.valueAt(seconds(s))))
        .containsExactly(1.0, 1.0, 5.0, 5.0, 1.0, 5.0);
    assertThat(steps.changesAfter(seconds(0.5))).contains(seconds(2));
    assertThat(steps.changesAfter(seconds(2))).contains(seconds(3));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void burstsComeAsOftenAsTheyShould(long seed) {
    var burst = new Burst(seed, 2, 30, seconds(1), seconds(10));
    int in = 0;
    int all = 200_000;
    for (int i = 0; i < all; i++) {
      double value = burst.valueAt(Duration.ofMillis(i * 100L));
      assertThat(value).isIn(2.0, 32.0);
      in += value == 32 ? 1 : 0;
    }
    // Poisson starts of rate 0.1 and length 1: a moment lies in one with 1 - exp(-0.1).
    assertThat((double) in / all).isCloseTo(1 - Math.exp(-0.1), within(0.02));
  }

  @Test
  void gapsBetweenBurstsAreExponential() {
    var burst = new Burst(3, 0, 1, Duration.ofMillis(1), seconds(10));
    var starts = new ArrayList<Duration>();
    for (var at = Duration.ZERO; starts.size() < 5_000; ) {
      var next = burst.changesAfter(at).orElseThrow();
      if (burst.valueAt(next) == 1 && burst.valueAt(at) == 0) {
        starts.add(next);
      }
      at = next;
    }
    double mean = starts.getLast().minus(starts.getFirst()).toNanos() / 1e9 / (starts.size() - 1);
    assertThat(mean).isCloseTo(10, within(0.5));
    int longer = 0;
    for (int i = 1; i < starts.size(); i++) {
      longer += starts.get(i).minus(starts.get(i - 1)).compareTo(seconds(20)) > 0 ? 1 : 0;
    }
    assertThat((double) longer / starts.size()).isCloseTo(Math.exp(-2), within(0.02));
  }

  @Test
  void traceHoldsEachPointUntilTheNext() {
    var points = List.of(new Point(10, 1), new Point(12, 5), new Point(13, 0));
    var once = new Trace(points, 2, false);
    assertThat(Stream.of(0.0, 0.9, 1.0, 1.4, 1.5, 99.0).map(s -> once.valueAt(seconds(s))))
        .containsExactly(1.0, 1.0, 5.0, 5.0, 0.0, 0.0);
    assertThat(once.changesAfter(seconds(0.2))).contains(seconds(1));
    assertThat(once.changesAfter(seconds(1.5))).isEmpty();
    assertThat(once.length()).isEqualTo(seconds(2));
    assertThat(once.peak()).isEqualTo(5);

    var loop = new Trace(points, 2, true);
    assertThat(Stream.of(1.9, 2.0, 2.9, 3.0, 200.0).map(s -> loop.valueAt(seconds(s))))
        .containsExactly(0.0, 1.0, 1.0, 5.0, 1.0);
    assertThat(loop.changesAfter(seconds(1.5))).contains(seconds(2));
    assertThat(loop.times(10).valueAt(seconds(1))).isEqualTo(50);
  }

  @Test
  void changeThatIsToldIsTheNextPoint() {
    var points = new ArrayList<Point>();
    for (int i = 0; i < 2_000; i++) {
      points.add(new Point(i * 0.1, i));
    }
    for (double speed : new double[] {0.7, 1, 3, 17}) {
      var trace = new Trace(points, speed, false);
      var at = Duration.ZERO;
      for (int i = 1; i < 2_000; i++) {
        at = trace.changesAfter(at).orElseThrow();
        assertThat(trace.valueAt(at)).isEqualTo(i);
      }
    }
  }

  @Test
  void traceThatHasEndedIsReadNoMore() {
    var trace = new Trace(List.of(new Point(0, 1), new Point(0.5, 2)), 1, false);
    try (var source = trace.source()) {
      source.read(NOW);
      var last = source.next(NOW).orElseThrow();
      assertThat(source.read(last)).isEqualTo(new Reading.Value(2, last));
      assertThat(source.next(last)).isEmpty();
    }
  }

  @Test
  void traceOfOnePointIsThatPoint() {
    assertThat(new Trace(List.of(new Point(5, 3)), 1, true).valueAt(seconds(7))).isEqualTo(3);
    assertThat(new Trace(List.of(new Point(5, 3)), 1, false).changesAfter(seconds(0))).isEmpty();
  }

  @Test
  void impossibleSettingsAreRefusedByName() {
    var second = seconds(1);
    refused("random.max", () -> new RandomWalk(1, 0, second, 0.1, 0.1));
    refused("random.max", () -> new RandomWalk(1, Double.NaN, second, 0.1, 0.1));
    refused("random.interval", () -> new RandomWalk(1, 5, Duration.ZERO, 0.1, 0.1));
    refused("random.stride", () -> new RandomWalk(1, 5, second, 1.1, 0.1));
    refused("random.jump", () -> new RandomWalk(1, 5, second, 0.1, Double.NaN));
    refused("low <= high", () -> new Wave(second, 3, 2, second));
    refused("wave.low", () -> new Wave(second, -1, 2, second));
    refused("wave.period", () -> new Wave(Duration.ofNanos(5), 1, 2, second));
    refused("step.levels", () -> new Steps(List.of()));
    refused("step.levels.demand", () -> new Level(-1, second));
    refused(
        "all together",
        () -> new Steps(Collections.nCopies(2, new Level(1, Duration.ofDays(200)))));
    refused("burst.size", () -> new Burst(1, 1, Double.POSITIVE_INFINITY, second, second));
    refused("burst.length", () -> new Burst(1, 1, 1, Duration.ofHours(1), second));
    refused("trace", () -> new Trace(List.of(), 1, true));
    refused("later times", () -> new Trace(List.of(new Point(1, 1), new Point(1, 2)), 1, true));
    refused("trace.speed", () -> new Trace(List.of(new Point(1, 1)), 0, true));
    refused("365 days", () -> new Trace(List.of(new Point(0, 1), new Point(1e9, 1)), 1, true));
    refused("trace: demand", () -> new Point(1, Double.NaN));
  }

  private static void refused(String name, ThrowingCallable make) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("got");
  }
}
