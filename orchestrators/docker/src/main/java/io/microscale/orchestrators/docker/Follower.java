package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// Keeps what is known in step with the engine: by its events, by a listing each time they begin to
/// come, and by a slow one for what they miss.
///
/// An event is a hint: unless it tells of an end it is compared with what is known, and where the
/// two differ the container is inspected. While the events do not come, nothing is known.
final class Follower {
  private static final Duration RESYNC = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration ABANDONED = Duration.ofSeconds(30);

  private final String pool;
  private final EngineClient client;
  private final Dialect dialect;
  private final Containers containers;
  private final Map<ServiceId, Template> templates;
  private final Sizing sizing;
  private final Clock clock;
  private final Stops stops;
  private final ReadinessChecks readiness;
  private final Removals removals;
  private final Aftermath aftermath;
  private final Foreigners foreigners;
  private final Timers timers;
  private final Consumer<String> notices;
  private final ReentrantLock listing = new ReentrantLock();
  private final Set<String> strangers = new HashSet<>(); // guarded by listing
  private final Set<ReplicaId> looking = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;
  private volatile Duration pause = FIRST_PAUSE;
  private boolean first = true; // guarded by listing

  Follower(
      String pool,
      EngineClient client,
      Dialect dialect,
      Containers containers,
      Map<ServiceId, Template> templates,
      Sizing sizing,
      Clock clock,
      Stops stops,
      ReadinessChecks readiness,
      Removals removals,
      Aftermath aftermath,
      Foreigners foreigners,
      Timers timers,
      Consumer<String> notices) {
    this.pool = pool;
    this.client = client;
    this.dialect = dialect;
    this.containers = containers;
    this.templates = templates;
    this.sizing = sizing;
    this.clock = clock;
    this.stops = stops;
    this.readiness = readiness;
    this.removals = removals;
    this.aftermath = aftermath;
    this.foreigners = foreigners;
    this.timers = timers;
    this.notices = notices;
    this.thread = Thread.ofVirtual().name("events of pool " + pool).unstarted(this::follow);
  }

  void start() {
    thread.start();
    timers.every(RESYNC, this::resync);
  }

