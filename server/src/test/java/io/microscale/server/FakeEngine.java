package io.microscale.server;

import io.microscale.core.allocation.Grant;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.planning.Waiting;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.ScalingPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// An engine that does as its test says, on the thread of the test: a pool of 20 slots on two nodes
/// that `web` and the remainder service `batch` share. [#demand] plays one whole round; the other
/// methods tell single events.
final class FakeEngine implements Engine {
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");
  private static final int SLOTS = 20;
  private static final List<Node> NODES =
      List.of(Node.of("node-a", Resources.slots(10)), Node.of("node-b", Resources.slots(10)));

  final List<Pushed> pushed = new CopyOnWriteArrayList<>();
  final List<ManualOverride> asked = new CopyOnWriteArrayList<>();

  /// Takes what is set by hand, and does not come to it yet.
  volatile boolean deaf;

  private final InstantSource clock;
  private final List<Consumer<LoopEvent>> observers = new CopyOnWriteArrayList<>();
  private final Map<ReplicaId, Replica> replicas = new TreeMap<>();
  private final Map<ServiceId, Reading> readings = new TreeMap<>();
  private final Map<ServiceId, ManualOverride> overrides = new TreeMap<>();
  private final Map<ServiceId, Backoff> backoffs = new TreeMap<>();
  private final Instant startedAt;
  private final PoolSpec pool;
  private Optional<Snapshot> snapshot = Optional.empty();
  private Optional<String> blind = Optional.empty();
  private List<Decision> decisions = List.of();
  private Plan plan = Plan.EMPTY;
  private long passes;
  private int names;
  private volatile EngineStatus status;

  record Pushed(ServiceId service, Reading reading) {}

  FakeEngine(InstantSource clock) {
    this(clock, webAndBatch());
  }

  FakeEngine(InstantSource clock, PoolSpec pool) {
    this.clock = clock;
    this.pool = pool;
    startedAt = now();
    status = look();
  }

  static PoolSpec webAndBatch() {
    return PoolSpec.of(
            "kittens",
            List.of(
                ServiceSpec.named("web")
                    .priority(100)
                    .replicas(1, 20)
                    .scaling(new ScalingPolicy.PerReplicaTarget(50))
                    .standby(2)
                    .reclaim(Reclaim.PAUSE, Reclaim.STOP)
                    .fallback(Duration.ofSeconds(30), 10)
                    .build(),
                ServiceSpec.named("batch").priority(10).replicas(0, 20).remainder().build()))
        .stopsPerMinute(600);
  }

  // What the server asks.

  @Override
  public EngineStatus status() {
    return status;
  }

  @Override
  public Subscription subscribe(Consumer<LoopEvent> observer) {
    observers.add(observer);
    return () -> observers.remove(observer);
  }

  @Override
  public void push(ServiceId service, Reading reading) {
    pushed.add(new Pushed(service, reading));
    read(service, reading);
  }

  @Override
  public synchronized void override(ServiceId service, ManualOverride override) {
    asked.add(override);
    if (deaf) {
      return;
    }
    overrides.put(service, override);
    tell(new LoopEvent.Overridden(now(), service, override));
  }

  @Override
  public synchronized void reportWork(
      ServiceId service, double done, double missed, Duration lost) {
    tell(new LoopEvent.WorkReported(now(), service, done, missed, lost));
  }

  // What the test says.

  void started() {
    tell(
        new LoopEvent.Started(
            now(), pool, "fake", EnumSet.of(Ability.PAUSES, Ability.PICKS_VICTIMS), false));
  }

  synchronized void read(ServiceId service, Reading reading) {
    readings.put(service, reading);
    tell(new LoopEvent.ReadingTaken(now(), service, reading, Optional.of(reading)));
  }

  synchronized void backoff(ServiceId service, Backoff backoff) {
    backoffs.put(service, backoff);
    observe(List.of(), List.of());
  }

  synchronized void blind(String why) {
    blind = Optional.of(why);
    tell(new LoopEvent.ObserveFailed(now(), OrchestratorException.Kind.UNAVAILABLE, why));
  }

  /// The orchestrator tells of replicas; the first time of everything.
  synchronized void observe(List<Replica> changed, List<ReplicaId> gone) {
    boolean first = snapshot.isEmpty();
    var goneEvents = new ArrayList<LoopEvent.Gone>();
    for (var id : gone) {
      goneEvents.add(new LoopEvent.Gone(replicas.remove(id).service(), id));
    }
    changed.forEach(replica -> replicas.put(replica.id(), replica));
    snapshot = Optional.of(Snapshot.of(now(), NODES, replicas.values(), Standings.of(backoffs)));
    blind = Optional.empty();
    tell(
        new LoopEvent.Observed(
            now(), first, first ? NODES : List.of(), changed, goneEvents, Standings.of(backoffs)));
  }

