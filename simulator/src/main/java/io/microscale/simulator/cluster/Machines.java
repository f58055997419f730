package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is true in a simulated cluster, what has been reported of it, and by which rules it
/// changes. Not thread-safe.
final class Machines {
  private static final List<ReplicaId> NOBODY = List.of();
  private static final int MOST_REMEMBERED = 100_000;

  private final ClusterSettings settings;
  private final EventQueue queue;
  private final Changes changes;
  private final SplittableRandom random;
  private final Picture truth;
  private final Picture reported; // the same where changes are reported at once
  private final ArrayDeque<Long> unreported = new ArrayDeque<>(); // when they happened
  private final Labour labour;
  private final Refusals refusals;
  private final Crashes crashes;
  private final ArrayDeque<Action.Start> waiting = new ArrayDeque<>();

  /// Resumes and resizes that wait for room, where the cluster places what it starts itself and so
  /// may have given that room away.
  private final Map<ReplicaId, UnaryOperator<Replica>> deferred = new LinkedHashMap<>();

  private final Set<ReplicaId> stops = new HashSet<>();
  private final Set<ServiceId> idle = new HashSet<>();
  private long lastReport;
  private Instant lastObserved = EventQueue.START;
  private long checkpointed;
  private long number;

  /// Told of every change of a replica when it happens.
  interface Changes {
    /// One replica is another now.
    ///
    /// @param before null if it is new
    /// @param after null if it is gone
    /// @param lost the work that is lost by that, in nanoseconds
    /// @param now nanoseconds since the cluster's first moment
    void changed(@Nullable Replica before, @Nullable Replica after, long lost, long now);
  }

  Machines(ClusterSettings settings, EventQueue queue, Changes changes) {
    this.settings = settings;
    this.queue = queue;
    this.changes = changes;
    this.random = new SplittableRandom(settings.seed());
    this.truth = new Picture(settings.nodes());
    this.reported = settings.timing().report().isNone() ? truth : new Picture(settings.nodes());
    this.labour = new Labour(settings, queue, this::saved);
    this.refusals = new Refusals(settings, truth);
    this.crashes = new Crashes(queue, truth, this::change);
    repeat(settings.faults().lossesPerSecond(), this::loseReplica);
    repeat(settings.faults().nodeLossesPerHour() / 3600, this::loseAnyNode);
  }

  // What others see.

  Snapshot truth() {
    return truth.at(queue.instant());
  }

  /// What has been reported, as of when it was true.
  Snapshot observed() {
    var oldest = unreported.peek();
    var asOf = oldest == null ? queue.instant() : EventQueue.START.plusNanos(oldest);
    lastObserved = asOf.isAfter(lastObserved) ? asOf : lastObserved;
    return reported.at(lastObserved);
  }

  /// Grows with each change that watchers are to be told of.
  long reportedChanges() {
    return reported.changes() - checkpointed;
  }

  /// A draw that others need too, so that all chance follows from one seed.
  SplittableRandom random() {
    return random;
  }

  int refusedForRoom() {
    return refusals.forRoom();
  }

  /// The first node that holds more than it has, nothing if all is well.
  Optional<String> oversubscribed() {
    return truth.nodes().stream()
        .filter(node -> !truth.held(node.id()).fitsIn(node.capacity()))
        .findFirst()
        .map(
            node ->
                "%s holds %s of %s".formatted(node.id(), truth.held(node.id()), node.capacity()));
  }

  // Changes.

  private void change(Consumer<Picture> change) {
    change.accept(truth);
    if (reported == truth) {
      return;
    }
    // Reports keep their order, however long each takes.
    lastReport = Math.max(lastReport, queue.now() + settings.timing().report().draw(random));
    unreported.add(queue.now());
    queue.at(
        lastReport,
        () -> {
          unreported.remove();
          change.accept(reported);
        });
  }

  private void put(@Nullable Replica before, Replica after) {
    change(picture -> picture.put(after));
    changes.changed(before, after, labour.changed(before, after), queue.now());
  }

  private void replace(ReplicaId id, UnaryOperator<Replica> change) {
    truth
        .find(id)
        .ifPresent(
            before -> {
              var after = change.apply(before);
              if (!after.equals(before)) {
                put(before, after);
              }
            });
  }

  private void remove(Replica replica) {
    change(picture -> picture.remove(replica.service(), replica.id()));
    changes.changed(replica, null, labour.changed(replica, null), queue.now());
  }

  private void saved(ReplicaId id) {
    replace(id, r -> saved(r, queue.instant()));
    if (reported == truth) {
      checkpointed++; // seen when somebody looks; nobody is told of it
    }
  }

  private static Replica saved(Replica r, Instant now) {
    return new Replica(
        r.id(),
        r.service(),
        r.node(),
        r.state(),
        r.resources(),
        r.whilePaused(),
        r.started(),
        now,
        r.idle());
  }

  /// From now on the replicas of a service tell that they have nothing to do, or that they have.
  void idle(ServiceId service, boolean nothingToDo) {
    if (nothingToDo ? idle.add(service) : idle.remove(service)) {
      for (var replica : truth().of(service).replicas()) {
        replace(replica.id(), r -> idle(r, nothingToDo));
      }
    }
  }

