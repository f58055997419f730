package io.microscale.simulator.cluster;

import static io.microscale.simulator.cluster.Scenario.BATCH;
import static io.microscale.simulator.cluster.Scenario.SLOTS;
import static io.microscale.simulator.cluster.Scenario.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.simulator.policies.Microscale;
import io.microscale.simulator.policies.PlainRule;
import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Step;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulationTest {
  private static final int SETTLED = 15;

  static Stream<Terms> terms() {
    return Stream.of(Terms.stopping(0), Terms.stopping(1), Terms.stopping(5), Terms.pausing());
  }

  /// The engine with a fixed headroom and a hold is the plain rule, so both ways to run it must
  /// agree, second by second, once the start is over: the rule holds its extra slots from the first
  /// second, the engine from its first reading.
  @ParameterizedTest
  @MethodSource("terms")
  void theEngineAgreesWithTheStandardRun(Terms terms) {
    var demand = Scenario.random(11, terms.slots(), 300);
    int hold = 6;
    var expected = new ArrayList<Step>();
    StandardRun.run(new PlainRule(20, 2, hold), demand, terms, expected::add);
    var simulated =
        Scenario.steps(
            SimulationSettings.standard(
                demand, terms, new Headroom.Fixed(20, 2), Duration.ofSeconds(hold - 1), 1));
    assertThat(simulated.subList(SETTLED, simulated.size()))
        .isEqualTo(expected.subList(SETTLED, expected.size()));
  }

  @ParameterizedTest
  @MethodSource("terms")
  void theScoreIsThatOfTheStandardRun(Terms terms) {
    var demand = Scenario.random(12, terms.slots(), 2_000);
    var expected = StandardRun.run(new PlainRule(10, 1, 3), demand, terms);
    var score =
        Simulation.run(
                SimulationSettings.standard(
                    demand, terms, new Headroom.Fixed(10, 1), Duration.ofSeconds(2), 1))
            .score();
    assertThat(score.clairvoyantBatch()).isEqualTo(expected.clairvoyantBatch());
    assertThat(score.unservedPercent()).isCloseTo(expected.unservedPercent(), within(0.1));
    assertThat(score.batchOfClairvoyantPercent())
        .isCloseTo(expected.batchOfClairvoyantPercent(), within(0.2));
    assertThat(score.usefulUtilisationPercent())
        .isCloseTo(expected.usefulUtilisationPercent(), within(0.2));
    assertThat(score.batchLostSeconds()).isCloseTo(expected.batchLostSeconds(), within(50.0));
  }

  /// The engine learns its headroom from what it sees happen, the rule is told the start latency;
  /// both must come to much the same.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theWholeEngineLearnsWhatTheRuleLearns(boolean pauses) throws IOException {
    var terms = pauses ? Terms.pausing() : Terms.stopping(1);
    var demand = Demand.read(Path.of("../examples/traces/azure-llm-conv.csv"));
    var expected = StandardRun.run(new Microscale(), demand, terms);
    var score =
        Simulation.run(
                SimulationSettings.standard(
                    demand, terms, Headroom.Learned.DEFAULT, Duration.ZERO, 1))
            .score();
    assertThat(score.unservedPercent()).isCloseTo(expected.unservedPercent(), within(0.1));
    assertThat(score.batchOfClairvoyantPercent())
        .isCloseTo(expected.batchOfClairvoyantPercent(), within(4.0));
  }

  private static List<String> told(SimulationSettings settings) {
    var told = new ArrayList<String>();
    // How long a decision took is measured on a clock that stands still, so even that is equal.
    var outcome =
        Simulation.run(settings, step -> told.add(step.toString()), e -> told.add(e.toString()));
    told.add(outcome.toString());
    return told;
  }

  @Test
  void theSameSeedGivesTheSameRunAndAnotherOneAnother() {
    var cluster =
        ClusterSettings.faulty(
            5,
            SimulatedCluster.nodes(3, Map.of(Resources.SLOTS, 4L)),
            SimulatedCluster.services("web", "batch"));
    var demand = Scenario.random(5, SLOTS, 60);
    var first = told(Scenario.of(cluster, demand));
    assertThat(first).hasSizeGreaterThan(200);
    assertThat(told(Scenario.of(cluster, demand))).isEqualTo(first);
    assertThat(told(Scenario.of(cluster.seed(6), demand))).isNotEqualTo(first);
  }

  @Test
  void aReplicaServesForAsMuchOfASecondAsItIsReady() {
    // 1.25 s from the reading, which is a second old, to the replica: 3 of 4 are missing for 2.25
    // s.
    var cluster = Scenario.cluster(1).timing(Timing.of(Latency.ofMillis(1_250), Latency.none()));
    var steps = Scenario.steps(Scenario.of(cluster, Scenario.constant(4, 10)));
    assertThat(steps.stream().mapToDouble(Step::unserved).sum()).isCloseTo(3 * 2.25, within(1e-6));
    assertThat(steps.get(2).unserved()).isCloseTo(3 * 0.25, within(1e-6));
    assertThat(steps.getLast().ready()).isEqualTo(4);
    assertThat(steps.getLast().batchRunning()).isEqualTo(SLOTS - 4);
  }

  @Test
  void anOlderReadingIsAnsweredLater() {
    var demand = Scenario.constant(4, 60);
    var young = Scenario.of(Scenario.cluster(1), demand);
    var old =
        new SimulationSettings(
            young.pool(),
            young.cluster(),
            young.demands(),
            Duration.ofMillis(20_500),
            young.backlogs(),
            young.warmUp(),
            young.terms());
    double least = Scenario.steps(young).stream().mapToDouble(Step::unserved).sum();
    double more = Scenario.steps(old).stream().mapToDouble(Step::unserved).sum();
    assertThat(more - least).isCloseTo(3 * 19.5, within(1e-6));
  }

  @Test
  void anOrchestratorThatAnswersLateMakesAllLater() {
    var prompt = Scenario.cluster(1);
    var late =
        prompt.timing(
            prompt
                .timing()
                .answering(Map.of("start", Latency.ofMillis(400), "stop", Latency.ofMillis(300))));
    var demand = Scenario.constant(4, 30);
    double least =
        Scenario.steps(Scenario.of(prompt, demand)).stream().mapToDouble(Step::unserved).sum();
    double more =
        Scenario.steps(Scenario.of(late, demand)).stream().mapToDouble(Step::unserved).sum();
    assertThat(more - least).isCloseTo(3 * 0.7, within(1e-6));
  }

  @Test
  void aFiniteBacklogIsWorkedOffAndThenThereIsNothingToDo() {
    var arriving = new double[100];
    arriving[10] = 50;
    arriving[60] = 20;
    var settings =
        Scenario.of(
            PoolSpec.of("p", List.of(Scenario.web(), Scenario.batch())),
            Scenario.cluster(1),
            Map.of(WEB, Scenario.constant(2, 100)),
            Map.of(BATCH, Backlog.of("two jobs", arriving)));
    var simulation = new Simulation(settings, _ -> {});
    var steps = new ArrayList<Step>();
    var idle = new ArrayList<Long>();
    var outcome =
        simulation.run(
            step -> {
              steps.add(step);
              idle.add(
                  simulation.cluster().truth().of(BATCH).replicas().stream()
                      .filter(r -> r.idle())
                      .count());
            });
    assertThat(steps.stream().mapToDouble(Step::batchDone).sum()).isCloseTo(70, within(1e-9));
    assertThat(steps.get(9).batchDone()).isZero();
    assertThat(steps.get(10).batchDone()).isEqualTo(10);
    assertThat(outcome.score().batchOfClairvoyantPercent()).isCloseTo(100, within(1e-9));
    assertThat(idle.get(9)).isEqualTo(10);
    assertThat(idle.get(12)).isZero();
    assertThat(idle.getLast()).isEqualTo(10);
  }

  @Test
  void severalServicesOfSeveralSizesShareNodes() {
    var api = new ServiceId("api");
    var pool =
        PoolSpec.of(
            "p",
            List.of(
                ServiceSpec.named("web")
                    .priority(100)
                    .replicas(1, 8)
                    .resources(Resources.cpuAndMemory(1_000, 1 << 30))
                    .scaling(new ScalingPolicy.PerReplicaTarget(50))
                    .build(),
                ServiceSpec.named("api")
                    .priority(50)
                    .replicas(1, 8)
                    .resources(Resources.cpuAndMemory(500, 2L << 30))
                    .scaling(new ScalingPolicy.TargetUtilisation(0.5, 0.1))
                    .build(),
                ServiceSpec.named("batch")
                    .replicas(0, 50)
                    .resources(Resources.cpuAndMemory(250, 256 << 20))
                    .remainder()
                    .build()));
    var cluster =
        ClusterSettings.reliable(
            SimulatedCluster.nodes(2, Map.of(Resources.CPU, 4_000L, Resources.MEMORY, 16L << 30)),
            SimulatedCluster.services("web", "api", "batch"));
    var settings =
        Scenario.of(
            pool,
            cluster,
            Map.of(WEB, Scenario.constant(3, 120), api, Scenario.constant(2, 120)),
            Map.of());
    var simulation = new Simulation(settings, _ -> {});
    var outcome = simulation.run(_ -> {});
    var truth = simulation.cluster().truth();
    assertThat(truth.of(WEB).running()).isEqualTo(3);
    assertThat(truth.of(api).running()).as("2 busy at half").isEqualTo(4);
    assertThat(truth.of(BATCH).running()).as("the other 3 cores").isEqualTo(12);
    assertThat(outcome.services().keySet()).containsExactly(api, BATCH, WEB);
    // A replica of batch is a quarter of one of web.
    assertThat(outcome.score().batchDone())
        .isCloseTo(outcome.services().get(BATCH).done() / 4, within(1e-6));
  }

  @Test
  void aQueueThatIsReadIsWorkedOff() {
    var pool =
        PoolSpec.of(
            "p",
            List.of(
                ServiceSpec.named("web")
                    .priority(100)
                    .replicas(1, SLOTS)
                    .scaling(new ScalingPolicy.QueueDrainTime(10, Duration.ofSeconds(5)))
                    .build(),
                Scenario.batch()));
    var steps =
        Scenario.steps(
            Scenario.of(
                pool, Scenario.cluster(1), Map.of(WEB, Scenario.constant(6, 120)), Map.of()));
    assertThat(steps.getFirst().ready()).isEqualTo(1);
    // Where it swings about: six keep up with what arrives, and more are needed for what waits.
    double mean = steps.stream().skip(60).mapToInt(Step::ready).average().orElseThrow();
    assertThat(mean).isBetween(5.5, 7.0);
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() {
    var good = Scenario.of(Scenario.cluster(1), Scenario.constant(1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Scenario.of(good.pool(), good.cluster(), Map.of(), Map.of()))
        .withMessage(
            "demands: need one of each service that follows a demand, and of no other, got web");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Scenario.of(
                    good.pool(), good.cluster(), good.demands(), Map.of(WEB, Backlog.endless())))
        .withMessage("backlogs: need remainder services only, got web");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new SimulationSettings(
                    good.pool(),
                    good.cluster(),
                    good.demands(),
                    Duration.ofHours(2),
                    Map.of(),
                    Duration.ZERO,
                    good.terms()))
        .withMessage("readingAge: need 0s to 1h, got PT2H");
  }

  @Test
  @Tag("slow")
  void aDayIsSimulatedAndItsTimeIsTold() {
    var terms = Terms.stopping(1);
    var hours = new double[86_400];
    var minutes = Scenario.random(3, terms.slots(), hours.length / 10);
    Arrays.setAll(hours, second -> minutes.at(second / 10));
    long begun = System.nanoTime();
    var outcome =
        Simulation.run(
            SimulationSettings.standard(
                Demand.of("a day", hours), terms, new Headroom.Fixed(20, 2), Duration.ZERO, 1));
    System.out.printf(
        Locale.ROOT,
        "24 h: %d passes, %s in %.2f s%n",
        outcome.passes(),
        outcome.actions(),
        (System.nanoTime() - begun) / 1e9);
    assertThat(outcome.passes()).isGreaterThanOrEqualTo(hours.length);
  }
}
