package io.microscale.core.loop;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/// A world that does things late, fails, loses replicas and reports late. Everything follows from
/// one seed.
///
/// Steps of 100 ms. What it is asked for takes effect after up to `lag` steps; snapshots are up to
/// `reportLag` steps old; an action may fail without effect, fail to answer with or without effect,
/// or be accepted and never happen. Whatever takes effect does so within the action deadline.
final class LaggingWorld implements Orchestrator {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  static final Duration STEP = Duration.ofMillis(100);

  final List<Node> nodes;
  final TreeMap<ReplicaId, Replica> replicas = new TreeMap<>();
  final Set<ReplicaId> everStarted = new HashSet<>();
  boolean faults = true;
  boolean blind;
  int doubled;
  private final RandomGenerator random;
  private final int lag;
  private final int reportLag;
  private final boolean ownWrites;
  private final ArrayDeque<Snapshot> reports = new ArrayDeque<>();
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::number));
  private long number;
  private Instant now = START;

  private record Due(Instant at, long number, Runnable effect) {}

  LaggingWorld(long seed, List<Node> nodes, int lag, int reportLag) {
    this.random = new SplittableRandom(seed);
    this.nodes = nodes;
    this.lag = lag;
    this.reportLag = reportLag;
    this.ownWrites = reportLag == 0 && lag == 0;
    report();
  }

  Instant now() {
    return now;
  }

  void step() {
    now = now.plus(STEP);
    while (!due.isEmpty() && !due.peek().at().isAfter(now)) {
      due.remove().effect().run();
    }
    if (faults && !replicas.isEmpty() && random.nextInt(40) == 0) {
      var ids = List.copyOf(replicas.keySet());
      replicas.remove(ids.get(random.nextInt(ids.size())));
    }
    blind = faults && random.nextInt(30) == 0;
    report();
  }

  private void report() {
    reports.addLast(Snapshot.of(now, nodes, replicas.values()));
    while (reports.size() > reportLag + 1) {
      reports.removeFirst();
    }
  }

  /// How much more than its capacity the fullest node holds, nothing if all is well.
  Optional<String> oversubscribed() {
    for (var node : nodes) {
      var held = Resources.NONE;
      for (var replica : replicas.values()) {
        if (replica.node().equals(node.id())) {
          held = held.plus(replica.holds());
        }
      }
      if (!held.fitsIn(node.capacity())) {
        return Optional.of("%s holds %s of %s".formatted(node.id(), held, node.capacity()));
      }
    }
    return Optional.empty();
  }

  List<Replica> of(String service) {
    return replicas.values().stream().filter(r -> r.service().value().equals(service)).toList();
  }

  void add(String id, String service, String node, ReplicaState state, Resources resources) {
    put(
        Replica.of(
            new ReplicaId(id), new ServiceId(service), new NodeId(node), state, resources, now));
    report();
  }

  private void put(Replica replica) {
    replicas.put(replica.id(), replica);
  }

  private void after(int steps, Runnable effect) {
    due.add(new Due(now.plus(STEP.multipliedBy(steps)), number++, effect));
  }

  private int someLag() {
    return lag == 0 ? 0 : random.nextInt(lag + 1);
  }

  @Override
  public Set<Ability> abilities() {
    var all =
        EnumSet.of(Ability.PAUSES, Ability.RESIZES, Ability.PICKS_VICTIMS, Ability.REPORTS_NODES);
    if (ownWrites) {
      all.add(Ability.READS_OWN_WRITES);
    }
    return all;
  }

  @Override
  public Snapshot observe() {
    if (blind) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "the line is cut");
    }
    // Never older than what was reported before: `reports` only moves on.
    while (reports.size() > 1 && random.nextBoolean()) {
      reports.removeFirst();
    }
    return ownWrites ? reports.getLast() : reports.getFirst();
  }

  @Override
  public void perform(Action action) {
    int fate = faults ? random.nextInt(20) : 19;
    if (fate == 0) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "busy");
    }
    if (fate == 1) {
      throw new OrchestratorException(Kind.UNCERTAIN, "no answer, and nothing done");
    }
    if (fate == 2 && !ownWrites) {
      return; // accepted, and never happens
    }
    int lateness = someLag();
    if (lateness == 0) {
      apply(action);
      if (ownWrites) {
        reports.removeLast();
        report();
      }
    } else {
      after(lateness, () -> apply(action));
    }
    if (fate == 3) {
      throw new OrchestratorException(Kind.UNCERTAIN, "no answer, but done");
    }
  }

  private void apply(Action action) {
    var replica = Optional.ofNullable(replicas.get(new ReplicaId(action.subject())));
    switch (action) {
      case Action.Start(var service, var id, var node, var resources) -> {
        if (!everStarted.add(id)) {
          doubled++;
        }
        put(Replica.of(id, service, node, ReplicaState.STARTING, resources, now));
        after(1 + someLag(), () -> change(id, ReplicaState.STARTING, ReplicaState.RUNNING));
      }
      case Action.Stop(_, var id) ->
          replica.ifPresent(
              r -> {
                put(r.stopping());
                after(1 + someLag(), () -> replicas.remove(id));
              });
      case Action.Pause(_, var id) -> change(id, ReplicaState.RUNNING, ReplicaState.PAUSED);
      case Action.Resume(_, var id) -> change(id, ReplicaState.PAUSED, ReplicaState.RUNNING);
      case Action.Resize(_, _, var resources) -> replica.ifPresent(r -> put(r.using(resources)));
      case Action.Scale _ -> throw new IllegalStateException("not declared: " + action);
    }
  }

  private void change(ReplicaId id, ReplicaState from, ReplicaState to) {
    var replica = replicas.get(id);
    if (replica != null && replica.state() == from) {
      put(replica.in(to));
    }
  }

  List<Replica> all() {
    return new ArrayList<>(replicas.values());
  }

  @Override
  public Watch watch(Runnable changed) {
    return () -> {};
  }

  @Override
  public void close() {}
}