  private void follow() {
    while (!closed) {
      var end =
          client.events(
              Map.of("type", List.of("container"), "label", List.of(Labels.POOL + "=" + pool)),
              this::listening,
              this::event);
      if (closed) {
        return;
      }
      containers.unknown(String.valueOf(end.getMessage()));
      try {
        Thread.sleep(pause);
      } catch (InterruptedException _) {
        return;
      }
      var longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private void listening() {
    list();
    pause = FIRST_PAUSE;
    containers.known();
  }

  private void resync() {
    try {
      containers.observe();
    } catch (OrchestratorException _) {
      return; // listed when events come again
    }
    try {
      list();
    } catch (OrchestratorException e) {
      if (!closed) {
        notices.accept("containers: not listed: " + e.getMessage());
      }
    }
  }

  /// Compares what is known with what there is.
  void list() {
    listing.lock();
    try {
      long since = containers.changes();
      var before = containers.all();
      var all = client.containers(List.of(Labels.POOL + "=" + pool));
      var there = new HashSet<String>();
      int adopted = 0;
      int over = 0;
      for (var one : all) {
        var container = one.path("Id").asText();
        there.add(container);
        var known = before.stream().filter(held -> held.container.equals(container)).findFirst();
        if (known.isPresent()) {
          compare(known.get(), one, since);
        } else {
          var found = unknown(container, one);
          adopted += found == Unknown.ADOPTED ? 1 : 0;
          over += found == Unknown.OVER ? 1 : 0;
        }
      }
      for (var held : before) {
        if (!there.contains(held.container) && isOlder(held, since)) {
          aftermath.of(containers.ended(held.id, held.container, "removed by somebody"));
        }
      }
      if (first && adopted + over > 0) {
        notices.accept("%d replicas adopted, %d had ended meanwhile".formatted(adopted, over));
      }
      first = false;
      foreigners.count();
    } finally {
      listing.unlock();
    }
  }

  private static boolean isOlder(Held held, long since) {
    return held.shown && held.asking == 0 && held.changed <= since;
  }

  private void compare(Held held, JsonNode one, long since) {
    switch (dialect.life(one.path("State").asText())) {
      case ENDED -> aftermath.of(containers.ended(held.id, held.container, "ended"));
      case RUNNING, PAUSED -> {
        boolean paused = dialect.life(one.path("State").asText()) == Dialect.Life.PAUSED;
        if (isOlder(held, since) && held.paused != paused) {
          look(held.id, held.container);
        }
        if (!paused && one.path("Status").asText().contains("(unhealthy)")) {
          unhealthy(held);
        }
      }
      case CREATED, CHANGING -> {}
    }
  }

  private enum Unknown {
    ADOPTED,
    OVER,
    LEFT_ALONE
  }

  private Unknown unknown(String container, JsonNode one) {
    var replica = one.path("Labels").path(Labels.REPLICA).asText("");
    if (replica.isBlank()) {
      return stranger(container, one);
    }
    var id = new ReplicaId(replica);
    var life = dialect.life(one.path("State").asText());
    if (containers.wasEnded(id) && life == Dialect.Life.ENDED) {
      removals.add(container);
      return Unknown.LEFT_ALONE;
    }
    return switch (life) {
      case RUNNING, PAUSED -> adopt(container, one);
      case ENDED -> {
        if (containers.find(id).isPresent()) {
          yield Unknown.LEFT_ALONE;
        }
        containers.endedBefore(id);
        removals.add(container);
        yield Unknown.OVER;
      }
      case CREATED -> {
        // Left by a start that was not finished, unless one is just being made.
        var started = Instant.ofEpochMilli(one.path("Labels").path(Labels.STARTED).asLong(0));
        if (containers.find(id).isEmpty()
            && (first || started.plus(ABANDONED).isBefore(clock.now()))) {
          removals.add(container);
          yield Unknown.OVER;
        }
        yield Unknown.LEFT_ALONE;
      }
      case CHANGING -> Unknown.LEFT_ALONE;
    };
  }

  private Unknown stranger(String container, JsonNode one) {
    if (strangers.size() < 1000 && strangers.add(container)) {
      notices.accept(
          "container %s: left alone: it has the label %s=%s and not the others of a replica"
              .formatted(one.path("Names").path(0).asText(container), Labels.POOL, pool));
    }
    return Unknown.LEFT_ALONE;
  }

  private Unknown adopt(String container, JsonNode one) {
    long since = containers.changes();
    var answer = client.send(EngineCall.get("/containers/" + container + "/json"));
    if (answer.status() == 404) {
      return Unknown.LEFT_ALONE;
    }
    if (answer.isError()) {
      throw answer.failure();
    }
    var found = Found.of(answer.json(), pool, dialect);
    if (found.isEmpty()) {
      return stranger(container, one);
    }
    return adopt(found.get(), since) ? Unknown.ADOPTED : Unknown.LEFT_ALONE;
  }

  private boolean adopt(Found found, long since) {
    if (found.life() != Dialect.Life.RUNNING && found.life() != Dialect.Life.PAUSED) {
      return false;
    }
    var wanted = readinessOf(found.service());
    Held held;
    try {
      held = found.held(clock.now(), sizing);
    } catch (IllegalArgumentException e) {
      notices.accept(
          "container %s: left alone: its labels are not ours: %s"
              .formatted(found.container(), e.getMessage()));
      return false;
    }
    // One that is paused has been ready, or it would not have been paused for long.
    held.ready =
        switch (wanted) {
          case Readiness.Started _ -> true;
          case Readiness.HealthCheck _ -> found.health().equals("healthy");
          case Readiness.Tcp _ -> held.paused;
        };
    if (!containers.adopted(held, since)) {
      return false;
    }
    if (!held.ready) {
      readiness.begin(held, wanted);
    }
    return true;
  }

  private Readiness readinessOf(ServiceId service) {
    var template = templates.get(service);
    return template == null ? new Readiness.Started() : template.readiness();
  }

  private void event(JsonNode event) {
    var action = event.path("Action").asText();
    var container = event.path("Actor").path("ID").asText();
    var attributes = event.path("Actor").path("Attributes");
    var replica = attributes.path(Labels.REPLICA).asText("");
    if (replica.isBlank() || !attributes.path(Labels.POOL).asText().equals(pool)) {
      return;
    }
    var id = new ReplicaId(replica);
    if (action.equals("die") || dialect.isRemoval(action)) {
      var how = dialect.exitOf(attributes).orElse("removed by somebody");
      aftermath.of(containers.ended(id, container, how));
      return;
    }
    var known = containers.find(id);
    switch (action) {
      case "start", "pause", "unpause", "update" -> {
        boolean expected =
            known.filter(held -> held.asking > 0 || agrees(held, action)).isPresent();
        if (!expected) {
          look(id, container);
        }
      }
      case "create" -> {
        // By a call that was given up: the start that it was for has failed.
        if (known.isEmpty()) {
          look(id, container);
        }
      }
      case "health_status: healthy" -> known.ifPresent(this::healthy);
      case "health_status: unhealthy" -> known.ifPresent(this::unhealthy);
      default -> {}
    }
  }

  private static boolean agrees(Held held, String action) {
    return switch (action) {
      case "start" -> true;
      case "pause" -> held.paused;
      case "unpause" -> !held.paused;
      default -> false;
    };
  }

  private void healthy(Held held) {
    if (readinessOf(held.service) instanceof Readiness.HealthCheck) {
      containers.learnt(
          held,
          () -> {
            boolean now = held.shown && !held.ready;
            held.ready |= now;
            return now;
          });
    }
  }

  private void unhealthy(Held held) {
    if (readinessOf(held.service) instanceof Readiness.HealthCheck && held.shown) {
      stops.stop(held, "unhealthy");
    }
  }

  /// Finds out what is true of one container, without waiting for it: a little later, so that many
  /// reasons to look are one. If that fails, the next listing does.
  void look(ReplicaId id, String container) {
    if (!looking.add(id)) {
      return;
    }
    timers.after(
        SOON,
        () -> {
          looking.remove(id);
          try {
            lookNow(id, container);
          } catch (OrchestratorException _) {
            // The engine being away is told by the end of its events.
          }
        });
  }

  private void lookNow(ReplicaId id, String container) {
    long since = containers.changes();
    var answer = client.send(EngineCall.get("/containers/" + container + "/json"));
    if (answer.status() == 404) {
      aftermath.of(containers.ended(id, container, "removed by somebody"));
      return;
    }
    if (answer.isError()) {
      throw answer.failure();
    }
    var found = Found.of(answer.json(), pool, dialect).filter(f -> f.id().equals(id));
    if (found.isEmpty()) {
      return;
    }
    var held = containers.find(id);
    if (held.isEmpty()) {
      switch (found.get().life()) {
        case RUNNING, PAUSED -> adopt(found.get(), since);
        case CREATED, ENDED -> removals.add(found.get().container());
        case CHANGING -> {}
      }
    } else if (found.get().life() == Dialect.Life.ENDED) {
      aftermath.of(containers.ended(id, found.get().container(), found.get().exit()));
    } else {
      correct(held.get(), found.get(), since);
    }
  }

  private void correct(Held held, Found found, long since) {
    var now = found.held(clock.now(), sizing);
    containers.learnt(
        held,
        () -> {
          if (!isOlder(held, since) || !held.container.equals(found.container())) {
            return false;
          }
          boolean same = held.paused == now.paused && held.resources.equals(now.resources);
          held.paused = now.paused;
          held.resources = now.resources;
          return !same;
        });
  }

  void close() {
    closed = true;
    thread.interrupt();
  }
}
