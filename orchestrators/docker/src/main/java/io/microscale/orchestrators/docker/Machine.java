package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import java.util.OptionalLong;

/// The engine's machine, as the one node of a pool, and what its control groups can do.
///
/// @param pauses whether containers can be frozen; engines of ordinary users cannot with control
///   groups v1
/// @param limits whether the processor can be limited
record Machine(String name, Resources resources, boolean pauses, boolean limits) {
  /// What the answer to `GET /info` says.
  static Machine of(JsonNode info) {
    var name = info.path("Name").asText("");
    boolean groups = !info.path("CgroupDriver").asText("").equals("none");
    boolean ordinary = info.path("SecurityOptions").toString().contains("name=rootless");
    boolean old = info.path("CgroupVersion").asText("").equals("1");
    return new Machine(
        name.isBlank() ? "localhost" : name,
        Resources.cpuAndMemory(info.path("NCPU").asLong(1) * 1000, info.path("MemTotal").asLong(0)),
        groups && !(ordinary && old),
        groups && info.path("CpuCfsQuota").asBoolean(true));
  }

  /// The node, with so many slots or else with all that there is.
  Node node(OptionalLong slots) {
    var capacity = slots.isPresent() ? Resources.slots(slots.getAsLong()) : resources;
    return Node.of(name, capacity);
  }
}
