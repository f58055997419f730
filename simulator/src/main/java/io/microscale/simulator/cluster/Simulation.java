package io.microscale.simulator.cluster;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.ControlLoop;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.simulator.standard.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;

/// One run of the real control loop on a simulated cluster, over recorded demand, second by second.
///
/// The loop is the one that runs live, and passes are made for the same reasons as there: a
/// reading, a change of a replica, the end of an action, a moment that was due, the slow resync.
/// Deciding takes no virtual time. Equal settings give equal runs.
public final class Simulation {
  private static final long SECOND = 1_000_000_000L;

  /// Passes of one moment before the run counts as one that never comes to rest.
  private static final int MOST_AT_ONCE = 10_000;

  private final SimulationSettings settings;
  private final SimulatedCluster cluster;
  private final SimulatedOrchestrator orchestrator;
  private final ControlLoop loop;
  private final Accounts accounts;
  private final EnumSet<Trigger> triggers = EnumSet.of(Trigger.STARTED);
  private final Queue<Ended> ended = new ArrayDeque<>();
  private final Map<ServiceId, Reading> arrived = new HashMap<>();
  private final Map<String, Long> actions = new HashMap<>();
  private Optional<Instant> wakeAt = Optional.empty();
  private Instant lastPass;
  private long passes;

  private record Ended(Action action, Optional<LoopEvent.Failure> failure, Duration took) {}

  Simulation(SimulationSettings settings, Consumer<LoopEvent> events) {
    this.settings = settings;
    this.cluster = new SimulatedCluster(settings.cluster());
    this.orchestrator = cluster.open();
    this.accounts = new Accounts(settings);
    this.lastPass = cluster.instant();
    cluster.observe(accounts.meter());
    this.loop =
        new ControlLoop(
            settings.pool(), "simulated", orchestrator, this::dispatch, events, cluster, false);
  }

  /// Runs once.
  ///
  /// @param each told of every second, in order
  /// @param events told of everything that the loop tells
  /// @throws IllegalStateException if the loop does not come to rest
  public static Outcome run(
      SimulationSettings settings, Consumer<Step> each, Consumer<LoopEvent> events) {
    return new Simulation(settings, events).run(each);
  }

  public static Outcome run(SimulationSettings settings) {
    return run(settings, _ -> {}, _ -> {});
  }

  SimulationSettings settings() {
    return settings;
  }

  /// What it runs on.
  SimulatedCluster cluster() {
    return cluster;
  }

  Outcome run(Consumer<Step> each) {
    try (orchestrator;
        var _ = orchestrator.watch(() -> triggers.add(Trigger.REPLICAS))) {
      long begin = settings.warmUp().toNanos();
      runUpTo(begin);
      for (int second = 0; second < settings.seconds(); second++) {
        accounts.begin(second, cluster.now());
        tellIdle();
        read(second);
        runUpTo(begin + (second + 1) * SECOND);
        each.accept(accounts.end(second, cluster.now()));
      }
      loop.stopped("the demand is over");
      return accounts.outcome(passes, actions, cluster.refusedForRoom());
    }
  }

  /// Lets everything happen that is due before a moment, and that moment come.
  private void runUpTo(long limit) {
    for (var next = cluster.now(); next < limit; next = nextDue()) {
      while (cluster.step(next)) {}
      settle();
    }
    cluster.passTo(limit);
  }

  private long nextDue() {
    var pass = lastPass.plus(settings.pool().resync());
    if (wakeAt.isPresent() && wakeAt.get().isBefore(pass)) {
      pass = wakeAt.get();
    }
    return Math.min(cluster.next(), nanos(pass));
  }

  private static long nanos(Instant instant) {
    return Duration.between(EventQueue.START, instant).toNanos();
  }

  /// Makes passes until nothing calls for one more at this moment.
  private void settle() {
    for (int pass = 0; ; pass++) {
      while (cluster.step(cluster.now())) {}
      takeIn();
      var due = due();
      if (due.isEmpty()) {
        return;
      }
      if (pass == MOST_AT_ONCE) {
        throw new IllegalStateException(
            "need rest at %s, got %d passes in one moment".formatted(cluster.instant(), pass));
      }
      lastPass = cluster.instant();
      wakeAt = loop.pass(due);
      passes++;
    }
  }

  private Set<Trigger> due() {
    var now = cluster.instant();
    if (wakeAt.isPresent() && !now.isBefore(wakeAt.get())) {
      triggers.add(Trigger.DUE);
    }
    if (triggers.isEmpty() && !now.isBefore(lastPass.plus(settings.pool().resync()))) {
      triggers.add(Trigger.RESYNC);
    }
    if (triggers.isEmpty()) {
      return Set.of();
    }
    var due = EnumSet.copyOf(triggers);
    triggers.clear();
    return due;
  }

  private void takeIn() {
    for (var end = ended.poll(); end != null; end = ended.poll()) {
      loop.ended(end.action, end.failure, end.took);
    }
    if (!arrived.isEmpty()) {
      // In one order, whatever order they are kept in.
      for (var spec : settings.pool().services()) {
        var reading = arrived.remove(spec.id());
        if (reading != null) {
          loop.read(spec.id(), reading);
        }
      }
    }
  }

  private void dispatch(Action action) {
    long asked = cluster.now();
    actions.merge(action.verb(), 1L, Long::sum);
    orchestrator.ask(action, failure -> ended(action, failure, cluster.now() - asked));
  }

  private void ended(Action action, Optional<OrchestratorException> failure, long nanos) {
    ended.add(
        new Ended(
            action,
            failure.map(e -> new LoopEvent.Failure(e.kind(), String.valueOf(e.getMessage()))),
            Duration.ofNanos(nanos)));
    triggers.add(Trigger.ACTION_ENDED);
  }

  private void tellIdle() {
    for (var service : settings.backlogs().keySet()) {
      cluster.idle(service, accounts.hasNothingToDo(service));
    }
  }

  /// Reads every demand as it is now; the engine gets to know it when the reading is old enough.
  private void read(int second) {
    var now = cluster.instant();
    for (var spec : settings.pool().services()) {
      if (settings.demands().containsKey(spec.id())) {
        var reading = new Reading.Value(reading(spec, second), now);
        cluster.at(
            cluster.now() + settings.readingAge().toNanos(),
            () -> {
              arrived.put(spec.id(), reading);
              triggers.add(Trigger.READING);
            });
      }
    }
  }

  /// What a source would say of a demand, in the unit that the service's scaling policy reads.
  private double reading(ServiceSpec spec, int second) {
    double demand = accounts.demand(spec.id(), second);
    return switch (spec.scaling()) {
      case ScalingPolicy.RawReplicas _ -> demand;
      case ScalingPolicy.PerReplicaTarget(double target) -> demand * target;
      case ScalingPolicy.TargetUtilisation _ ->
          Math.min(1, demand / Math.max(1, accounts.meter().of(spec.id()).power()));
      case ScalingPolicy.QueueDrainTime(double rate, _) -> accounts.queued(spec.id()) * rate;
    };
  }
}
