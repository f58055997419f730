package io.microscale.testkit;

import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// A cluster in memory under a virtual clock, with orchestrators to open on it.
///
/// Time passes only in [#advance]; latencies, failures and losses follow from one seed, so a run in
/// one thread is the same each time. It keeps the promises of [OrchestratorContract] whatever its
/// settings, apart from the failures that were asked for.
public final class VirtualCluster implements InstantSource {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MOST_WAITING = 10_000;
  private static final int MOST_REMEMBERED = 100_000;

  private final Settings settings;
  private final SplittableRandom random;
  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparing(Due::at).thenComparingLong(Due::number));
  private final ArrayDeque<Action.Start> waiting = new ArrayDeque<>();
  private final Set<ReplicaId> stops = new HashSet<>();
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private Instant now = START;
  private long number;
  private Snapshot truth;
  private Snapshot reported;
  private Instant lastReport = START;
  private boolean cut;
  private int refusedForRoom;

  private record Due(Instant at, long number, Runnable effect) {}

  /// A time between two bounds, drawn evenly.
  public record Span(Duration least, Duration most) {
    public static final Span NONE = new Span(Duration.ZERO, Duration.ZERO);

    public Span {
      if (least.isNegative() || most.compareTo(least) < 0) {
        throw new IllegalArgumentException(
            "span: need 0 <= least <= most, got %s to %s".formatted(least, most));
      }
    }

    public static Span ofMillis(long least, long most) {
      return new Span(Duration.ofMillis(least), Duration.ofMillis(most));
    }
  }

  /// How a cluster behaves.
  ///
  /// @param services those it knows
  /// @param size what a replica uses, where the cluster places them itself (`SCALES`)
  /// @param start from a start taking effect to the replica being ready
  /// @param stop from a stop taking effect to the replica being gone
  /// @param effect from an action being accepted to its taking effect
  /// @param report from a change to its being observed
  /// @param failing the fraction of actions refused as `UNAVAILABLE`, not done
  /// @param uncertain the fraction of actions that end `UNCERTAIN`, half of them done
  /// @param lossesPerSecond how many replicas end by themselves, on average
  public record Settings(
      long seed,
      List<Node> nodes,
      Set<ServiceId> services,
      Resources size,
      Set<Ability> abilities,
      Span start,
      Span stop,
      Span effect,
      Span report,
      double failing,
      double uncertain,
      double lossesPerSecond) {

    public Settings {
      nodes = List.copyOf(nodes);
      services = Set.copyOf(services);
      abilities = Set.copyOf(abilities);
      boolean late = !effect.most.isZero() || !report.most.isZero();
      if (late && abilities.contains(Ability.READS_OWN_WRITES)) {
        throw new IllegalArgumentException(
            "abilities: READS_OWN_WRITES needs no effect and report latency, got %s and %s"
                .formatted(effect, report));
      }
    }

    /// All abilities, ready 20 ms after a start and gone 10 ms after a stop, no failures.
    public static Settings reliable(List<Node> nodes, Set<ServiceId> services) {
      return new Settings(
          1,
          nodes,
          services,
          Resources.slots(1),
          EnumSet.complementOf(EnumSet.of(Ability.SCALES)),
          Span.ofMillis(20, 20),
          Span.ofMillis(10, 10),
          Span.NONE,
          Span.NONE,
          0,
          0,
          0);
    }

    /// All abilities but reading own writes; slow, late, failing and losing replicas.
    public static Settings faulty(long seed, List<Node> nodes, Set<ServiceId> services) {
      return new Settings(
          seed,
          nodes,
          services,
          Resources.slots(1),
          EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.READS_OWN_WRITES)),
          Span.ofMillis(5, 2_000),
          Span.ofMillis(5, 1_000),
          Span.ofMillis(0, 300),
          Span.ofMillis(0, 500),
          0.05,
          0.05,
          0.2);
    }

    public Settings abilities(Set<Ability> only) {
      return new Settings(
          seed,
          nodes,
          services,
          size,
          only,
          start,
          stop,
          effect,
          report,
          failing,
          uncertain,
          lossesPerSecond);
    }

    public Settings latencies(Span starting, Span stopping, Span taking, Span reporting) {
      return new Settings(
          seed,
          nodes,
          services,
          size,
          abilities,
          starting,
          stopping,
          taking,
          reporting,
          failing,
          uncertain,
          lossesPerSecond);
    }

    public Settings faults(double failed, double unsure, double losses) {
      return new Settings(
          seed, nodes, services, size, abilities, start, stop, effect, report, failed, unsure,
          losses);
    }

    /// Names, places and picks replicas itself, each of this size; pauses and resizes none.
    public Settings scaling(Resources each) {
      var able = EnumSet.of(Ability.SCALES);
      able.addAll(abilities);
      able.removeAll(Set.of(Ability.PICKS_VICTIMS, Ability.PAUSES, Ability.RESIZES));
      return new Settings(
          seed,
          nodes,
          services,
          each,
          able,
          start,
          stop,
          effect,
          report,
          failing,
          uncertain,
          lossesPerSecond);
    }
  }

  public VirtualCluster(Settings settings) {
    this.settings = settings;
    this.random = new SplittableRandom(settings.seed);
    this.truth = Snapshot.of(now, settings.nodes, List.of());
    this.reported = truth;
    if (settings.lossesPerSecond > 0) {
      loseNext();
    }
  }

  /// An orchestrator on this cluster; any number may be open.
  public Orchestrator open() {
    return new View();
  }

  // What a test does to the cluster.

  @Override
  public synchronized Instant instant() {
    return now;
  }

  /// Lets time pass, and everything happen that is due, in order. Watchers are called on the thread
  /// that calls this.
  public void advance(Duration duration) {
    var until = instant().plus(duration);
    while (step(until)) {
      tell();
    }
  }

  private synchronized boolean step(Instant until) {
    var next = due.peek();
    if (next == null || next.at.isAfter(until)) {
      now = now.isAfter(until) ? now : until;
      return false;
    }
    due.remove();
    now = now.isAfter(next.at) ? now : next.at;
    next.effect.run();
    return true;
  }

  /// Makes the cluster unreachable, or reachable again.
  public void cut(boolean lost) {
    synchronized (this) {
      cut = lost;
    }
    tell();
  }

  /// Ends a replica at once, as a crash does.
  public void kill(ReplicaId replica) {
    synchronized (this) {
      end(replica);
    }
    tell();
  }

  /// What is true now, whatever has been reported.
  public synchronized Snapshot truth() {
    return truth.edit().at(now);
  }

  /// How many starts came when there was no room.
  public synchronized int refusedForRoom() {
    return refusedForRoom;
  }

  /// The first node that holds more than it has, nothing if all is well.
  public synchronized Optional<String> oversubscribed() {
    for (int i = 0; i < truth.nodes().size(); i++) {
      var node = truth.nodes().get(i);
      if (!truth.held(i).fitsIn(node.capacity())) {
        return Optional.of(
            "%s holds %s of %s".formatted(node.id(), truth.held(i), node.capacity()));
      }
    }
    return Optional.empty();
  }

  // What happens in it.

  private void tell() {
    watchers.forEach(Runnable::run);
  }

  private void after(Span span, Runnable effect) {
    due.add(new Due(now.plus(drawn(span)), number++, effect));
  }

  private Duration drawn(Span span) {
    return span.least.plusNanos(random.nextLong(span.most.minus(span.least).toNanos() + 1));
  }

  private void loseNext() {
    double seconds = -Math.log(1 - random.nextDouble()) / settings.lossesPerSecond;
    var gap = Duration.ofNanos((long) (seconds * 1e9));
    after(
        new Span(gap, gap),
        () -> {
          var replicas = truth.replicas();
          if (!replicas.isEmpty()) {
            end(replicas.get(random.nextInt(replicas.size())).id());
          }
          loseNext();
        });
  }

  private void become(Snapshot next) {
    truth = next;
    if (settings.report.most.isZero()) {
      reported = next;
      return;
    }
    var at = now.plus(drawn(settings.report));
    // Reports keep their order, however long each takes.
    lastReport = at.isAfter(lastReport) ? at : lastReport;
    due.add(new Due(lastReport, number++, () -> reported = next));
  }

  private Optional<Replica> find(ReplicaId id) {
    return truth.services().values().stream().flatMap(s -> s.find(id).stream()).findFirst();
  }

  private void change(ReplicaId id, UnaryOperator<Replica> change) {
    find(id).ifPresent(r -> become(truth.edit().put(change.apply(r)).at(now)));
  }

  private void end(ReplicaId id) {
    find(id)
        .ifPresent(
            r -> {
              become(truth.edit().remove(r.service(), id).at(now));
              startWaiting();
              truth.standings().desired().keySet().forEach(this::reconcile);
            });
  }

  private void startWaiting() {
    for (int i = waiting.size(); i > 0; i--) {
      var start = waiting.remove();
      if (fits(start)) {
        begin(start);
      } else {
        waiting.add(start);
      }
    }
  }

  private boolean fits(Action.Start start) {
    return start.resources().fitsIn(truth.free(truth.indexOf(start.node())));
  }

  private void begin(Action.Start start) {
    var replica =
        Replica.of(
            start.replica(),
            start.service(),
            start.node(),
            ReplicaState.STARTING,
            start.resources(),
            now);
    become(truth.edit().put(replica).at(now));
    after(
        settings.start,
        () ->
            change(
                replica.id(),
                r -> r.state() == ReplicaState.STARTING ? r.in(ReplicaState.RUNNING) : r));
  }

  private void perform(Action action) {
    refuse(action);
    double fate = random.nextDouble();
    if (fate < settings.failing) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "busy");
    }
    boolean unsure = fate < settings.failing + settings.uncertain;
    if (!unsure || random.nextBoolean()) {
      if (settings.effect.most.isZero()) {
        apply(action);
      } else {
        after(settings.effect, () -> apply(action));
      }
    }
    if (unsure) {
      throw new OrchestratorException(Kind.UNCERTAIN, "no answer in time");
    }
  }

  private void refuse(Action action) {
    if (cut) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "the cluster cannot be reached");
    }
    if (action instanceof Action.Scale == !settings.abilities.contains(Ability.SCALES)) {
      throw new OrchestratorException(Kind.UNSUPPORTED, "cannot " + action.verb());
    }
    switch (action) {
      case Action.Scale scale -> requireKnown(scale.service());
      case Action.Start start -> refuseStart(start);
      case Action.Stop _ -> {}
      case Action.Pause pause -> require(Ability.PAUSES, pause);
      case Action.Resume resume -> require(Ability.PAUSES, resume);
      case Action.Resize resize -> require(Ability.RESIZES, resize);
    }
  }

  private void requireKnown(ServiceId service) {
    if (!settings.services.contains(service)) {
      throw new OrchestratorException(Kind.UNKNOWN, "no service " + service);
    }
  }

  private void refuseStart(Action.Start start) {
    requireKnown(start.service());
    int node = truth.indexOf(start.node());
    if (node < 0) {
      throw new OrchestratorException(Kind.UNKNOWN, "no node " + start.node());
    }
    boolean queues = settings.abilities.contains(Ability.QUEUES_WHEN_FULL);
    if (!queues && !start.resources().fitsIn(truth.nodes().get(node).capacity())) {
      throw new OrchestratorException(
          Kind.REJECTED, "%s never fits on %s".formatted(start.resources(), start.node()));
    }
    if (find(start.replica()).isEmpty() && !fits(start)) {
      refusedForRoom++;
      if (!queues || waiting.size() >= MOST_WAITING) {
        throw new OrchestratorException(Kind.UNAVAILABLE, start.node() + " is full");
      }
    }
  }

  private void require(Ability ability, Action.OfReplica action) {
    if (!settings.abilities.contains(ability)) {
      throw new OrchestratorException(Kind.UNSUPPORTED, "cannot " + action.verb());
    }
    if (find(action.replica()).isEmpty()) {
      throw new OrchestratorException(Kind.UNKNOWN, "no replica " + action.replica());
    }
  }

  private void apply(Action action) {
    var id = new ReplicaId(action.subject());
    switch (action) {
      case Action.Scale(var service, int replicas) -> {
        var standings = truth.standings();
        var desired = new HashMap<>(standings.desired());
        desired.put(service, replicas);
        become(
            truth
                .edit()
                .standings(new Standings(standings.backoffs(), desired, standings.barred()))
                .at(now));
        reconcile(service);
      }
      case Action.Start start -> {
        boolean there =
            find(id).isPresent() || waiting.stream().anyMatch(w -> w.replica().equals(id));
        if (!there && fits(start)) {
          begin(start);
        } else if (!there && settings.abilities.contains(Ability.QUEUES_WHEN_FULL)) {
          waiting.add(start);
        }
      }
      case Action.Stop stop -> {
        if (waiting.removeIf(w -> w.replica().equals(id))) {
          return;
        }
        victim(stop)
            .ifPresent(
                victim -> {
                  change(victim, Replica::stopping);
                  after(settings.stop, () -> end(victim));
                });
      }
      case Action.Pause _ ->
          change(id, r -> r.state() == ReplicaState.RUNNING ? r.in(ReplicaState.PAUSED) : r);
      case Action.Resume _ ->
          change(id, r -> r.state() == ReplicaState.PAUSED ? r.in(ReplicaState.RUNNING) : r);
      case Action.Resize(_, _, Resources resources) ->
          change(id, r -> r.state().isActive() ? r.using(resources) : r);
    }
  }

  /// Brings a service to the number that is desired: spreads what is new over the nodes, and ends
  /// any. Without a queue nobody counts room, as in a swarm whose services reserve nothing.
  private void reconcile(ServiceId service) {
    int desired = truth.standings().desired().getOrDefault(service, 0);
    while (truth.of(service).active() > desired) {
      var active = truth.of(service).replicas().stream().filter(r -> r.state().isActive()).toList();
      var victim = active.get(random.nextInt(active.size())).id();
      change(victim, Replica::stopping);
      after(settings.stop, () -> end(victim));
    }
    while (truth.of(service).active() < desired) {
      var node = emptiest();
      if (settings.abilities.contains(Ability.QUEUES_WHEN_FULL)
          && !settings.size.fitsIn(truth.free(node))) {
        return;
      }
      begin(
          new Action.Start(
              service,
              new ReplicaId(service + "." + number++),
              truth.nodes().get(node).id(),
              settings.size));
    }
  }

  private int emptiest() {
    return IntStream.range(0, truth.nodes().size())
        .boxed()
        .min(
            Comparator.comparingDouble(
                node -> truth.held(node).dominantShare(truth.nodes().get(node).capacity())))
        .orElseThrow();
  }

  /// The replica that a stop ends: the one named, or one of the cluster's own choice.
  private Optional<ReplicaId> victim(Action.Stop stop) {
    var named = find(stop.replica());
    if (settings.abilities.contains(Ability.PICKS_VICTIMS)) {
      return named.filter(r -> r.state() != ReplicaState.STOPPING).map(Replica::id);
    }
    if (named.isEmpty() || stops.size() >= MOST_REMEMBERED || !stops.add(stop.replica())) {
      return Optional.empty();
    }
    var choice =
        truth.of(stop.service()).replicas().stream()
            .filter(r -> r.state() != ReplicaState.STOPPING)
            .toList();
    return choice.isEmpty()
        ? Optional.empty()
        : Optional.of(choice.get(random.nextInt(choice.size())).id());
  }

  /// One orchestrator on the cluster.
  private final class View implements Orchestrator {
    private final List<Runnable> mine = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    @Override
    public Set<Ability> abilities() {
      return settings.abilities;
    }

    @Override
    public Snapshot observe() {
      synchronized (VirtualCluster.this) {
        requireOpen();
        if (cut) {
          throw new OrchestratorException(Kind.UNAVAILABLE, "the cluster cannot be reached");
        }
        var asOf = now.minus(settings.report.most);
        return reported.edit().at(asOf.isAfter(reported.at()) ? asOf : reported.at());
      }
    }

    @Override
    public void perform(Action action) {
      synchronized (VirtualCluster.this) {
        requireOpen();
        VirtualCluster.this.perform(action);
      }
      tell();
    }

    private void requireOpen() {
      if (closed) {
        throw new OrchestratorException(Kind.UNAVAILABLE, "closed");
      }
    }

    @Override
    public Watch watch(Runnable changed) {
      if (!settings.abilities.contains(Ability.WATCHES)) {
        return () -> {};
      }
      // A wrapper of its own, so that closing one watch does not end another of the same listener.
      Runnable watcher = () -> changed.run();
      mine.add(watcher);
      watchers.add(watcher);
      return () -> {
        mine.remove(watcher);
        watchers.remove(watcher);
      };
    }

    @Override
    public void close() {
      closed = true;
      watchers.removeAll(mine);
    }
  }

  /// The services of these names.
  public static Set<ServiceId> services(String... names) {
    var services = new HashSet<ServiceId>();
    for (var name : names) {
      services.add(new ServiceId(name));
    }
    return services;
  }

  /// Nodes of equal capacity, named `node-1` and so on.
  public static List<Node> nodes(int count, Map<String, Long> capacity) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> Node.of("node-" + i, Resources.of(capacity)))
        .toList();
  }
}
