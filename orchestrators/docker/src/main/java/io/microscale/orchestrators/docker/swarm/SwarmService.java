package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A service as Swarm reports it.
///
/// @param tree all that Swarm said of it, so that everything goes back as it came
record SwarmService(JsonNode tree) {
  static final String POOL = "io.microscale.pool";
  static final String SERVICE = "io.microscale.service";
  static final String WORKLOAD = "io.microscale.workload";

  private static final List<String> UPDATING =
      List.of("updating", "paused", "rollback_started", "rollback_paused");

  String key() {
    return tree.path("ID").asText("");
  }

  String name() {
    return spec().path("Name").asText("");
  }

  long version() {
    return tree.path("Version").path("Index").asLong(0);
  }

  JsonNode spec() {
    return tree.path("Spec");
  }

  String label(String name) {
    return spec().path("Labels").path(name).asText("");
  }

  /// In words: `replicated`, `global`, …
  String mode() {
    var modes = spec().path("Mode").properties();
    return modes.isEmpty() ? "none" : modes.iterator().next().getKey().toLowerCase(Locale.ROOT);
  }

  boolean isReplicated() {
    return spec().path("Mode").has("Replicated");
  }

  int replicas() {
    return spec().path("Mode").path("Replicated").path("Replicas").asInt(0);
  }

  /// The specification with another number of replicas and nothing else changed.
  JsonNode scaledTo(int replicas) {
    JsonNode copy = spec().deepCopy();
    if (copy.path("Mode").path("Replicated") instanceof ObjectNode replicated) {
      replicated.put("Replicas", replicas);
      return copy;
    }
    throw new IllegalStateException(name() + " is not replicated");
  }

  /// Why it is to be left alone: Swarm is replacing its tasks, or stopped doing so half way.
  Optional<String> updating() {
    var status = tree.path("UpdateStatus");
    var state = status.path("State").asText("");
    return UPDATING.contains(state)
        ? Optional.of(
            "%s is in an update (%s): %s"
                .formatted(name(), state, status.path("Message").asText("no message")))
        : Optional.empty();
  }

  Resources reservations() {
    return SwarmNode.resources(spec().path("TaskTemplate").path("Resources").path("Reservations"));
  }

  /// How many of its tasks may be on one node; 0 for any number.
  int mostPerNode() {
    return spec().path("TaskTemplate").path("Placement").path("MaxReplicas").asInt(0);
  }

  /// Whether its constraints and its image's platforms let it run on a node.
  boolean mayRunOn(SwarmNode node) {
    var placement = spec().path("TaskTemplate").path("Placement");
    for (var constraint : constraints()) {
      if (!constraint.admits(node)) {
        return false;
      }
    }
    boolean any = placement.path("Platforms").isEmpty();
    for (var platform : placement.path("Platforms")) {
      any |= node.runs(platform.path("OS").asText(""), platform.path("Architecture").asText(""));
    }
    return any;
  }

  private List<Constraint> constraints() {
    var all = new ArrayList<Constraint>();
    for (var text : spec().path("TaskTemplate").path("Placement").path("Constraints")) {
      all.add(Constraint.parse(text.asText()));
    }
    return all;
  }
}
