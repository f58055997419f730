package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// Keeps what is known in step with the engine: by its events, by a listing each time they begin to
/// come, and by a slow one for what they miss.
///
/// An event is a hint: unless it tells of an end it is compared with what is known, and where the
/// two differ the container is inspected. While the events do not come, nothing is known.
final class Follower {
  private static final Duration RESYNC = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Engine engine;
  private final Containers containers;
  private final Listing listing;
  private final Inspector inspector;
  private final ReadinessChecks readiness;
  private final Aftermath aftermath;
  private final Thread thread;
  private volatile boolean closed;
  private volatile Duration pause = FIRST_PAUSE;

  Follower(
      Engine engine,
      Containers containers,
      Listing listing,
      Inspector inspector,
      ReadinessChecks readiness,
      Aftermath aftermath) {
    this.engine = engine;
    this.containers = containers;
    this.listing = listing;
    this.inspector = inspector;
    this.readiness = readiness;
    this.aftermath = aftermath;
    this.thread =
        Thread.ofVirtual().name("events of pool " + engine.pool()).unstarted(this::follow);
  }

  void start() {
    thread.start();
    engine.timers().every(RESYNC, this::resync);
  }

  private void follow() {
    var filters =
        Map.of("type", List.of("container"), "label", List.of(Labels.POOL + "=" + engine.pool()));
    while (!closed) {
      var end = listen(filters);
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

  /// Why it heard no more. Whatever that is, it has to listen again.
  private RuntimeException listen(Map<String, List<String>> filters) {
    try {
      return engine.client().events(filters, this::listening, this::event);
    } catch (RuntimeException e) {
      return e;
    }
  }

  private void listening() {
    listing.make();
    pause = FIRST_PAUSE;
    containers.known();
  }

  private void resync() {
    if (!containers.isKnown()) {
      return; // listed when events come again
    }
    try {
      listing.make();
    } catch (OrchestratorException e) {
      if (!closed) {
        engine.notices().accept("containers: not listed: " + e.getMessage());
      }
    }
  }

  private void event(JsonNode event) {
    var attributes = event.path("Actor").path("Attributes");
    var replica = Found.replica(attributes);
    if (replica.isPresent() && attributes.path(Labels.POOL).asText().equals(engine.pool())) {
      event(
          event.path("Action").asText(),
          replica.get(),
          event.path("Actor").path("ID").asText(),
          attributes);
    }
  }

  private void event(String action, ReplicaId id, String container, JsonNode attributes) {
    if (action.equals("die") || engine.dialect().isRemoval(action)) {
      var how = engine.dialect().exitOf(attributes).orElse("removed by somebody");
      aftermath.of(containers.ended(id, container, how));
      return;
    }
    var known = containers.find(id);
    switch (action) {
      // Of one that is not known: made by a call that was given up, or by somebody.
      case "create", "start", "pause", "unpause", "update" -> {
        if (known.filter(held -> held.asking > 0 || agrees(held, action)).isEmpty()) {
          inspector.look(id, container);
        }
      }
      case "health_status: healthy" -> known.ifPresent(readiness::healthy);
      case "health_status: unhealthy" -> known.ifPresent(readiness::unhealthy);
      default -> {}
    }
  }

  private static boolean agrees(Held held, String action) {
    return switch (action) {
      case "create", "start" -> true;
      case "pause" -> held.paused;
      case "unpause" -> !held.paused;
      default -> false;
    };
  }

  void close() {
    closed = true;
    thread.interrupt();
  }
}
