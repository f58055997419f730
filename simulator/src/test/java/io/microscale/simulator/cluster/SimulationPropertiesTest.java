package io.microscale.simulator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.simulator.standard.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What holds in every simulation; the seed of a failed run is in the test's name.
class SimulationPropertiesTest {
  private static final long FIRST_SEED = Long.getLong("seed", 1);
  private static final int NODES = 4;
  private static final int PER_NODE = 5;
  private static final int SLOTS = NODES * PER_NODE;

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + 15);
  }

  private enum Kind {
    RELIABLE,
    FAULTY,
    /// Told numbers and victims.
    TOLD_NUMBERS
  }

  /// A random pool, demand and cluster.
  private static Simulation simulation(long seed, Kind kind) {
    var random = new SplittableRandom(seed);
    var web =
        ServiceSpec.named("web")
            .priority(100)
            .replicas(random.nextInt(4), SLOTS)
            .hold(Duration.ofSeconds(random.nextInt(10)));
    var batch = ServiceSpec.named("batch").replicas(random.nextInt(4), SLOTS).remainder();
    if (random.nextBoolean()) {
      web.reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(random.nextInt(4));
      batch.reclaim(Reclaim.PAUSE, Reclaim.STOP);
    }
    var nodes = SimulatedCluster.nodes(NODES, Map.of(Resources.SLOTS, (long) PER_NODE));
    var services = SimulatedCluster.services("web", "batch");
    var cluster =
        kind == Kind.FAULTY
            ? ClusterSettings.faulty(seed, nodes, services)
                .abilities(
                    EnumSet.complementOf(
                        EnumSet.of(
                            Ability.SCALES, Ability.READS_OWN_WRITES, Ability.QUEUES_WHEN_FULL)))
                .faults(
                    Faults.ofActions(0.05, 0.05)
                        .and(Faults.ofReplicas(0.1))
                        .and(Faults.ofStarts(0.05))
                        .and(Faults.ofNodes(20, Latency.ofMillis(1_000, 20_000)))
                        .and(Faults.ofNotices(0.2)))
            : ClusterSettings.reliable(nodes, services)
                .seed(seed)
                .abilities(
                    EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.QUEUES_WHEN_FULL)))
                .timing(
                    Timing.of(
                            new Latency.LogNormal(Duration.ofMillis(500), Duration.ofSeconds(3)),
                            Latency.ofMillis(random.nextInt(3) * 300L))
                        .answering(
                            Map.of(
                                "start", Latency.ofMillis(0, random.nextInt(300)),
                                "pause", Latency.ofMillis(0, random.nextInt(100)),
                                "resume", Latency.ofMillis(0, random.nextInt(100)))));
    var settings =
        Scenario.of(
            PoolSpec.of("p", List.of(web.build(), batch.build())),
            kind == Kind.TOLD_NUMBERS
                ? cluster
                    .abilities(EnumSet.complementOf(EnumSet.of(Ability.READS_OWN_WRITES)))
                    .scalingByName(Resources.slots(1))
                : cluster,
            Map.of(Scenario.WEB, Scenario.random(seed, SLOTS, 150)),
            Map.of());
    return new Simulation(settings, _ -> {});
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void nothingIsPromisedTwiceAndMinimumsAreKept(long seed) {
    var steps = new ArrayList<Step>();
    var simulation = simulation(seed, Kind.RELIABLE);
    simulation
        .cluster()
        .observe(
            (_, _, _, _) ->
                assertThat(simulation.cluster().oversubscribed()).as("seed %d", seed).isEmpty());
    var outcome =
        simulation.run(
            step -> {
              steps.add(step);
              assertMinimums(simulation, step);
            });
    assertThat(outcome.refusedForRoom()).as("starts without room").isZero();
    assertThat(steps)
        .allMatch(s -> s.ready() + s.starting() + s.batchRunning() <= SLOTS)
        .allMatch(s -> s.unserved() >= 0 && s.unserved() <= s.demand())
        .allMatch(s -> s.batchDone() <= SLOTS);
    assertThat(outcome.score().usefulUtilisationPercent()).isBetween(0.0, 100.0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whatIsToldNumbersKeepsMinimumsToo(long seed) {
    var steps = new ArrayList<Step>();
    var simulation = simulation(seed, Kind.TOLD_NUMBERS);
    var outcome =
        simulation.run(
            step -> {
              steps.add(step);
              assertMinimums(simulation, step);
            });
    assertThat(simulation.cluster().oversubscribed()).isEmpty();
    assertThat(steps).allMatch(s -> s.ready() + s.starting() + s.batchRunning() <= SLOTS);
    assertThat(outcome.score().usefulUtilisationPercent()).isBetween(30.0, 100.0);
  }

  private static void assertMinimums(Simulation simulation, Step step) {
    Snapshot truth = simulation.cluster().truth();
    for (var spec : simulation.settings().pool().services()) {
      assertThat(truth.of(spec.id()).active())
          .as("%s at %s", spec.id(), step)
          .isGreaterThanOrEqualTo(spec.min());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverGoesWrongNoNodeHoldsMoreThanItHas(long seed) {
    var steps = new ArrayList<Step>();
    var simulation = simulation(seed, Kind.FAULTY);
    simulation
        .cluster()
        .observe(
            (_, _, _, _) ->
                assertThat(simulation.cluster().oversubscribed()).as("seed %d", seed).isEmpty());
    simulation.run(steps::add);
    assertThat(steps).hasSize(150);
    assertThat(steps).anyMatch(s -> s.ready() > 0);
  }
}