  synchronized void pass(List<Decision> decided, Plan planned, Trigger... triggers) {
    decisions = List.copyOf(decided);
    plan = planned;
    passes++;
    tell(
        new LoopEvent.Passed(
            now(), now(), passes, Set.of(triggers), decisions, plan, Duration.ofNanos(123_000)));
  }

  void ended(Action action) {
    tell(new LoopEvent.ActionEnded(now(), action, Optional.empty(), Duration.ofMillis(2), false));
  }

  void failed(Action action, String why) {
    tell(
        new LoopEvent.ActionEnded(
            now(),
            action,
            Optional.of(new LoopEvent.Failure(OrchestratorException.Kind.REJECTED, why)),
            Duration.ofMillis(3),
            false));
  }

  void reacted(ReplicaId replica, Duration took) {
    tell(new LoopEvent.Reacted(now(), WEB, replica, took));
  }

  synchronized void tell(LoopEvent event) {
    status = look();
    observers.forEach(observer -> observer.accept(event));
  }

  /// A whole round for a demand of `web` in requests a second: reading, pass, actions, replicas,
  /// reaction, and a pass that has nothing left to do. `batch` gets the rest of the 20 slots.
  synchronized void demand(double requests) {
    var reading = Reading.of(requests, now());
    read(WEB, reading);
    double demand = requests / 50;
    int web = suspended(WEB) ? 0 : Math.clamp((long) Math.ceil(demand), 1, SLOTS);
    int batch = suspended(BATCH) ? 0 : SLOTS - web;
    var steps = new ArrayList<Step>();
    var changed = new ArrayList<Replica>();
    var gone = new ArrayList<ReplicaId>();
    Map.of(WEB, web, BATCH, batch)
        .forEach(
            (service, wanted) -> {
              var have = of(service);
              have.subList(Math.min(wanted, have.size()), have.size())
                  .forEach(
                      r -> {
                        steps.add(
                            new Step(
                                new Action.Stop(service, r.id()),
                                Optional.of(WEB),
                                "web needs the room"));
                        gone.add(r.id());
                      });
              for (int i = have.size(); i < wanted; i++) {
                var started = replica(service, ReplicaState.RUNNING);
                steps.add(
                    new Step(
                        new Action.Start(
                            service, started.id(), started.node(), started.resources()),
                        Optional.empty(),
                        "claims %d, has %d".formatted(wanted, have.size())));
                changed.add(started);
              }
            });
    pass(decide(demand, web, batch), new Plan(steps, List.of()), Trigger.READING);
    steps.forEach(step -> ended(step.action()));
    observe(changed, gone);
    changed.stream()
        .filter(r -> r.service().equals(WEB))
        .forEach(r -> reacted(r.id(), Duration.ofMillis(9)));
    pass(decide(demand, web, batch), Plan.EMPTY, Trigger.REPLICAS, Trigger.ACTION_ENDED);
  }

  Replica replica(ServiceId service, ReplicaState state) {
    int name = names++;
    return Replica.of(
        new ReplicaId("%s-%d".formatted(service, name)),
        service,
        new NodeId(name % 2 == 0 ? "node-a" : "node-b"),
        state,
        Resources.slots(1),
        now());
  }

  List<Decision> decide(double demand, int web, int batch) {
    return List.of(
        decision(
            new Claim(
                WEB,
                demand,
                web,
                0,
                Claim.Basis.READING,
                "demand is %.2f replicas".formatted(demand)),
            web),
        decision(
            new Claim(BATCH, 0, SLOTS, 0, Claim.Basis.REMAINDER, "takes what is left"), batch));
  }

  Decision decision(Claim claim, int granted) {
    var have = of(claim.service());
    return new Decision(
        claim,
        new Grant(
            claim.service(),
            claim.replicas(),
            granted,
            granted < claim.replicas() ? "no more room" : "as claimed"),
        0,
        have.size(),
        0,
        0);
  }

  static Plan waiting(ServiceId service, int replicas, String reason) {
    return new Plan(List.of(), List.of(new Waiting(service, replicas, reason, Optional.empty())));
  }

  private boolean suspended(ServiceId service) {
    return overrides.getOrDefault(service, ManualOverride.NONE).suspended();
  }

  private List<Replica> of(ServiceId service) {
    return replicas.values().stream().filter(r -> r.service().equals(service)).toList();
  }

  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private EngineStatus look() {
    return new EngineStatus(
        now(),
        startedAt,
        pool,
        "fake",
        Set.of(Ability.PAUSES, Ability.PICKS_VICTIMS),
        Map.copyOf(readings),
        Map.copyOf(overrides),
        snapshot,
        blind,
        decisions,
        plan,
        0,
        passes);
  }
}
