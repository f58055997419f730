package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/// One attempt of Swarm to run a replica; a slot has one after the other.
///
/// @param key Swarm's id of it
/// @param serviceKey Swarm's id of its service
/// @param nodeKey Swarm's id of its node; empty while it has none
/// @param state Swarm's word for where it is: `new`, `pending`, …, `running`, …, `failed`
/// @param desired Swarm's word for where it is to be
/// @param reserved what it keeps from others on its node
/// @param error why it ended, in the engine's words; empty if it did not say
record SwarmTask(
    String key,
    String serviceKey,
    long slot,
    Optional<String> nodeKey,
    String state,
    String desired,
    Instant created,
    Resources reserved,
    String error) {
  private static final List<String> ENDED =
      List.of("complete", "shutdown", "failed", "rejected", "remove", "orphaned");

  static SwarmTask of(JsonNode task) {
    var node = task.path("NodeID").asText("");
    var status = task.path("Status");
    return new SwarmTask(
        task.path("ID").asText(""),
        task.path("ServiceID").asText(""),
        task.path("Slot").asLong(0),
        node.isEmpty() ? Optional.empty() : Optional.of(node),
        status.path("State").asText("new"),
        task.path("DesiredState").asText("running"),
        instant(task.path("CreatedAt").asText("")),
        SwarmNode.resources(task.path("Spec").path("Resources").path("Reservations")),
        status.path("Err").asText(""));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException _) {
      return Instant.EPOCH;
    }
  }

  /// Nothing of it is left.
  boolean ended() {
    return ENDED.contains(state);
  }

  /// It ended and was not told to.
  boolean failed() {
    return state.equals("failed") || state.equals("rejected");
  }

  /// Swarm wants it to run, or will once a delay is over.
  boolean wanted() {
    return desired.equals("running") || desired.equals("ready");
  }

  /// Another has its slot now, or nobody needs one; Swarm remembers it for a while.
  boolean replaced() {
    return desired.equals("shutdown");
  }

  /// It is to run and does not yet.
  boolean onItsWay() {
    return wanted() && !ended() && !state.equals("running");
  }

  /// Where it is, in the words of the port; not for one that has ended.
  ReplicaState replicaState() {
    if (!wanted()) {
      return ReplicaState.STOPPING;
    }
    // With a health check, Swarm says "running" only once that has passed.
    return state.equals("running") ? ReplicaState.RUNNING : ReplicaState.STARTING;
  }
}
