package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Reads from Swarm, tells it how many replicas there are to be, and makes the snapshot. For one
/// thread alone.
///
/// Tasks have no events, so they are asked for: every 100 ms while any is on its way, every 300 ms
/// when that has brought nothing new for five seconds, else every two seconds. An answer that takes
/// long makes it ask less often, so that a large Swarm is not kept busy with that. What has events
/// is looked at every ten seconds without one.
final class Pilot {
  private static final Duration EVERYTHING = Duration.ofSeconds(10);
  private static final Duration SLOWLY = Duration.ofSeconds(2);

  private static final Duration QUICKLY = Duration.ofMillis(100);
  private static final Duration PATIENTLY = Duration.ofMillis(300);
  private static final Duration NEWS_LAST = Duration.ofSeconds(5);
  private static final int COST_FACTOR = 5;
  private static final int MOST_TRIES = 20;

  private final SwarmSettings settings;
  private final SwarmApi api;
  private final Clock clock;
  private final SortedMap<String, ServiceId> names;
  private final TaskWatch tasks = new TaskWatch();
  private final Map<ServiceId, Scaled> scaled = new TreeMap<>();
  private final Map<ServiceId, Backoff> held = new TreeMap<>();
  private Picture picture = new Picture(List.of(), Map.of(), List.of(), Map.of());
  private boolean servicesDue = true;
  private boolean nodesDue = true;
  private boolean allDue = true;
  private long allReadNanos;
  private long foreignReadNanos;
  private long newsNanos = System.nanoTime();
  private long costNanos;

  Pilot(SwarmSettings settings, SwarmApi api, Clock clock) {
    this.settings = settings;
    this.api = api;
    this.clock = clock;
    this.names = settings.names();
  }

  /// Something has happened to a service.
  void servicesChanged() {
    servicesDue = true;
    newsNanos = System.nanoTime();
  }

  /// Something has happened to a node.
  void nodesChanged() {
    nodesDue = true;
    newsNanos = System.nanoTime();
  }

  /// Swarm could not be reached: what it was told is not known any more, and neither is what was on
  /// its way to it. The next look takes over what the services say.
  void lost() {
    allDue = true;
    scaled.clear();
  }

  /// Reads what may have changed, and tells Swarm the next portions.
  void look() {
    long begun = System.nanoTime();
    boolean everything = allDue || begun - allReadNanos >= EVERYTHING.toNanos();
    var services = servicesDue || everything ? readServices() : picture.services();
    servicesDue = false;
    var read = readTasks(services, everything);
    var nodes = nodesDue || everything || namesUnknownNode(read) ? api.nodes() : picture.nodes();
    nodesDue = false;
    boolean foreignDue = everything || begun - foreignReadNanos >= SLOWLY.toNanos();
    var foreign = foreignDue ? readForeign(services) : picture.foreign();
    foreignReadNanos = foreignDue ? begun : foreignReadNanos;
    if (everything) {
      allDue = false;
      allReadNanos = begun;
    }
    picture = new Picture(nodes, services, read, foreign);
    if (tasks.seen(read, System.nanoTime(), clock.now())) {
      newsNanos = System.nanoTime();
    }
    costNanos = System.nanoTime() - begun;
    steer();
  }

  private Map<ServiceId, SwarmService> readServices() {
    var found = new TreeMap<ServiceId, SwarmService>();
    for (var service : api.services(names.keySet())) {
      var id = names.get(service.name());
      if (id != null && service.isReplicated()) {
        found.put(id, service);
      }
    }
    for (var id : names.values()) {
      var service = found.get(id);
      if (service == null) {
        scaled.remove(id);
        continue;
      }
      var known = scaled.get(id);
      if (known == null || known.told() != service.replicas()) {
        // Somebody else has set it, or nobody here knows: that is what it is to have.
        scaled.put(id, new Scaled(service.replicas(), System.nanoTime()));
      }
    }
    return found;
  }

