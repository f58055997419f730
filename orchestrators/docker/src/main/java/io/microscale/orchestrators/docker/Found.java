package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// What the engine tells when it is asked for one container of ours.
///
/// @param health `healthy`, `unhealthy`, `starting`; empty if it has no health check
record Found(
    String container,
    ReplicaId id,
    ServiceId service,
    Dialect.Life life,
    String health,
    String exit,
    JsonNode tree) {
  private static final long NANO_PER_MILLI = 1_000_000;

  /// Reads the answer to an inspection.
  ///
  /// @return empty if it does not carry all of the marks of a replica of the pool, as we write them
  static Optional<Found> of(JsonNode tree, String pool, Dialect dialect) {
    var labels = tree.path("Config").path("Labels");
    try {
      if (!labels.path(Labels.POOL).asText().equals(pool)
          || !labels.has(Labels.STARTED)
          || !labels.has(Labels.RESOURCES)) {
        return Optional.empty();
      }
      Sizing.read(labels.path(Labels.RESOURCES).asText());
      Long.parseLong(labels.path(Labels.STARTED).asText());
      var state = tree.path("State");
      var exit = Dialect.exit(state.path("ExitCode").asText("unknown"));
      return Optional.of(
          new Found(
              tree.path("Id").asText(),
              new ReplicaId(labels.path(Labels.REPLICA).asText()),
              new ServiceId(labels.path(Labels.SERVICE).asText()),
              dialect.life(state.path("Status").asText()),
              state.path("Health").path("Status").asText(""),
              state.path("OOMKilled").asBoolean() ? exit + ", out of memory" : exit,
              tree));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The replica that a container is of; empty if its labels name none.
  static Optional<ReplicaId> replica(JsonNode labels) {
    try {
      return Optional.of(new ReplicaId(labels.path(Labels.REPLICA).asText("")));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /// The replica as it was when it was started, with its limits as they are now.
  Held held(Instant now, Sizing sizing) {
    var labels = tree.path("Config").path("Labels");
    var started = Instant.ofEpochMilli(Long.parseLong(labels.path(Labels.STARTED).asText()));
    long age = Math.max(0, Duration.between(started, now).toNanos());
    var full = Sizing.read(labels.path(Labels.RESOURCES).asText());
    long limit = labels.path(Labels.CPU_LIMIT).asLong(0);
    var held = new Held(id, service, full, limit, started, System.nanoTime() - age);
    held.container = container;
    held.paused = life == Dialect.Life.PAUSED;
    var host = tree.path("HostConfig");
    held.resources =
        sizing.found(
            full,
            limit,
            host.path("NanoCpus").asLong(0) / NANO_PER_MILLI,
            host.path("Memory").asLong(0));
    return held;
  }
}
