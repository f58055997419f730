package io.microscale.simulator.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Step;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PoliciesTest {
  private static final long FIRST_SEED = Long.getLong("seed", 1);

  /// A pool that is smaller than many a minimum.
  private static final Terms SMALL = new Terms(10, 3, false, 5, 1);

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + 30);
  }

  static Stream<Family> families() {
    return Policies.all().stream();
  }

  private static List<Step> steps(Policy policy, Terms terms, double... demand) {
    var steps = new ArrayList<Step>();
    StandardRun.run(policy, Demand.of("x", demand), terms, steps::add);
    return steps;
  }

  private static double[] constant(double value, int length) {
    var demand = new double[length];
    Arrays.fill(demand, value);
    return demand;
  }

  private static int readyAtTheEnd(Policy policy, double demand) {
    return steps(policy, Terms.stopping(1), constant(demand, 6000)).getLast().ready();
  }

  /// Zero, then waves, jumps and noise, up to the whole pool and beyond.
  private static Demand wild(SplittableRandom random) {
    var values = new double[600];
    double level = 0;
    for (int step = 0; step < values.length; step++) {
      level =
          switch (random.nextInt(60)) {
            case 0 -> 0;
            case 1 -> random.nextDouble(110);
            default -> Math.max(0, level + random.nextDouble(-2, 2));
          };
      values[step] = level;
    }
    return Demand.of("wild", values);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whateverTheDemandNothingIsMadeUp(long seed) {
    var random = new SplittableRandom(seed);
    var demand = wild(random);
    for (var terms : List.of(Terms.stopping(1), Terms.stopping(7), Terms.pausing(), SMALL)) {
      for (var family : Policies.all()) {
        var policy = family.settings().get(random.nextInt(family.settings().size()));
        var label = "%s, %s".formatted(policy.name(), terms.name());
        var score =
            StandardRun.run(
                policy,
                demand,
                terms,
                step -> {
                  assertThat(step.ready() + step.starting() + step.batchRunning())
                      .as("%s, step %d", label, step.t())
                      .isEqualTo(terms.slots());
                  assertThat(step.unserved())
                      .as("%s, step %d", label, step.t())
                      .isEqualTo(Math.max(0, step.demand() - step.ready()));
                });
        assertThat(score.unservedPercent()).as(label).isBetween(0.0, 100.0);
        assertThat(score.usefulUtilisationPercent()).as(label).isBetween(0.0, 100.0 + 1e-9);
        if (score.violationSeconds() == 0) {
          assertThat(score.batchDone()).as(label).isLessThanOrEqualTo(score.clairvoyantBatch());
        }
        assertThat(StandardRun.run(policy, demand, terms)).as(label).isEqualTo(score);
      }
    }
  }

  @Test
  void settingsAreNamedByTheirValues() {
    assertThat(new Hpa(Hpa.Metric.CPU, 0.7, 300, 1).name())
        .isEqualTo("hpa(metric=cpu,target=0.7,window=300,min=1)");
    assertThat(new StaticPartition(100).name()).isEqualTo("static(percent=100)");
  }

  @Test
  void familiesCanBeToldApartAndSearched() {
    var families = Policies.all();
    assertThat(families).extracting(Family::name).doesNotHaveDuplicates();
    assertThat(families.stream().mapToInt(family -> family.settings().size()).sum())
        .isLessThan(1000);
    for (var family : families) {
      assertThat(family.settings())
          .extracting(Policy::name)
          .allMatch(name -> name.startsWith(family.name()), "begins with " + family.name());
    }
  }

  /// Whoever is given the time reaches a demand that stands still, even if some swing around it.
  @ParameterizedTest
  @MethodSource("families")
  void standingDemandIsServedInTheEnd(Family family) {
    var demand = Demand.of("x", constant(30, 12_000));
    var last = new ArrayList<Step>();
    StandardRun.run(
        family.usual(),
        demand,
        Terms.stopping(1),
        step -> {
          if (step.t() >= demand.length() - 600) {
            last.add(step);
          }
        });
    assertThat(last).anyMatch(step -> step.ready() >= 30 && step.unserved() == 0);
  }

  /// What is needed no more goes back, in the end.
  @ParameterizedTest
  @MethodSource("families")
  void roomGoesBackInTheEnd(Family family) {
    if (family.usual() instanceof StaticPartition) {
      return;
    }
    var demand = constant(5, 14_000);
    Arrays.fill(demand, 0, 6000, 60);
    var steps = new ArrayList<Step>();
    StandardRun.run(family.usual(), Demand.of("x", demand), Terms.stopping(1), steps::add);
    assertThat(steps.subList(0, 6000)).anyMatch(step -> step.ready() >= 60);
    assertThat(steps.subList(13_400, 14_000)).anyMatch(step -> step.ready() <= 15);
  }

  @Test
  void backlogIsDrainedWithinItsGoal() {
    var demand = constant(5, 60);
    Arrays.fill(demand, 0, 10, 50);
    var steps = steps(new DrainTime(10, 1, 1), Terms.pausing(), demand);
    // Step 0 leaves 49 behind: 4.9 workers more than the 50 that come.
    assertThat(steps.get(1).ready()).isEqualTo(55);
    // They leave 44 and then 39 of it.
    assertThat(steps.get(2).ready()).isEqualTo(55);
    assertThat(steps.get(3).ready()).isEqualTo(54);
    assertThat(steps.get(59).ready()).isLessThanOrEqualTo(6);
  }

  /// The service's size at a standing demand of 35 replicas, worked out from each rule's target.
  @Test
  void standingDemandGetsWhatTheRuleAims() {
    assertThat(readyAtTheEnd(new StaticPartition(40), 35)).isEqualTo(40);
    assertThat(readyAtTheEnd(new PlainRule(20, 2, 60), 35)).isEqualTo(44);
    assertThat(readyAtTheEnd(new Hpa(Hpa.Metric.DEMAND, 0.7, 300, 1), 35)).isBetween(46, 55);
    assertThat(readyAtTheEnd(new Hpa(Hpa.Metric.LOAD, 0.7, 300, 1), 35)).isBetween(46, 55);
    assertThat(readyAtTheEnd(new Hpa(Hpa.Metric.CPU, 0.7, 300, 1), 35)).isBetween(46, 55);
    assertThat(readyAtTheEnd(new Keda(0.7, 30, 300, 0), 35)).isBetween(46, 55);
    assertThat(readyAtTheEnd(new Knative(0.7, 60, 0, 0), 35)).isEqualTo(50);
    assertThat(readyAtTheEnd(new NomadTargetValue(70, 300, 1), 35)).isBetween(49, 51);
    assertThat(readyAtTheEnd(new NomadThreshold(70, 20, 300, 1), 35)).isBetween(50, 100);
    assertThat(readyAtTheEnd(new EcsTargetTracking(70, 60, 300, 1), 35)).isBetween(50, 56);
    assertThat(readyAtTheEnd(new MarathonMultiplier(70, 1.5, 30, 1), 35)).isBetween(50, 100);
    assertThat(readyAtTheEnd(new Escalator(70, 60, 2, 1), 35)).isEqualTo(50);
    assertThat(readyAtTheEnd(new DrainTime(60, 30, 1), 35)).isEqualTo(35);
  }

  @Test
  void hpaLooksEveryQuarterOfAMinuteAndWaitsBeforeItGivesBack() {
    var demand = constant(10, 700);
    Arrays.fill(demand, 0, 100, 40);
    var steps = steps(new Hpa(Hpa.Metric.DEMAND, 0.5, 300, 1), Terms.pausing(), demand);
    assertThat(steps.get(14).ready()).isEqualTo(1);
    assertThat(steps.get(15).ready()).as("by four").isEqualTo(5);
    assertThat(steps.get(30).ready()).as("twofold").isEqualTo(10);
    assertThat(steps.get(75).ready()).isEqualTo(80);
    // The last time that 80 were wanted was at 90; at 105 it sees 10.
    assertThat(steps.get(389).ready()).isEqualTo(80);
    assertThat(steps.get(390).ready()).isEqualTo(20);
  }

  @Test
  void hpaSeesCpuUseLate() {
    var demand = constant(1, 100);
    Arrays.fill(demand, 50, 100, 8);
    var steps = steps(new Hpa(Hpa.Metric.CPU, 0.5, 300, 4), Terms.pausing(), demand);
    // At 60 the newest measurement is of 45; at 75 the mean of 46 to 60 is 1/4 to 1.
    assertThat(steps.get(74).ready()).isEqualTo(4);
    assertThat(steps.get(75).ready()).isBetween(5, 8);
  }

  @Test
  void kedaGoesToNoneAfterItsCooldownAndWakesAtAPoll() {
    var demand = constant(0, 800);
    Arrays.fill(demand, 0, 40, 5);
    Arrays.fill(demand, 700, 800, 5);
    var steps = steps(new Keda(0.7, 30, 300, 0), Terms.pausing(), demand);
    assertThat(steps.get(29).ready()).isZero();
    assertThat(steps.get(30).ready()).isPositive();
    assertThat(steps.get(359).ready()).isPositive();
    assertThat(steps.get(361).ready()).isZero();
    assertThat(steps.get(719).ready()).isZero();
    assertThat(steps.get(720).ready()).isPositive();
  }

  @Test
  void knativePanicsAndTakesNothingAwayThen() {
    var demand = constant(1, 300);
    Arrays.fill(demand, 100, 106, 50);
    var steps = steps(new Knative(0.7, 60, 0, 0), Terms.pausing(), demand);
    assertThat(steps.get(99).ready()).isEqualTo(2);
    int most = steps.stream().mapToInt(Step::ready).max().orElseThrow();
    assertThat(most).isEqualTo(72);
    assertThat(steps.get(150).ready()).as("in panic").isEqualTo(72);
    assertThat(steps.get(299).ready()).as("after it").isEqualTo(2);
  }

  @Test
  void knativeGoesToNoneAfterWindowAndGrace() {
    var demand = constant(0, 300);
    Arrays.fill(demand, 0, 100, 1);
    var steps = steps(new Knative(0.7, 60, 0, 0), Terms.pausing(), demand);
    assertThat(steps.get(180).ready()).isPositive();
    assertThat(steps.get(200).ready()).isZero();
  }

  @Test
  void virtualMachinesServeTwoMinutesLater() {
    var demand = constant(50, 400);
    var steps =
        steps(
            new StepScalingPolicy(StepScalingPolicy.Of.MACHINES, 70, 300, 10),
            Terms.stopping(1),
            demand);
    int asked = steps.stream().filter(step -> step.starting() > 0).findFirst().orElseThrow().t();
    assertThat(asked).isEqualTo(120);
    assertThat(steps.get(asked + 119).ready()).isEqualTo(10);
    assertThat(steps.get(asked + 120).ready()).isEqualTo(13);
    assertThat(
            new StepScalingPolicy(StepScalingPolicy.Of.MACHINES, 70, 300, 10)
                .startLatency(Terms.stopping(200)))
        .isEqualTo(200);
  }

  @Test
  void engineOf2016FollowsItsQueue() {
    var demand = constant(20, 400);
    var steps =
        steps(new Engine2016(Engine2016.Tuning.CORRECTED, 10, 1), Terms.stopping(1), demand);
    assertThat(steps.getFirst().ready()).isEqualTo(1);
    assertThat(steps).anyMatch(step -> step.ready() >= 20);
    assertThat(steps.getLast().ready()).isBetween(15, 100);

    var simple = steps(new Engine2016(Engine2016.Tuning.SIMPLE, 10, 1), Terms.pausing(), demand);
    // 190 messages wait after the first second; a tick may add one and the next waits for it.
    assertThat(simple.get(1).ready()).isEqualTo(2);
    assertThat(simple.get(2).ready()).isEqualTo(3);
  }

  @Test
  void thresholdNeedsFiveOfSixValues() {
    var demand = constant(90, 200);
    var steps = steps(new NomadThreshold(70, 20, 300, 10), Terms.pausing(), demand);
    assertThat(steps.get(49).ready()).isEqualTo(10);
    assertThat(steps.get(50).ready()).isEqualTo(12);
    assertThat(steps.get(199).ready()).as("cools down").isEqualTo(12);
  }

  @Test
  void plainRuleHoldsTheLargest() {
    var steps = steps(new PlainRule(50, 1, 3), Terms.pausing(), 2, 10, 0, 0, 0, 0, 0);
    assertThat(steps).extracting(Step::ready).containsExactly(1, 4, 16, 16, 16, 1, 1);
  }

  @Test
  void boundIsAboveEverySafeRule() {
    var demand = wild(new SplittableRandom(7));
    var bound = StandardRun.run(new Clairvoyant(), demand, Terms.pausing());
    assertThat(bound.batchOfClairvoyantPercent()).isCloseTo(100, within(1e-9));
  }
}
