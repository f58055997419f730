package io.microscale.simulator.cluster;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Step;
import io.microscale.simulator.standard.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Twelve slots that `web` and `batch` share, and variations of it.
final class Scenario {
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");
  static final int SLOTS = 12;

  private Scenario() {}

  static ServiceSpec web() {
    return ServiceSpec.named("web").priority(100).replicas(1, SLOTS).build();
  }

  static ServiceSpec batch() {
    return ServiceSpec.named("batch").replicas(0, SLOTS).remainder().build();
  }

  /// Three nodes, everything but pausing, one second from a start to being ready.
  static ClusterSettings cluster(long seed) {
    return ClusterSettings.reliable(
            SimulatedCluster.nodes(3, Map.of(Resources.SLOTS, 4L)),
            SimulatedCluster.services("web", "batch"))
        .seed(seed)
        .abilities(EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.QUEUES_WHEN_FULL)))
        .timing(Timing.of(Latency.ofMillis(1_000), Latency.ofMillis(100)));
  }

  static SimulationSettings of(ClusterSettings cluster, Demand demand) {
    return of(PoolSpec.of("p", List.of(web(), batch())), cluster, Map.of(WEB, demand), Map.of());
  }

  static SimulationSettings of(
      PoolSpec pool,
      ClusterSettings cluster,
      Map<ServiceId, Demand> demands,
      Map<ServiceId, Backlog> backlogs) {
    return new SimulationSettings(
        pool,
        cluster,
        demands,
        Duration.ofSeconds(1),
        backlogs,
        Duration.ofMinutes(2),
        new Terms(
            SimulationSettings.capacityFor(pool.services().getFirst(), cluster.nodes()),
            1,
            false,
            0,
            0));
  }

  static Demand constant(double replicas, int seconds) {
    var values = new double[seconds];
    Arrays.fill(values, replicas);
    return Demand.of("constant", values);
  }

  /// Levels that hold for some seconds each, between nothing and all slots.
  static Demand random(long seed, int slots, int seconds) {
    var random = new SplittableRandom(seed);
    var values = new double[seconds];
    double level = 0;
    for (int second = 0; second < seconds; second++) {
      if (random.nextInt(4) == 0) {
        level = random.nextDouble() * slots;
      }
      values[second] = level;
    }
    return Demand.of("random-" + seed, values);
  }

  static List<Step> steps(SimulationSettings settings) {
    var steps = new ArrayList<Step>();
    Simulation.run(settings, steps::add, _ -> {});
    return steps;
  }
}
