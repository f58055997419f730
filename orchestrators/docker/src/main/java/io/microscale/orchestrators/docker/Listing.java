package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.orchestrator.Clock;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/// Compares what is known with all that there is.
final class Listing {
  private static final Duration ABANDONED = Duration.ofSeconds(30);
  private static final int STRANGERS = 1000;

  private final Engine engine;
  private final Containers containers;
  private final Clock clock;
  private final Inspector inspector;
  private final ReadinessChecks readiness;
  private final Removals removals;
  private final Aftermath aftermath;
  private final Foreigners foreigners;
  private final ReentrantLock one = new ReentrantLock();
  private final Set<String> strangers = new HashSet<>();
  private boolean first = true;

  Listing(
      Engine engine,
      Containers containers,
      Clock clock,
      Inspector inspector,
      ReadinessChecks readiness,
      Removals removals,
      Aftermath aftermath,
      Foreigners foreigners) {
    this.engine = engine;
    this.containers = containers;
    this.clock = clock;
    this.inspector = inspector;
    this.readiness = readiness;
    this.removals = removals;
    this.aftermath = aftermath;
    this.foreigners = foreigners;
  }

  /// Lists everything, one caller at a time.
  void make() {
    one.lock();
    try {
      compare();
      foreigners.count();
      first = false;
    } finally {
      one.unlock();
    }
  }

  private void compare() {
    long since = containers.changes();
    var before = new HashMap<String, Held>();
    containers.all().forEach(held -> before.put(held.container, held));
    var there = new HashSet<String>();
    int adopted = 0;
    int over = 0;
    for (var listed : engine.client().containers(List.of(Labels.POOL + "=" + engine.pool()))) {
      var container = listed.path("Id").asText();
      there.add(container);
      var known = before.get(container);
      if (known != null) {
        compare(known, listed, since);
      } else {
        var outcome = unknown(container, listed);
        adopted += outcome == Inspector.Outcome.ADOPTED ? 1 : 0;
        over += outcome == Inspector.Outcome.OVER ? 1 : 0;
      }
    }
    for (var held : before.values()) {
      if (!there.contains(held.container) && held.isUntouched(since)) {
        aftermath.of(containers.ended(held.id, held.container, "removed by somebody"));
      }
    }
    if (first && adopted + over > 0) {
      engine
          .notices()
          .accept("%d replicas adopted, %d had ended meanwhile".formatted(adopted, over));
    }
  }

  private void compare(Held held, JsonNode listed, long since) {
    var life = engine.dialect().life(listed.path("State").asText());
    switch (life) {
      case ENDED -> aftermath.of(containers.ended(held.id, held.container, "ended"));
      case RUNNING, PAUSED -> {
        boolean paused = life == Dialect.Life.PAUSED;
        if (held.isUntouched(since) && held.paused != paused) {
          inspector.look(held.id, held.container);
        }
        if (!paused && listed.path("Status").asText().contains("(unhealthy)")) {
          readiness.unhealthy(held);
        }
      }
      case CREATED, CHANGING -> {}
    }
  }

  private Inspector.Outcome unknown(String container, JsonNode listed) {
    var labels = listed.path("Labels");
    var id = Found.replica(labels);
    if (id.isEmpty()) {
      return stranger(container, listed);
    }
    var life = engine.dialect().life(listed.path("State").asText());
    if (life == Dialect.Life.ENDED && containers.wasEnded(id.get())) {
      removals.add(container);
      return Inspector.Outcome.LEFT_ALONE;
    }
    if (life == Dialect.Life.CREATED && !first) {
      // Left by a start that was given up, unless it is just being made.
      var started = Instant.ofEpochMilli(labels.path(Labels.STARTED).asLong(0));
      if (clock.now().isBefore(started.plus(ABANDONED))) {
        return Inspector.Outcome.LEFT_ALONE;
      }
    }
    var outcome = inspector.adopt(container);
    return outcome == Inspector.Outcome.STRANGE ? stranger(container, listed) : outcome;
  }

  private Inspector.Outcome stranger(String container, JsonNode listed) {
    if (strangers.size() < STRANGERS && strangers.add(container)) {
      engine
          .notices()
          .accept(
              "container %s: left alone: it has the label %s=%s and not the others of a replica"
                  .formatted(
                      listed.path("Names").path(0).asText(container), Labels.POOL, engine.pool()));
    }
    return Inspector.Outcome.STRANGE;
  }
}
