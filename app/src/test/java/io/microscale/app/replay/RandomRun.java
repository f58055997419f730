package io.microscale.app.replay;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.ControlLoop;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.simulator.cluster.ClusterSettings;
import io.microscale.simulator.cluster.Faults;
import io.microscale.simulator.cluster.SimulatedCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// The real loop on a simulated cluster that is late, fails and loses replicas, nodes and the
/// connection, with sources that go missing and somebody who sets things by hand. Everything
/// follows from one seed.
final class RandomRun {
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId API = new ServiceId("api");
  private static final ServiceId BATCH = new ServiceId("batch");
  private static final List<ServiceId> FOLLOWING = List.of(WEB, API);

  private final SplittableRandom random;
  private final SimulatedCluster cluster;
  private final Orchestrator orchestrator;
  private final ControlLoop loop;
  private final ArrayDeque<Asked> asked = new ArrayDeque<>();
  private final ArrayDeque<NodeId> lost = new ArrayDeque<>();

  private record Asked(Action action, Instant at) {}

  private RandomRun(long seed, Consumer<LoopEvent> events) {
    random = new SplittableRandom(seed);
    var nodes = SimulatedCluster.nodes(3, Map.of(Resources.SLOTS, 5L));
    var services = Set.of(WEB, API, BATCH);
    var settings =
        random.nextInt(3) == 0
            ? ClusterSettings.reliable(nodes, services)
                .seed(seed)
                .faults(Faults.ofActions(0.05, 0.05).and(Faults.ofReplicas(1)))
            : ClusterSettings.faulty(seed, nodes, services);
    boolean scales = random.nextInt(3) == 0;
    if (scales) {
      settings = settings.scaling(Resources.slots(1));
    } else if (random.nextInt(3) == 0) {
      settings = settings.abilities(EnumSet.of(Ability.PICKS_VICTIMS, Ability.REPORTS_NODES));
    }
    cluster = new SimulatedCluster(settings);
    orchestrator = cluster.open();
    loop =
        new ControlLoop(
            pool(),
            "simulated",
            orchestrator,
            action -> asked.add(new Asked(action, cluster.instant())),
            events,
            cluster,
            random.nextInt(10) == 0);
  }

  /// Runs for so many passes at most, some of them blind.
  static void play(long seed, int passes, Consumer<LoopEvent> events) {
    var run = new RandomRun(seed, events);
    try (var _ = run.orchestrator) {
      for (int i = 0; i < passes; i++) {
        run.happen();
        run.answer();
        run.loop.pass(run.random.nextBoolean() ? Set.of(Trigger.READING, Trigger.DUE) : Set.of());
        run.cluster.advance(Duration.ofNanos(run.random.nextLong(1, 400_000_000)));
      }
      run.loop.stopped("the end");
    }
  }

  private PoolSpec pool() {
    return new PoolSpec(
        "random",
        List.of(following(WEB, 100), following(API, 50), batch()),
        random.nextInt(3) == 0 ? OptionalInt.of(1 + random.nextInt(30)) : OptionalInt.empty(),
        1 + random.nextInt(30),
        Duration.ofSeconds(1 + random.nextInt(4)),
        Duration.ofSeconds(5));
  }

  private ServiceSpec following(ServiceId id, int priority) {
    var spec =
        ServiceSpec.named(id.value())
            .priority(priority)
            .replicas(random.nextInt(2), 12)
            .hold(Duration.ofMillis(random.nextLong(3_000)))
            .scaling(new ScalingPolicy.PerReplicaTarget(0.7 + random.nextDouble()))
            .reclaim(Reclaim.PAUSE, Reclaim.STOP);
    if (random.nextBoolean()) {
      spec.standby(new Standby(random.nextInt(4), random.nextBoolean()));
    }
    if (random.nextBoolean()) {
      spec.headroom(new Headroom.Learned(0.02)).hold(Duration.ZERO);
    }
    if (random.nextBoolean()) {
      spec.fallback(Duration.ofSeconds(2), random.nextInt(6));
    }
    return spec.build();
  }

  private ServiceSpec batch() {
    return ServiceSpec.named(BATCH.value())
        .replicas(0, 15)
        .remainder()
        .minRuntime(Duration.ofMillis(random.nextLong(2_000)))
        .reclaim(Reclaim.PAUSE, Reclaim.STOP)
        .build();
  }

  private void happen() {
    for (var service : FOLLOWING) {
      switch (random.nextInt(8)) {
        case 0, 1 -> loop.read(service, new Reading.Value(random.nextDouble() * 14, now()));
        case 2 -> loop.read(service, new Reading.Missing("HTTP 503 \"busy\"", now()));
        default -> {}
      }
    }
    if (random.nextInt(4) == 0) {
      cluster.cut(false);
    }
    switch (random.nextInt(25)) {
      case 0 -> loop.override(one(List.of(WEB, API, BATCH)), override());
      case 1 -> cluster.cut(true);
      case 2 -> some(cluster.truth().replicas()).map(Replica::id).ifPresent(cluster::kill);
      case 3 -> {
        var nodes = cluster.truth().nodes();
        if (nodes.size() > 1) {
          lost.add(one(nodes).id());
          cluster.lose(lost.getLast());
        }
      }
      case 4 -> Optional.ofNullable(lost.poll()).ifPresent(cluster::restore);
      case 5 -> loop.work(BATCH, random.nextDouble() * 100, 0, Duration.ofNanos(12_345));
      default -> {}
    }
  }

  private ManualOverride override() {
    return new ManualOverride(
        random.nextInt(3) == 0
            ? OptionalDouble.of(random.nextDouble() * 9)
            : OptionalDouble.empty(),
        random.nextBoolean() ? random.nextDouble() * 5 : 0,
        now().plusNanos(random.nextLong(4_000_000_000L)),
        random.nextInt(3) == 0);
  }

  /// Carries out what was asked for, late, or not yet.
  private void answer() {
    var seen = new HashSet<Asked>();
    while (!asked.isEmpty() && random.nextInt(8) > 0 && seen.add(asked.peek())) {
      var next = asked.remove();
      Optional<LoopEvent.Failure> failure = Optional.empty();
      try {
        orchestrator.perform(next.action());
      } catch (OrchestratorException e) {
        failure = Optional.of(new LoopEvent.Failure(e.kind(), String.valueOf(e.getMessage())));
      }
      var took = Duration.between(next.at(), now()).plusNanos(random.nextLong(3_000_000));
      loop.ended(next.action(), failure, took);
    }
  }

  private Instant now() {
    return cluster.instant();
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private <T> Optional<T> some(List<T> all) {
    return all.isEmpty() ? Optional.empty() : Optional.of(one(all));
  }
}
