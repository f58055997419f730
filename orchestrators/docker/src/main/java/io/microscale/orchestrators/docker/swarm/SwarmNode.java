package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.Resources;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A node as Swarm reports it.
///
/// @param key Swarm's id of it
/// @param down Swarm has given it up and starts its tasks elsewhere
/// @param schedulable it is ready, and neither paused nor drained
/// @param resources what it has in all
record SwarmNode(
    String key,
    String hostname,
    String role,
    String os,
    String architecture,
    Map<String, String> labels,
    Map<String, String> engineLabels,
    boolean down,
    boolean schedulable,
    Resources resources) {

  static SwarmNode of(JsonNode node) {
    var description = node.path("Description");
    var state = node.path("Status").path("State").asText("unknown");
    return new SwarmNode(
        node.path("ID").asText(""),
        description.path("Hostname").asText(""),
        node.path("Spec").path("Role").asText(""),
        description.path("Platform").path("OS").asText(""),
        description.path("Platform").path("Architecture").asText(""),
        texts(node.path("Spec").path("Labels")),
        texts(description.path("Engine").path("Labels")),
        // "unknown" is what all nodes are after the manager was restarted, until they beat again.
        state.equals("down"),
        state.equals("ready") && node.path("Spec").path("Availability").asText("").equals("active"),
        resources(description.path("Resources")));
  }

  private static Map<String, String> texts(JsonNode object) {
    var map = new HashMap<String, String>();
    object.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue().asText("")));
    return Map.copyOf(map);
  }

  /// Swarm's amounts, of a node or of a reservation: billionths of a processor, bytes, and other
  /// things by their kind, in numbers or one by one.
  static Resources resources(JsonNode amounts) {
    var map = new TreeMap<String, Long>();
    map.put(Resources.CPU, amounts.path("NanoCPUs").asLong(0) / 1_000_000);
    map.put(Resources.MEMORY, amounts.path("MemoryBytes").asLong(0));
    for (var generic : amounts.path("GenericResources")) {
      var named = generic.path("NamedResourceSpec");
      var counted = generic.path("DiscreteResourceSpec");
      if (named.has("Kind")) {
        map.merge(named.path("Kind").asText().toLowerCase(Locale.ROOT), 1L, Long::sum);
      } else if (counted.has("Kind")) {
        map.merge(
            counted.path("Kind").asText().toLowerCase(Locale.ROOT),
            Math.max(0, counted.path("Value").asLong(0)),
            Long::sum);
      }
    }
    return Resources.of(map);
  }

  /// Whether images for this platform run here; what is not told fits.
  boolean runs(String imageOs, String imageArchitecture) {
    return (imageOs.isEmpty() || imageOs.equalsIgnoreCase(os))
        && (imageArchitecture.isEmpty()
            || architectureOf(imageArchitecture).equals(architectureOf(architecture)));
  }

  /// The kernel and image indexes have names of their own for the same processor.
  private static String architectureOf(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "x86_64", "amd64" -> "amd64";
      case "aarch64", "arm64" -> "arm64";
      default -> name.toLowerCase(Locale.ROOT);
    };
  }
}