  /// The tasks as they are. Those that were replaced are asked for only when everything is, or when
  /// one that was to run is among them now.
  private List<SwarmTask> readTasks(Map<ServiceId, SwarmService> services, boolean everything) {
    try {
      if (!everything) {
        var present = api.presentTasks(services.values());
        var keys = present.stream().map(SwarmTask::key).collect(Collectors.toSet());
        var others = picture.tasks().stream().filter(task -> !keys.contains(task.key())).toList();
        if (others.stream().noneMatch(SwarmTask::wanted)) {
          var all = new ArrayList<>(present);
          others.stream().filter(SwarmTask::replaced).forEach(all::add);
          return all;
        }
      }
      return api.tasks(services.values());
    } catch (OrchestratorException e) {
      if (e.kind() != Kind.UNKNOWN) {
        throw e;
      }
      // One of the services was removed a moment ago.
      servicesDue = true;
      throw new OrchestratorException(Kind.UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }

  private boolean namesUnknownNode(List<SwarmTask> read) {
    var known = picture.nodes().stream().map(SwarmNode::key).collect(Collectors.toSet());
    return read.stream()
        .anyMatch(
            task -> !task.ended() && task.nodeKey().filter(k -> !known.contains(k)).isPresent());
  }

  private Map<String, Resources> readForeign(Map<ServiceId, SwarmService> services) {
    if (settings.slots().isPresent()) {
      return Map.of();
    }
    var ours = services.values().stream().map(SwarmService::key).collect(Collectors.toSet());
    var foreign = new HashMap<String, Resources>();
    for (var task : api.wantedTasks()) {
      if (!ours.contains(task.serviceKey()) && !task.ended() && task.nodeKey().isPresent()) {
        foreign.merge(task.nodeKey().get(), task.reserved(), Resources::plus);
      }
    }
    return foreign;
  }

  /// A service is to have so many replicas in the end. Swarm is told as much of it as is good now.
  ///
  /// @throws OrchestratorException if Swarm refuses what it is told, or the service is to be left
  ///   alone; then nothing is changed
  void scale(ServiceId id, int replicas) {
    var service = picture.services().get(id);
    var state = scaled.get(id);
    if (service == null || state == null) {
      servicesDue = true;
      throw new OrchestratorException(Kind.UNAVAILABLE, missing(id));
    }
    refuseWhileUpdating(service);
    int before = state.target();
    newsNanos = System.nanoTime();
    state.aim(replicas, newsNanos);
    try {
      var next = next().get(id);
      if (next != null) {
        tell(id, state, next, true);
      }
    } catch (OrchestratorException e) {
      if (e.kind() == Kind.UNCERTAIN) {
        servicesDue = true;
      }
      state.aim(before, newsNanos);
      throw e;
    }
  }

  private void refuseWhileUpdating(SwarmService service) {
    var updating = service.updating();
    if (updating.isPresent()) {
      throw new OrchestratorException(Kind.UNAVAILABLE, updating.get());
    }
  }

  private String missing(ServiceId id) {
    var name =
        names.entrySet().stream()
            .filter(entry -> entry.getValue().equals(id))
            .map(Map.Entry::getKey)
            .findFirst()
            .orElse(id.value());
    return "Swarm has no replicated service " + name;
  }

  /// What Swarm is to be told now.
  private SortedMap<ServiceId, Integer> next() {
    var rises = new TreeMap<ServiceId, Portions.Rise>();
    var falls = new TreeMap<ServiceId, Integer>();
    int onTheirWay = 0;
    long now = System.nanoTime();
    for (var entry : scaled.entrySet()) {
      var state = entry.getValue();
      var service = picture.services().get(entry.getKey());
      if (service == null) {
        continue;
      }
      int its = tasks.onTheirWay(service.key(), state.told(), state.toldNanos(), now);
      onTheirWay += its;
      if (service.updating().isPresent()) {
        continue;
      }
      rises.put(entry.getKey(), new Portions.Rise(state.target(), state.told()));
      if (state.isToFall(its > 0 || tasks.isFresh(service.key(), now), now)) {
        falls.put(entry.getKey(), state.target());
      }
    }
    int nodes = (int) picture.nodes().stream().filter(SwarmNode::schedulable).count();
    var next = Portions.next(rises, tasks.pace().atOnce(nodes) - onTheirWay);
    next.putAll(falls);
    return next;
  }

  private void steer() {
    for (var portion : next().entrySet()) {
      var state = scaled.get(portion.getKey());
      if (state == null) {
        continue;
      }
      try {
        tell(portion.getKey(), state, portion.getValue(), false);
      } catch (OrchestratorException e) {
        if (e.kind() == Kind.UNAVAILABLE || e.kind() == Kind.UNCERTAIN) {
          throw e;
        }
        // It was accepted a moment ago and is refused now; who reads the snapshot sees it.
        settings.notices().accept("%s: %s".formatted(portion.getKey(), e.getMessage()));
        state.aim(state.told(), System.nanoTime());
      }
    }
  }

  /// Sets the number of a service, whatever else others change of it at the same time.
  ///
  /// @param absolute whether it is set though others have changed the number
  private void tell(ServiceId id, Scaled state, int replicas, boolean absolute) {
    var known = picture.services().get(id);
    if (known == null) {
      return;
    }
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      var service =
          api.service(known.name())
              .orElseThrow(() -> new OrchestratorException(Kind.UNAVAILABLE, missing(id)));
      if (!absolute && (service.updating().isPresent() || service.replicas() != state.told())) {
        servicesDue = true;
        return;
      }
      refuseWhileUpdating(service);
      if (!service.isReplicated()) {
        throw new OrchestratorException(
            Kind.REJECTED,
            "%s: need mode replicated, got %s".formatted(service.name(), service.mode()));
      }
      if (service.replicas() == replicas || api.update(service, service.scaledTo(replicas))) {
        state.told(replicas, System.nanoTime());
        return;
      }
    }
    throw new OrchestratorException(
        Kind.UNAVAILABLE,
        "%s: changed by others %d times in a row".formatted(known.name(), MOST_TRIES));
  }

  Snapshot snapshot() {
    var desired = new TreeMap<ServiceId, Integer>();
    scaled.forEach((id, state) -> desired.put(id, state.target()));
    return picture.snapshot(settings, desired, backoffs(), clock.now());
  }

  private Map<ServiceId, Backoff> backoffs() {
    var now = clock.now();
    var backoffs = new TreeMap<ServiceId, Backoff>();
    for (var id : names.values()) {
      var service = picture.services().get(id);
      var reason = service == null ? missing(id) : service.updating().orElse("");
      if (reason.isEmpty()) {
        held.remove(id);
        tasks
            .backoff(service == null ? "" : service.key(), now)
            .ifPresent(b -> backoffs.put(id, b));
        continue;
      }
      // Until when is for Swarm and people to say; that it goes on is told anew each minute.
      var before = held.get(id);
      if (before == null || !before.reason().equals(reason) || !now.isBefore(before.until())) {
        held.put(id, new Backoff(now.plus(Duration.ofMinutes(1)), reason));
      }
      backoffs.put(id, held.getOrDefault(id, new Backoff(now, reason)));
    }
    return backoffs;
  }

  /// How long until the next look, if nothing is told before.
  Duration untilNextLook() {
    if (servicesDue || nodesDue || allDue) {
      return Duration.ZERO;
    }
    long now = System.nanoTime();
    var every = SLOWLY;
    if (!isSettled() || now - newsNanos < QUICKLY.toNanos() * 2) {
      every = now - newsNanos < NEWS_LAST.toNanos() ? QUICKLY : PATIENTLY;
    }
    var cost = Duration.ofNanos(COST_FACTOR * costNanos);
    return every.compareTo(cost) > 0 ? every : cost.compareTo(SLOWLY) > 0 ? SLOWLY : cost;
  }

  private boolean isSettled() {
    for (var service : picture.services().entrySet()) {
      var state = scaled.get(service.getKey());
      if (state != null
          && (state.told() != state.target()
              || !tasks.isSettled(service.getValue().key(), state.told()))) {
        return false;
      }
    }
    return true;
  }
}
