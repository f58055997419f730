package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.microscale.core.demand.Reading;
import io.microscale.core.scaling.ScalingPolicy.Decision;
import io.microscale.core.scaling.ScalingPolicy.Memory;
import io.microscale.core.scaling.ScalingPolicy.PerReplicaTarget;
import io.microscale.core.scaling.ScalingPolicy.QueueDrainTime;
import io.microscale.core.scaling.ScalingPolicy.RawReplicas;
import io.microscale.core.scaling.ScalingPolicy.TargetUtilisation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScalingPolicyTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  private static Decision decide(ScalingPolicy policy, double value, int ready) {
    return policy.decide(Memory.NONE, new Reading.Value(value, NOW), ready);
  }

  private static int claimed(ScalingPolicy policy, double value, int ready) {
    return Headroom.NONE.cover(decide(policy, value, ready).replicas());
  }

  @Test
  void rawReplicasAreTakenAsTheyAre() {
    assertThat(decide(new RawReplicas(), 3.25, 7).replicas()).isEqualTo(3.25);
    assertThat(decide(new RawReplicas(), 0, 7).replicas()).isZero();
  }

  /// The Kubernetes HPA with an AverageValue target, where it is outside its tolerance; the last
  /// two are inside it, where the HPA would do nothing and a claim does not wait.
  @ParameterizedTest
  @CsvSource({"20, 5, 4", "45, 10, 5", "0, 5, 0", "107, 1, 107", "43, 10, 5"})
  void perReplicaTargetIsTotalByTarget(double value, double target, int replicas) {
    assertThat(claimed(new PerReplicaTarget(target), value, 3)).isEqualTo(replicas);
  }

  /// The Kubernetes HPA: CPU target 50 %, three ready at 90 % each, 6; its Value target, 50 ready
  /// at 90 of 75, 60; 3 ready at four times the target, 12. Nomad's target-value: (3, 80, 70), 4;
  /// (3, 70.5, 70), 3; (0, 2.4, 1), 3; (10, 35, 70), 5.
  @ParameterizedTest
  @CsvSource({
    "3, 0.9, 0.5, 6",
    "50, 0.9, 0.75, 60",
    "3, 2.0, 0.5, 12",
    "3, 0.80, 0.70, 4",
    "3, 0.705, 0.70, 3",
    "0, 2.4, 1, 3",
    "10, 0.35, 0.70, 5",
    "100, 0.55, 0.5, 100",
    "100, 0.45, 0.5, 100",
    "100, 0.551, 0.5, 111",
    "100, 0.449, 0.5, 90"
  })
  void targetUtilisationIsReadyByRatioOutsideTheTolerance(
      int ready, double value, double target, int replicas) {
    assertThat(claimed(new TargetUtilisation(target, 0.1), value, ready)).isEqualTo(replicas);
  }

  // Queue drain time.

  @Test
  void backlogIsWorkedOffWithinTheGoal() {
    // 600 items at 2 a second each, within 30 s.
    var decision = decide(new QueueDrainTime(2, Duration.ofSeconds(30)), 600, 0);
    assertThat(decision.replicas()).isCloseTo(10, within(1e-9));
  }

  @Test
  void arrivalsAreLearned() {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(10));
    var memory = Memory.NONE;
    var decision = new Decision(0, memory, "");
    // Five replicas work off 10 a second of the 14 that arrive, so the backlog grows by 4.
    for (int i = 0; i <= 100; i++) {
      decision = policy.decide(memory, new Reading.Value(100 + 4 * i, NOW.plusSeconds(i)), 5);
      memory = decision.memory();
    }
    // 14 / 2 for what arrives and 500 / (2 * 10) for the backlog.
    assertThat(decision.replicas()).isCloseTo(7 + 25, within(0.01));
  }

  @Test
  void replicasThatTheRuleAsksForDrainTheQueue() {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(10));
    var memory = Memory.NONE;
    double backlog = 1_000;
    int ready = 0;
    double tail = 0;
    for (int i = 0; i < 120; i++) {
      var decision = policy.decide(memory, new Reading.Value(backlog, NOW.plusSeconds(i)), ready);
      memory = decision.memory();
      ready = Headroom.NONE.cover(decision.replicas());
      backlog = Math.max(0, backlog + 20 - 2.0 * ready);
      tail = i >= 60 ? Math.max(tail, backlog) : 0;
    }
    assertThat(tail).as("largest backlog after a minute").isLessThan(40);
  }

  @Test
  void emptyQueueCallsForNothingInTheEnd() {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(10));
    var memory = Memory.NONE;
    double replicas = 1;
    for (int i = 0; i < 300; i++) {
      var decision =
          policy.decide(memory, new Reading.Value(i < 10 ? 50 : 0, NOW.plusSeconds(i)), 5);
      memory = decision.memory();
      replicas = decision.replicas();
    }
    assertThat(Headroom.NONE.cover(replicas)).isZero();
  }

  @Test
  void twoReadingsOfOneMomentDoNotDivideByZero() {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(10));
    var first = policy.decide(Memory.NONE, new Reading.Value(10, NOW), 1);
    for (var at : List.of(NOW, NOW.minusSeconds(5))) {
      var second = policy.decide(first.memory(), new Reading.Value(40, at), 1);
      assertThat(second.replicas()).isCloseTo(2, within(1e-9));
    }
  }

  /// A source may lie in any way that a finite number allows: that must not outlast the lie.
  @ParameterizedTest
  @ValueSource(doubles = {1e30, 1e300, Double.MAX_VALUE})
  void absurdReadingIsForgotten(double absurd) {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(1));
    var memory = Memory.NONE;
    for (int i = 0; i < 100; i++) {
      double value = i == 3 ? absurd : 10;
      var reading = new Reading.Value(value, NOW.plusMillis(i * 1_000L - (i == 3 ? 999 : 0)));
      var decision = policy.decide(memory, reading, 1);
      assertThat(decision.replicas()).isFinite().isNotNegative();
      memory = decision.memory();
      if (i == 99) {
        // 2 arriving a second for one busy replica, and 10 waiting.
        assertThat(decision.replicas()).isCloseTo(1 + 5, within(1e-6));
      }
    }
  }

  @Test
  void readingsAgesApartAreTakenIn() {
    var policy = new QueueDrainTime(2, Duration.ofSeconds(10));
    var memory = policy.decide(Memory.NONE, new Reading.Value(10, Instant.MIN), 1).memory();
    assertThat(policy.decide(memory, new Reading.Value(40, Instant.MAX), 1).replicas())
        .isCloseTo(1 + 2, within(1e-6));
  }

  // All of them.

  @ParameterizedTest
  @MethodSource("seeds")
  void moreDemandNeverCallsForFewer(long seed) {
    var random = new SplittableRandom(seed);
    double target = 0.01 + random.nextDouble();
    for (var policy :
        List.of(
            new RawReplicas(),
            new PerReplicaTarget(target * 100),
            new TargetUtilisation(Math.min(1, target), random.nextDouble() * 0.99),
            new QueueDrainTime(target, Duration.ofMillis(1 + random.nextInt(60_000))))) {
      var before = new Reading.Value(random.nextInt(1_000), NOW);
      var memory = policy.decide(Memory.NONE, before, 5).memory();
      int ready = random.nextInt(20);
      double least = 0;
      for (double value = 0; value < 5; value += random.nextDouble() / 10) {
        var reading = new Reading.Value(value, NOW.plusMillis(700));
        double replicas = policy.decide(memory, reading, ready).replicas();
        assertThat(replicas).as("%s at %s", policy, value).isGreaterThanOrEqualTo(least);
        least = replicas;
      }
    }
  }

  @Test
  void replicasAreFiniteHoweverLargeTheReading() {
    for (var policy :
        List.of(
            new RawReplicas(),
            new PerReplicaTarget(1e-3),
            new TargetUtilisation(0.1, 0),
            new QueueDrainTime(1e-3, Duration.ofMillis(1)))) {
      var decision = decide(policy, Double.MAX_VALUE, 1_000_000);
      assertThat(decision.replicas()).isFinite();
      assertThat(Headroom.NONE.cover(decision.replicas())).isPositive();
    }
  }

  @Test
  void everyDecisionSaysWhy() {
    assertThat(decide(new PerReplicaTarget(50), 120, 1).why())
        .isEqualTo("demand 120.00 at 50.00 per replica is 2.40 replicas");
    assertThat(decide(new TargetUtilisation(0.5, 0.1), 0.52, 4).why())
        .isEqualTo("4 ready at 52 %, want 50 % (within tolerance)");
    assertThat(decide(new QueueDrainTime(2, Duration.ofSeconds(30)), 600, 0).why())
        .contains("backlog 600")
        .contains("10.00 replicas");
  }

  @Test
  void impossibleSettingsAreRefusedByName() {
    refused("targetPerReplica", () -> new PerReplicaTarget(0));
    refused("targetPerReplica", () -> new PerReplicaTarget(Double.NaN));
    refused("targetPerReplica", () -> new PerReplicaTarget(Double.POSITIVE_INFINITY));
    refused("targetUtilisation", () -> new TargetUtilisation(0, 0.1));
    refused("targetUtilisation", () -> new TargetUtilisation(1.1, 0.1));
    refused("tolerance", () -> new TargetUtilisation(0.5, 1));
    refused("tolerance", () -> new TargetUtilisation(0.5, Double.NaN));
    refused("ratePerReplica", () -> new QueueDrainTime(-1, Duration.ofSeconds(1)));
    refused("drainTime", () -> new QueueDrainTime(1, Duration.ZERO));
    refused("drainTime", () -> new QueueDrainTime(1, Duration.ofDays(366)));
    refused("headroom.percent", () -> new Headroom.Fixed(-1, 0));
    refused("headroom.percent", () -> new Headroom.Fixed(Double.NaN, 0));
    refused("headroom.replicas", () -> new Headroom.Fixed(0, -1));
  }

  private static void refused(String name, ThrowingCallable make) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name)
        .hasMessageContaining("got");
  }

  // Headroom.

  @ParameterizedTest
  @CsvSource({
    "0, 25, 1, 1",
    "4, 25, 1, 6",
    "4.1, 25, 1, 7",
    "10, 0, 0, 10",
    "10.000000001, 0, 0, 10",
    "10.001, 0, 0, 11",
    "3, 10, 0, 4",
    "0.1, 0, 0, 1",
    "1e30, 1000, 5, 1000000000",
    "1e30, 0, 2147483647, 1000000000"
  })
  void headroomIsPercentAndReplicas(double replicas, double percent, int extra, int claimed) {
    assertThat(new Headroom.Fixed(percent, extra).cover(replicas)).isEqualTo(claimed);
  }

  /// 0.1 * 3 is more than 0.3 in binary; a replica must not be started for that.
  @Test
  void roundingErrorsStartNoReplica() {
    assertThat(claimed(new PerReplicaTarget(0.1), 0.1 * 3, 1)).isEqualTo(3);
    for (int n = 1; n < 1_000; n++) {
      assertThat(claimed(new PerReplicaTarget(0.7), 0.7 * n, 1)).isEqualTo(n);
    }
  }
}
