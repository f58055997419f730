package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// What is sent to create the containers of one service, but for what differs from one to the next.
///
/// @param body of `POST /containers/create`; never changed
/// @param networks that a container is to be connected to before it starts, beyond the one that it
///   is created in: the settings by the name of the network
record Template(
    ObjectNode body, Map<String, ObjectNode> networks, Duration stopGrace, Readiness readiness) {
  private static final long NANO_PER_MILLI = 1_000_000;

  Template {
    networks = Map.copyOf(networks);
  }

  static Template of(Workload.Container workload) {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("Image", workload.image());
    if (!workload.command().isEmpty()) {
      var words = body.putArray("Cmd");
      workload.command().forEach(words::add);
    }
    if (!workload.entrypoint().isEmpty()) {
      var words = body.putArray("Entrypoint");
      workload.entrypoint().forEach(words::add);
    }
    var environment = body.putArray("Env");
    new TreeMap<>(workload.environment())
        .forEach((name, value) -> environment.add(name + "=" + value));
    workload.user().ifPresent(user -> body.put("User", user));
    workload.stopSignal().ifPresent(signal -> body.put("StopSignal", signal));
    body.put("StopTimeout", seconds(workload.stopGrace()));
    var labels = body.putObject("Labels");
    workload.labels().forEach(labels::put);
    var host = body.putObject("HostConfig");
    if (!workload.mounts().isEmpty()) {
      var binds = host.putArray("Binds");
      workload.mounts().forEach(binds::add);
    }
    workload.network().ifPresent(network -> host.put("NetworkMode", network));
    limit(host, workload.limits().milliCpu().orElse(0), workload.limits().memoryBytes());
    return new Template(body, Map.of(), workload.stopGrace(), workload.readiness());
  }

  static void limit(ObjectNode host, long milliCpu, OptionalLong memory) {
    if (milliCpu > 0) {
      host.put("NanoCpus", milliCpu * NANO_PER_MILLI);
    }
    if (memory.orElse(0) > 0) {
      host.put("Memory", memory.orElse(0));
      host.put("MemorySwap", memory.orElse(0)); // no swap beyond it: what is promised is memory
    }
  }

  /// Whole seconds, rounded up.
  static long seconds(Duration grace) {
    return grace.plusSeconds(1).minusNanos(1).toSeconds();
  }

  private long workloadMilliCpu() {
    return body.path("HostConfig").path("NanoCpus").asLong(0) / NANO_PER_MILLI;
  }

  /// The processor limit of a container started so, in thousandths of a core; 0 for none.
  long milliCpu(Sizing sizing, Resources resources) {
    return sizing.milliCpu(resources, workloadMilliCpu());
  }

  /// What creates the container of one replica.
  JsonNode create(String pool, Action.Start start, Instant started, Sizing sizing) {
    var all = body.deepCopy();
    var environment = all.withArray("Env");
    environment.add("MICROSCALE_POOL=" + pool);
    environment.add("MICROSCALE_SERVICE=" + start.service());
    environment.add("MICROSCALE_REPLICA=" + start.replica());
    long milliCpu = milliCpu(sizing, start.resources());
    all.withObject("/Labels")
        .put(Labels.POOL, pool)
        .put(Labels.SERVICE, start.service().value())
        .put(Labels.REPLICA, start.replica().value())
        .put(Labels.STARTED, Long.toString(started.toEpochMilli()))
        .put(Labels.RESOURCES, Sizing.written(start.resources()))
        .put(Labels.CPU_LIMIT, Long.toString(milliCpu));
    long memory = start.resources().get(Resources.MEMORY);
    limit(
        all.withObject("/HostConfig"),
        milliCpu,
        memory > 0 ? OptionalLong.of(memory) : OptionalLong.empty());
    return all;
  }
}
