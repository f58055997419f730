package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.scaling.Headroom;
import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Terms;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What is simulated.
///
/// @param pool as the engine is configured
/// @param cluster what it runs on; it knows the services of the pool
/// @param demands in replicas, of every service that follows one; they begin together, and the run
///   ends with the longest
/// @param readingAge how long after its moment the engine gets to know a demand; at most an hour
/// @param backlogs of the remainder services whose work is finite
/// @param warmUp how long the engine runs before the demand begins, without a reading
/// @param terms the slots by which the run is scored, and the start latency of the bound that it is
///   compared with
public record SimulationSettings(
    PoolSpec pool,
    ClusterSettings cluster,
    Map<ServiceId, Demand> demands,
    Duration readingAge,
    Map<ServiceId, Backlog> backlogs,
    Duration warmUp,
    Terms terms) {
  private static final Duration OLDEST = Duration.ofHours(1);
  private static final Duration LONGEST_WARM_UP = Duration.ofDays(1);
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId BATCH = new ServiceId("batch");

  public SimulationSettings {
    demands = Map.copyOf(demands);
    backlogs = Map.copyOf(backlogs);
    for (var spec : pool.services()) {
      require(
          cluster.services().contains(spec.id()),
          "cluster: need to know every service",
          cluster.services());
      require(
          spec.remainder() != demands.containsKey(spec.id()),
          "demands: need one of each service that follows a demand, and of no other",
          spec.id());
      require(
          spec.remainder() || !backlogs.containsKey(spec.id()),
          "backlogs: need remainder services only",
          spec.id());
    }
    require(!demands.isEmpty(), "demands: need at least one", "none");
    require(
        !readingAge.isNegative() && readingAge.compareTo(OLDEST) <= 0,
        "readingAge: need 0s to 1h",
        readingAge);
    require(
        !warmUp.isNegative() && warmUp.compareTo(LONGEST_WARM_UP) <= 0,
        "warmUp: need 0s to 24h",
        warmUp);
  }

  private static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, got %s".formatted(rule, value));
    }
  }

  /// The standard run's pool, costs and demand, with the real engine on it: `web` over `batch` on
  /// one node, demand seen a second late. Where the terms pause, all replicas of both are there and
  /// wait as standbys.
  ///
  /// @param hold how long the engine waits before it gives room back
  public static SimulationSettings standard(
      Demand demand, Terms terms, Headroom headroom, Duration hold, long seed) {
    int slots = terms.slots();
    var web =
        ServiceSpec.named(WEB.value())
            .priority(100)
            .replicas(0, slots)
            .headroom(headroom)
            .hold(hold);
    var batch = ServiceSpec.named(BATCH.value()).replicas(0, slots).remainder();
    var abilities = EnumSet.complementOf(EnumSet.of(Ability.SCALES));
    if (terms.pauses()) {
      web.reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(slots);
      batch.reclaim(Reclaim.PAUSE, Reclaim.STOP);
    } else {
      abilities.remove(Ability.PAUSES);
    }
    var start = Latency.constant(Duration.ofSeconds(terms.startLatency()));
    var cluster =
        ClusterSettings.reliable(
                SimulatedCluster.nodes(1, Map.of(Resources.SLOTS, (long) slots)),
                Set.of(WEB, BATCH))
            .seed(seed)
            .abilities(abilities)
            .timing(Timing.NONE.starting(Map.of(WEB, start)))
            .work(
                BATCH,
                new Work(
                    seconds(terms.batchStartCosts()),
                    new Work.Loss.Fixed(seconds(terms.stopLoses()))));
    return new SimulationSettings(
        PoolSpec.of("standard", List.of(web.build(), batch.build())),
        cluster,
        Map.of(WEB, demand),
        Duration.ofSeconds(1),
        Map.of(),
        Duration.ofMinutes(10),
        terms);
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  /// How long the demand is.
  public int seconds() {
    return demands.values().stream().mapToInt(Demand::length).max().orElseThrow();
  }

  /// How many replicas of a service fit into the pool while nothing else is there.
  int capacityFor(ServiceSpec spec) {
    return capacityFor(spec, cluster.nodes());
  }

  /// How many replicas of a service fit on nodes while nothing else is there.
  public static int capacityFor(ServiceSpec spec, List<Node> nodes) {
    long fitting = 0;
    for (var node : nodes) {
      long here = Integer.MAX_VALUE;
      for (var name : spec.resources().names()) {
        if (spec.resources().get(name) > 0) {
          here = Math.min(here, node.capacity().get(name) / spec.resources().get(name));
        }
      }
      fitting += here;
    }
    return (int) Math.min(Integer.MAX_VALUE, fitting);
  }
}