  private static Replica idle(Replica r, boolean nothingToDo) {
    return new Replica(
        r.id(),
        r.service(),
        r.node(),
        r.state(),
        r.resources(),
        r.whilePaused(),
        r.started(),
        r.savedAt(),
        nothingToDo);
  }

  // What happens by itself.

  private void repeat(double perSecond, Runnable effect) {
    if (perSecond > 0) {
      double seconds = -StrictMath.log(1 - random.nextDouble()) / perSecond;
      queue.after(
          (long) (seconds * 1e9),
          () -> {
            effect.run();
            repeat(perSecond, effect);
          });
    }
  }

  private void loseReplica() {
    var replicas = truth().replicas();
    if (!replicas.isEmpty()) {
      crash(replicas.get(random.nextInt(replicas.size())).id(), "was killed");
    }
  }

  private void loseAnyNode() {
    var nodes = truth.nodes();
    if (nodes.size() > 1) {
      var node = nodes.get(random.nextInt(nodes.size()));
      lose(node.id());
      queue.after(settings.faults().outage().draw(random), () -> restore(node.id()));
    }
  }

  /// Loses a node with all that runs there.
  void lose(NodeId id) {
    if (truth.node(id).isEmpty() || truth.nodes().size() == 1) {
      throw new IllegalArgumentException(
          "node: need one of several nodes %s, got '%s'"
              .formatted(truth.nodes().stream().map(Node::id).toList(), id));
    }
    waiting.removeIf(start -> start.node().equals(id));
    for (var replica : truth().replicas()) {
      if (replica.node().equals(id)) {
        remove(replica);
      }
    }
    change(
        picture ->
            picture.nodes(picture.nodes().stream().filter(n -> !n.id().equals(id)).toList()));
    truth.standings().desired().keySet().forEach(this::reconcile);
  }

  /// A lost node is back, empty.
  void restore(NodeId id) {
    var node = settings.nodes().stream().filter(n -> n.id().equals(id)).findFirst();
    if (node.isEmpty() || truth.node(id).isPresent()) {
      throw new IllegalArgumentException("node: need one that was lost, got '%s'".formatted(id));
    }
    change(
        picture ->
            picture.nodes(Stream.concat(picture.nodes().stream(), Stream.of(node.get())).toList()));
    truth.standings().desired().keySet().forEach(this::reconcile);
  }

  /// A replica ends that was not told to.
  void crash(ReplicaId id, String why) {
    var replica = truth.find(id);
    end(id);
    replica.filter(r -> r.state() != ReplicaState.STOPPING).ifPresent(r -> crashes.crashed(r, why));
  }

  private void end(ReplicaId id) {
    truth
        .find(id)
        .ifPresent(
            replica -> {
              remove(replica);
              useRoom();
            });
  }

  /// Some room has become free: whatever waits for it starts.
  private void useRoom() {
    adjustDeferred();
    startWaiting();
    truth.standings().desired().keySet().forEach(this::reconcile);
  }

  private void startWaiting() {
    for (int i = waiting.size(); i > 0; i--) {
      var start = waiting.remove();
      if (truth.fits(start)) {
        begin(start);
      } else {
        waiting.add(start);
      }
    }
  }

  private void begin(Action.Start start) {
    var now = queue.instant();
    var starting =
        new Replica(
            start.replica(),
            start.service(),
            start.node(),
            ReplicaState.STARTING,
            start.resources(),
            Optional.empty(),
            now,
            now,
            idle.contains(start.service()));
    var id = starting.id();
    long latency = settings.timing().startOf(start.service()).draw(random);
    double failed = settings.faults().failedStarts();
    if (failed > 0 && random.nextDouble() < failed) {
      put(null, starting);
      queue.after(
          (long) (latency * random.nextDouble()), () -> crash(id, "ended before it was ready"));
    } else if (latency == 0) {
      put(null, starting.in(ReplicaState.RUNNING));
    } else {
      put(null, starting);
      queue.after(
          latency,
          () ->
              replace(
                  id, r -> r.state() == ReplicaState.STARTING ? r.in(ReplicaState.RUNNING) : r));
    }
  }

  // Actions.

