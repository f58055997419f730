package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearnedHeadroomTest {
  private static final double RISK = 0.001;
  private static final int MOST = 100;

  static LongStream seeds() {
    return LongStream.range(0, 10);
  }

  private static LearnedHeadroom.Terms terms(int horizon, double lostByStop) {
    return new LearnedHeadroom.Terms(horizon, lostByStop, lostByStop / 5, RISK);
  }

  private static LearnedHeadroom learned(int horizon, double lostByStop, int found) {
    return LearnedHeadroom.of(terms(horizon, lostByStop), Parts.ALL, found);
  }

  private static double[] demand(int steps, IntToDoubleFunction of) {
    return IntStream.range(0, steps).mapToDouble(of).toArray();
  }

  /// Arrivals at a rate that swings slowly: their number in each step.
  private static double[] arrivals(int steps, double mean, SplittableRandom random) {
    return demand(
        steps, t -> poisson(mean * (1 + 0.5 * Math.sin(2 * Math.PI * t / 2_000)), random));
  }

  private static int poisson(double mean, SplittableRandom random) {
    int count = 0;
    for (double left = mean; ; count++) {
      left += Math.log(1 - random.nextDouble());
      if (left < 0) {
        return count;
      }
    }
  }

  /// A kind of demand for each seed, of steps that are not alike.
  private static double[] anyDemand(int steps, long seed) {
    var random = new SplittableRandom(seed);
    return switch ((int) (seed % 4)) {
      case 0 -> arrivals(steps, 20, random);
      case 1 -> demand(steps, t -> 10 + t % 37 + random.nextDouble());
      case 2 -> demand(steps, _ -> Math.pow(10, random.nextInt(-9, 10)));
      default -> demand(steps, t -> t / 100 % 2 == 0 ? 0 : 200 * random.nextDouble());
    };
  }

  /// The claims made after each step.
  private static int[] claims(LearnedHeadroom begin, double[] demand, int most) {
    var claims = new int[demand.length];
    var learned = begin;
    for (int t = 0; t < demand.length; t++) {
      learned = learned.after(demand[t], most);
      claims[t] = learned.claim();
    }
    return claims;
  }

  /// The replicas that are ready for a step: claimed after each of the steps of the horizon.
  private static int ready(int[] claims, int step, int horizon) {
    int ready = Integer.MAX_VALUE;
    for (int t = Math.max(0, step - 1 - horizon); t < step; t++) {
      ready = Math.min(ready, claims[t]);
    }
    return ready;
  }

  /// The part of the demand from a step on that finds no replica ready.
  private static double unserved(int[] claims, double[] demand, int horizon, int from) {
    double unserved = 0;
    double sum = 0;
    for (int t = Math.max(1, from); t < demand.length; t++) {
      unserved += Math.max(0, demand[t] - ready(claims, t, horizon));
      sum += demand[t];
    }
    return unserved / sum;
  }

  private static double mean(int[] claims) {
    return Arrays.stream(claims).average().orElseThrow();
  }

  private static int changes(int[] claims) {
    return (int) IntStream.range(1, claims.length).filter(t -> claims[t] != claims[t - 1]).count();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void claimIsBetweenNoneAndMost(long seed) {
    var random = new SplittableRandom(seed);
    int horizon = new int[] {0, 1, 5, 30, 128}[random.nextInt(5)];
    var learned = learned(horizon, random.nextInt(2) * 5, random.nextInt(300));
    int step = 0;
    for (double demand : anyDemand(1_000, seed)) {
      int most = random.nextInt(5) == 0 ? random.nextInt(MOST) : MOST;
      learned = learned.after(demand, most);
      assertThat(learned.claim()).as("step %d", step++).isBetween(0, most);
    }
  }

  /// Steps share what they do not change: others that follow from the same value must not show.
  @ParameterizedTest
  @MethodSource("seeds")
  void valueStaysAsItIs(long seed) {
    var random = new SplittableRandom(seed);
    int horizon = new int[] {0, 1, 5, 30, 128}[(int) (seed % 5)];
    var begin = learned(horizon, seed % 2 == 0 ? 0 : 5, 10);
    var demand = anyDemand(900, seed);
    var alone = claims(begin, demand, MOST);
    var learned = begin;
    for (int t = 0; t < demand.length; t++) {
      var before = learned;
      int claim = before.claim();
      before.after(200 * random.nextDouble(), MOST).after(200 * random.nextDouble(), MOST);
      if (t % 300 == 299) {
        before.under(terms(3, 0), MOST);
      }
      learned = before.after(demand[t], MOST);
      before.after(random.nextDouble(), MOST).after(0, MOST);
      assertThat(before.claim()).isEqualTo(claim);
      assertThat(learned.claim()).as("step %d", t).isEqualTo(alone[t]);
    }
    assertThat(claims(begin, demand, MOST)).isEqualTo(alone);
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 2000", "1, 0, 2000", "1, 5, 2000", "5, 5, 4000", "128, 0, 21000"})
  void constantDemandIsClaimedAndLittleMore(int horizon, double lost, int steps) {
    var claims = claims(learned(horizon, lost, MOST), demand(steps, _ -> 7.3), MOST);
    assertThat(Arrays.stream(claims).skip(steps - 500)).allMatch(claim -> claim == 8 || claim == 9);
  }

  @Test
  void noDemandIsClaimedNothingFor() {
    assertThat(claims(learned(1, 5, MOST), new double[3_000], MOST)[2_999]).isLessThanOrEqualTo(1);
  }

  /// What is odd leaves nothing behind that spoils what follows: no infinity, no not-a-number.
  @ParameterizedTest
  @ValueSource(doubles = {0, 1e-300, 1e-9, 100, 1e9, Double.MAX_VALUE})
  void oddDemandIsGotOver(double odd) {
    DoubleUnaryOperator of =
        t -> t < 1_000 ? odd : t < 1_500 ? (t % 2 == 0 ? odd : 10) : 10 + t % 3;
    for (int horizon : new int[] {0, 30}) {
      var claims = claims(learned(horizon, 5, 10), demand(8_000, t -> of.applyAsDouble(t)), MOST);
      assertThat(Arrays.stream(claims).skip(7_000)).allMatch(claim -> claim >= 11 && claim <= 20);
    }
  }

  /// What there can be no replicas for is no candidate's fault.
  @Test
  void demandBeyondMostDoesNotSpoilTheChoice() {
    var random = new SplittableRandom(3);
    double[] demand = demand(6_000, t -> t < 3_000 && t % 10 < 3 ? 70 : 10 + random.nextInt(3));
    int[] claims = claims(learned(1, 0, 10), demand, 30);
    assertThat(Arrays.stream(claims).skip(5_000).average().orElseThrow()).isLessThan(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void rampIsLedByTheHorizon(int horizon) {
    // Up by one in each step, down at once.
    double[] demand = demand(12_000, t -> 10 + t % 60);
    int[] claims = claims(learned(horizon, 0, 10), demand, MOST);
    int from = 9_000;
    int above = 0;
    int steps = 0;
    for (int t = from; t < demand.length; t++) {
      if (t % 60 >= 15 && t % 60 < 45) {
        int needed = (int) demand[t] + horizon + 1;
        assertThat(claims[t]).as("step %d", t).isGreaterThanOrEqualTo(needed);
        above += claims[t] - needed;
        steps++;
      }
    }
    assertThat((double) above / steps).as("beyond what is needed").isLessThan(5);
    assertThat(unserved(claims, demand, horizon, from)).isLessThanOrEqualTo(1.1 * RISK);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "1, 5", "5, 5"})
  void riskIsKeptWithLessThanFixedHeadroomTakes(int horizon, double lost) {
    double[] demand = arrivals(20_000, 20, new SplittableRandom(1));
    int[] claims = claims(learned(horizon, lost, 25), demand, MOST);
    assertThat(unserved(claims, demand, horizon, 0)).isLessThanOrEqualTo(1.1 * RISK);
    assertThat(mean(claims)).isLessThan(mean(safeFixed(demand, horizon)));
  }

  /// The claims of a quarter more and the least extra that keeps the risk.
  private static int[] safeFixed(double[] demand, int horizon) {
    for (int extra = 1; ; extra++) {
      var fixed = new Headroom.Fixed(25, extra);
      int[] claims = Arrays.stream(demand).mapToInt(fixed::cover).toArray();
      if (unserved(claims, demand, horizon, 0) <= 1.1 * RISK) {
        return claims;
      }
    }
  }

  /// The horizon, and steps in which the past is not trusted yet.
  @ParameterizedTest
  @CsvSource({"0, 20", "1, 50", "5, 500", "30, 2000"})
  void beforeItIsTrustedThePastDoesNotLowerTheClaim(int horizon, int untrusted) {
    double[] demand = arrivals(2_000, 30, new SplittableRandom(horizon));
    int[] claims = claims(learned(horizon, 5, 0), demand, 40);
    for (int t = 0; t < untrusted; t++) {
      assertThat(claims[t])
          .as("step %d", t)
          .isGreaterThanOrEqualTo(Math.min(40, Headroom.UNLEARNED.cover(demand[t])));
    }
  }

  @Test
  void whatWasFoundIsGivenBackSlowly() {
    int[] claims = claims(learned(1, 5, 80), demand(120, _ -> 2), MOST);
    assertThat(claims[0]).isGreaterThan(75);
    assertThat(claims[30]).isBetween(30, 65);
    for (int t = 1; t < claims.length; t++) {
      assertThat(claims[t]).as("step %d", t).isLessThanOrEqualTo(claims[t - 1]);
    }
    assertThat(claims[119]).isLessThan(10);
  }

  @Test
  void regimeThatEndedIsForgotten() {
    var random = new SplittableRandom(5);
    double[] demand = demand(35_000, t -> t < 5_000 ? 5 + (random.nextInt(20) == 0 ? 40 : 0) : 5);
    int[] claims = claims(learned(1, 5, 10), demand, MOST);
    assertThat(claims[4_999]).as("while rushes last").isGreaterThan(20);
    assertThat(claims[34_999]).as("three time constants later").isLessThan(10);
  }

  @Test
  void whereStopsCostTheClaimChangesLess() {
    double[] demand = arrivals(6_000, 20, new SplittableRandom(9));
    int[] free = claims(learned(1, 0, 25), demand, MOST);
    int[] costly = claims(learned(1, 5, 25), demand, MOST);
    assertThat(changes(costly)).isLessThan(changes(free) / 2);
  }

  @Test
  void otherTermsGoOnFromThePast() {
    var learned = learned(1, 5, MOST);
    for (double demand : arrivals(3_000, 20, new SplittableRandom(2))) {
      learned = learned.after(demand, MOST);
    }
    var next = learned.under(terms(5, 0), MOST);
    assertThat(next.terms()).isEqualTo(terms(5, 0));
    // It is not trusted yet under those terms, but it knows what is going on.
    assertThat(next.claim()).isBetween(20, 70);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 30, 128})
  void memoryIsBounded(int horizon) throws IllegalAccessException {
    var learned = learned(horizon, 5, 10);
    for (double demand : arrivals(1_000, 20, new SplittableRandom(1))) {
      learned = learned.after(demand, MOST);
    }
    assertThat(arrayBytes(learned, new HashSet<>())).isBetween(10_000L, 100_000L);
  }

  /// The bytes of all arrays that are reached, about.
  private static long arrayBytes(@Nullable Object object, Set<Object> seen)
      throws IllegalAccessException {
    long bytes = 0;
    if (object instanceof double[] numbers && seen.add(numbers)) {
      bytes = 8L * numbers.length;
    } else if (object instanceof int[] numbers && seen.add(numbers)) {
      bytes = 4L * numbers.length;
    } else if (object instanceof Object[] objects && seen.add(objects)) {
      for (var element : objects) {
        bytes += 8 + arrayBytes(element, seen);
      }
    } else if (object != null && object.getClass().getPackage() == Learning.class.getPackage()) {
      for (var field : object.getClass().getDeclaredFields()) {
        if (!field.getType().isPrimitive() && !Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          bytes += arrayBytes(field.get(object), seen);
        }
      }
    }
    return bytes;
  }

  @Test
  void termsAreBounded() {
    assertThatThrownBy(() -> terms(129, 0))
        .hasMessageContaining("horizon")
        .hasMessageContaining("129");
    assertThatThrownBy(() -> terms(-1, 0)).hasMessageContaining("horizon");
    assertThatThrownBy(() -> terms(1, Double.NaN)).hasMessageContaining("lost");
    assertThatThrownBy(() -> terms(1, 65)).hasMessageContaining("lost").hasMessageContaining("65");
  }
}
