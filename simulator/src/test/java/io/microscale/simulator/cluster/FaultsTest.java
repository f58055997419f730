package io.microscale.simulator.cluster;

import static io.microscale.simulator.cluster.Scenario.BATCH;
import static io.microscale.simulator.cluster.Scenario.SLOTS;
import static io.microscale.simulator.cluster.Scenario.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.NodeId;
import io.microscale.core.orchestrator.Ability;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What goes wrong, and that the engine comes back from it.
class FaultsTest {
  private static final NodeId NODE = new NodeId("node-2");

  private static List<Step> run(
      ClusterSettings cluster, Demand demand, BiConsumer<Integer, SimulatedCluster> meddling) {
    var simulation = new Simulation(Scenario.of(cluster, demand), _ -> {});
    var steps = new ArrayList<Step>();
    simulation.run(
        step -> {
          steps.add(step);
          assertThat(simulation.cluster().oversubscribed()).as("at %s", step).isEmpty();
          meddling.accept(step.t(), simulation.cluster());
        });
    return steps;
  }

  private static void assertShared(Step step, int web, int slots) {
    assertThat(step.ready()).as("web at %s", step).isEqualTo(web);
    assertThat(step.batchRunning()).as("batch at %s", step).isEqualTo(slots - web);
  }

  @Test
  void aLostNodeIsDoneWithoutAndTakenUpAgainWhenItIsBack() {
    var steps =
        run(
            Scenario.cluster(1),
            Scenario.constant(6, 60),
            (second, cluster) -> {
              if (second == 20) {
                cluster.lose(NODE);
              } else if (second == 40) {
                cluster.restore(NODE);
              }
            });
    assertShared(steps.get(20), 6, SLOTS);
    assertThat(steps.get(21).ready()).as("some were on it").isLessThan(6);
    assertShared(steps.get(30), 6, SLOTS - 4);
    assertShared(steps.getLast(), 6, SLOTS);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void nodesThatAreLostByChanceComeBackToo(long seed) {
    var steps =
        run(
            Scenario.cluster(seed).faults(Faults.ofNodes(60, Latency.ofMillis(5_000, 20_000))),
            Scenario.constant(4, 600),
            (_, _) -> {});
    assertThat(steps).anyMatch(s -> s.ready() + s.starting() + s.batchRunning() <= SLOTS - 4);
    long served = steps.stream().filter(s -> s.ready() == 4).count();
    assertThat(served).as("of 600 seconds").isGreaterThan(500);
  }

  @Test
  void theOnlyNodeIsNeverLost() {
    var cluster = new SimulatedCluster(Scenario.cluster(1));
    cluster.lose(new NodeId("node-1"));
    cluster.lose(NODE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cluster.lose(new NodeId("node-3")))
        .withMessage("node: need one of several nodes [node-3], got 'node-3'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cluster.restore(new NodeId("node-3")))
        .withMessage("node: need one that was lost, got 'node-3'");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void startsThatFailAreMadeAgain(long seed) {
    var steps =
        run(
            Scenario.cluster(seed).faults(Faults.ofStarts(0.4)),
            Scenario.constant(6, 300),
            (_, _) -> {});
    int later = 0;
    while (steps.get(later).ready() < 6) {
      later++;
    }
    assertThat(later).as("the first second with all of them").isBetween(3, 60);
    assertShared(steps.getLast(), 6, SLOTS);
  }

  @Test
  void aServiceWhoseStartsAllFailBacksOff() {
    var events = new ArrayList<LoopEvent>();
    var settings =
        Scenario.of(Scenario.cluster(1).faults(Faults.ofStarts(1)), Scenario.constant(2, 120));
    var outcome = Simulation.run(settings, _ -> {}, events::add);
    assertThat(events)
        .filteredOn(LoopEvent.Observed.class::isInstance)
        .extracting(e -> ((LoopEvent.Observed) e).standings().backoffs().keySet())
        .anyMatch(backingOff -> backingOff.contains(WEB));
    assertThat(outcome.actions().get("start")).as("in four minutes").isLessThan(400);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void replicasThatEndByThemselvesAreReplaced(long seed) {
    var steps =
        run(
            Scenario.cluster(seed).faults(Faults.ofReplicas(0.05)),
            Scenario.constant(6, 600),
            (_, _) -> {});
    long served = steps.stream().filter(s -> s.ready() == 6).count();
    assertThat(served).as("of 600 seconds").isBetween(450L, 595L);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void actionsThatFailOrWhoseEndIsNotKnownAreAskedForAgain(long seed) {
    var steps =
        run(
            Scenario.cluster(seed).faults(Faults.ofActions(0.3, 0.3)),
            Scenario.constant(6, 300),
            (_, _) -> {});
    assertShared(steps.getLast(), 6, SLOTS);
  }

  @Test
  void aChangeThatNobodyWasToldOfIsSeenAtTheNextResync() {
    var settings =
        Scenario.of(Scenario.cluster(1).faults(Faults.ofNotices(1)), Demand.of("short", 5));
    var passes = new ArrayList<LoopEvent.Passed>();
    var simulation =
        new Simulation(
            settings,
            event -> {
              if (event instanceof LoopEvent.Passed passed) {
                passes.add(passed);
              }
            });
    simulation.run(_ -> {});
    assertThat(passes).noneMatch(p -> p.triggers().contains(Trigger.REPLICAS));
    assertThat(passes).anyMatch(p -> p.triggers().contains(Trigger.RESYNC));

    // A killed replica is seen when the next pass looks, for whatever reason.
    var steps =
        run(
            Scenario.cluster(1).faults(Faults.ofNotices(1)),
            Scenario.constant(6, 60),
            (second, cluster) -> {
              if (second == 20) {
                var web = cluster.truth().of(WEB).replicas();
                cluster.kill(web.getFirst().id());
              }
            });
    assertThat(steps.get(21).ready()).isEqualTo(5);
    assertShared(steps.getLast(), 6, SLOTS);
  }

  @Test
  void aChangeThatIsToldLateIsAnsweredLate() {
    var prompt = Scenario.cluster(1);
    var late = prompt.timing(prompt.timing().noticing(Latency.ofMillis(300)));
    var demand = Scenario.constant(4, 20);
    double least = run(prompt, demand, (_, _) -> {}).stream().mapToDouble(Step::unserved).sum();
    double more = run(late, demand, (_, _) -> {}).stream().mapToDouble(Step::unserved).sum();
    // Three starts wait for the room of three stops, and hear of it 0.3 s later at most: the end of
    // the action that asked for a stop is heard of at once.
    assertThat(more - least).isBetween(0.1, 3 * 0.31);
  }

  @Test
  void whatIsReportedLateIsStillNotAskedForTwice() {
    var abilities = EnumSet.copyOf(Scenario.cluster(1).abilities());
    abilities.remove(Ability.READS_OWN_WRITES);
    var cluster = Scenario.cluster(1).abilities(abilities);
    var late =
        cluster.timing(
            cluster.timing().reporting(Latency.ofMillis(0, 900)).taking(Latency.ofMillis(0, 500)));
    var steps = run(late, Scenario.constant(6, 60), (_, _) -> {});
    assertShared(steps.getLast(), 6, SLOTS);
    assertThat(steps).allMatch(s -> s.ready() <= 6);
  }

  @Test
  void aStopLosesWhatWasDoneSinceTheLastCheckpoint() {
    var every = Duration.ofSeconds(4);
    var cluster =
        new SimulatedCluster(
            Scenario.cluster(1)
                .timing(Timing.NONE)
                .work(BATCH, new Work(Duration.ZERO, new Work.Loss.SinceCheckpoint(every))));
    var lost = new ArrayList<Double>();
    cluster.observe((_, _, nanos, _) -> lost.add(nanos / 1e9));
    var start = Starts.of(BATCH, cluster);
    try (var orchestrator = cluster.open()) {
      orchestrator.perform(start);
      cluster.advance(Duration.ofSeconds(9));
      var saved = cluster.truth().of(BATCH).replicas().getFirst();
      assertThat(saved.workAtRisk(cluster.instant())).isEqualTo(Duration.ofSeconds(1));
      // A pause does not count: 1 s was done before it, 2 s are done after it.
      orchestrator.perform(Starts.pause(start));
      cluster.advance(Duration.ofSeconds(100));
      orchestrator.perform(Starts.resume(start));
      cluster.advance(Duration.ofSeconds(2));
      orchestrator.perform(Starts.stop(start));
    }
    assertThat(lost.stream().mapToDouble(Double::doubleValue).sum()).isEqualTo(3);
  }

  @Test
  void withoutCheckpointsAStopLosesAll() {
    var cluster =
        new SimulatedCluster(
            Scenario.cluster(1)
                .timing(Timing.NONE)
                .work(BATCH, new Work(Duration.ZERO, new Work.Loss.All())));
    var lost = new ArrayList<Long>();
    cluster.observe((_, _, nanos, _) -> lost.add(nanos));
    var start = Starts.of(BATCH, cluster);
    try (var orchestrator = cluster.open()) {
      orchestrator.perform(start);
      cluster.advance(Duration.ofSeconds(9));
      cluster.kill(start.replica());
    }
    assertThat(lost).containsExactly(0L, 9_000_000_000L);
  }

  @Test
  void impossibleFaultsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Faults.ofActions(0.7, 0.7))
        .withMessage("faults.failing + uncertain: need 0 to 1, got 1.4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Faults.ofReplicas(-1))
        .withMessage("faults.lossesPerSecond: need 0 to 1000, got -1.0");
    assertThat(Faults.ofStarts(0.5).and(Faults.ofNotices(0.25)))
        .isEqualTo(new Faults(0, 0, 0.5, 0, 0, Latency.none(), 0.25));
  }
}