  /// Does what is asked, or says why not.
  ///
  /// @throws OrchestratorException if it is refused, or its end is not known
  void perform(Action action) {
    refusals.check(action, waiting.size());
    var faults = settings.faults();
    double fate = faults.failing() + faults.uncertain() > 0 ? random.nextDouble() : 1;
    if (fate < faults.failing()) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "busy");
    }
    boolean unsure = fate < faults.failing() + faults.uncertain();
    if (!unsure || random.nextBoolean()) {
      long effect = settings.timing().effect().draw(random);
      if (effect == 0) {
        apply(action);
      } else {
        queue.after(effect, () -> apply(action));
      }
    }
    if (unsure) {
      throw new OrchestratorException(Kind.UNCERTAIN, "no answer in time");
    }
  }

  private void apply(Action action) {
    switch (action) {
      case Action.Scale(var service, int replicas, var victims) ->
          scale(service, replicas, victims);
      case Action.Start start -> start(start);
      case Action.Stop stop -> {
        if (!waiting.removeIf(w -> w.replica().equals(stop.replica()))) {
          victim(stop).ifPresent(this::stop);
        }
      }
      case Action.Pause(_, var id) ->
          adjust(id, r -> r.state() == ReplicaState.RUNNING ? r.in(ReplicaState.PAUSED) : r);
      case Action.Resume(_, var id) ->
          adjust(id, r -> r.state() == ReplicaState.PAUSED ? r.in(ReplicaState.RUNNING) : r);
      case Action.Resize(_, var id, var resources) ->
          adjust(id, r -> r.state().isActive() ? r.using(resources) : r);
    }
  }

  private void adjust(ReplicaId id, UnaryOperator<Replica> change) {
    deferred.put(id, change);
    useRoom();
  }

  /// Does what has been deferred and fits now; without the ability `SCALES` all of it does.
  private void adjustDeferred() {
    for (var id : List.copyOf(deferred.keySet())) {
      var before = truth.find(id).filter(r -> r.state() != ReplicaState.STOPPING);
      var change = deferred.get(id);
      if (before.isEmpty() || change == null) {
        deferred.remove(id);
      } else if (!settings.abilities().contains(Ability.SCALES)
          || fits(before.get(), change.apply(before.get()))) {
        deferred.remove(id);
        replace(id, change);
      }
    }
  }

  private boolean fits(Replica before, Replica after) {
    var more = after.holds().minus(before.holds()).positivePart();
    return truth.node(after.node()).filter(node -> more.fitsIn(truth.free(node))).isPresent();
  }

  private void start(Action.Start start) {
    var id = start.replica();
    if (truth.find(id).isPresent() || waiting.stream().anyMatch(w -> w.replica().equals(id))) {
      return;
    }
    if (truth.fits(start)) {
      begin(start);
    } else if (settings.abilities().contains(Ability.QUEUES_WHEN_FULL)) {
      waiting.add(start);
    }
  }

  private void stop(ReplicaId id) {
    long latency = settings.timing().stop().draw(random);
    if (latency == 0) {
      end(id);
    } else {
      replace(id, Replica::stopping);
      queue.after(latency, () -> end(id));
    }
  }

  /// The replica that a stop ends: the one named, or one of the cluster's own choice.
  private Optional<ReplicaId> victim(Action.Stop stop) {
    var named = truth.find(stop.replica());
    if (settings.abilities().contains(Ability.PICKS_VICTIMS)) {
      return named.filter(r -> r.state() != ReplicaState.STOPPING).map(Replica::id);
    }
    if (named.isEmpty() || stops.size() >= MOST_REMEMBERED || !stops.add(stop.replica())) {
      return Optional.empty();
    }
    var choice =
        truth().of(stop.service()).replicas().stream()
            .filter(r -> r.state() != ReplicaState.STOPPING)
            .toList();
    return choice.isEmpty()
        ? Optional.empty()
        : Optional.of(choice.get(random.nextInt(choice.size())).id());
  }

  private void scale(ServiceId service, int replicas, List<ReplicaId> victims) {
    var standings = truth.standings();
    var desired = new TreeMap<>(standings.desired());
    desired.put(service, replicas);
    var next = new Standings(standings.backoffs(), desired, standings.barred());
    change(picture -> picture.standings(next));
    for (var victim : settings.abilities().contains(Ability.PICKS_VICTIMS) ? victims : NOBODY) {
      var named = truth.find(victim).filter(r -> r.state() != ReplicaState.STOPPING);
      if (named.isPresent() && truth().of(service).kept() > replicas) {
        stop(victim);
      }
    }
    reconcile(service);
  }

  /// Brings a service to the number that is desired: spreads what is new over the nodes, and ends
  /// any, those that are not ready first. Without a queue nobody counts room, as in a swarm whose
  /// services reserve nothing.
  private void reconcile(ServiceId service) {
    int desired = truth.standings().desired().getOrDefault(service, 0);
    while (truth().of(service).kept() > desired) {
      var kept =
          truth().of(service).replicas().stream()
              .filter(r -> r.state() != ReplicaState.STOPPING)
              .toList();
      var starting = kept.stream().filter(r -> r.state() == ReplicaState.STARTING).toList();
      var choice = starting.isEmpty() ? kept : starting;
      stop(choice.get(random.nextInt(choice.size())).id());
    }
    boolean queues = settings.abilities().contains(Ability.QUEUES_WHEN_FULL);
    while (truth().of(service).kept() < desired) {
      var node = emptiest(queues);
      if (node.isEmpty()) {
        return;
      }
      begin(
          new Action.Start(
              service, new ReplicaId(service + "." + number++), node.get().id(), settings.size()));
    }
  }

  /// The node that is least busy.
  ///
  /// @param withRoom of those with room for one more
  private Optional<Node> emptiest(boolean withRoom) {
    return truth.nodes().stream()
        .filter(node -> !withRoom || settings.size().fitsIn(truth.free(node)))
        .min(
            Comparator.comparingDouble(
                node -> truth.held(node.id()).dominantShare(node.capacity())));
  }
}
