package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.ReplicaId;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.SwarmCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// A Swarm of three nodes, and what a person would do with it by hand.
final class TestSwarm implements AutoCloseable {
  private final SwarmCluster cluster;
  private final EngineClient manager;

  TestSwarm(String name) {
    cluster = SwarmCluster.start(name, 3);
    manager = client("n1");
  }

  private EngineClient client(String node) {
    return EngineClient.open(EngineAddress.parse(cluster.host(node), Optional.empty()));
  }

  SwarmCluster cluster() {
    return cluster;
  }

  EngineClient manager() {
    return manager;
  }

  /// A service of somebody else.
  static ObjectNode service(String name, int replicas) {
    var service = JsonNodeFactory.instance.objectNode();
    service.put("Name", name);
    var task = service.putObject("TaskTemplate");
    // One that is stopped before it listens for the signal would wait for all of the usual 10 s.
    task.putObject("ContainerSpec")
        .put("Image", SwarmCluster.IMAGE)
        .put("StopGracePeriod", 1_000_000_000L);
    task.putObject("RestartPolicy").put("Delay", 0);
    service.putObject("Mode").putObject("Replicated").put("Replicas", replicas);
    service.putObject("EndpointSpec").put("Mode", "dnsrr");
    return service;
  }

  void create(JsonNode service) {
    manager.post("/services/create", service);
  }

  JsonNode service(String name) {
    return manager.get("/services/" + name);
  }

  /// Changes a service as `docker service update` would.
  void update(String name, JsonNode specification) {
    var read = service(name);
    manager.post(
        "/services/" + name + "/update",
        specification,
        Map.of("version", read.path("Version").path("Index").asText()));
  }

  void scaleByHand(String name, int replicas) {
    var specification = service(name).path("Spec").deepCopy();
    ((ObjectNode) specification.path("Mode").path("Replicated")).put("Replicas", replicas);
    update(name, specification);
  }

  static int replicas(JsonNode service) {
    return service.path("Spec").path("Mode").path("Replicated").path("Replicas").asInt(-1);
  }

  long running(String name) {
    long running = 0;
    for (var task :
        manager.get("/tasks", Map.of("filters", "{\"service\":[\"%s\"]}".formatted(name)))) {
      if (task.path("Status").path("State").asText().equals("running")
          && task.path("DesiredState").asText().equals("running")) {
        running++;
      }
    }
    return running;
  }

  /// Ends a replica's container with SIGKILL, on its node.
  void kill(ReplicaId replica) {
    for (var task : manager.get("/tasks")) {
      if (replica.value().endsWith(task.path("ID").asText().substring(0, 12))) {
        var node = manager.get("/nodes/" + task.path("NodeID").asText());
        try (var engine = client(node.path("Description").path("Hostname").asText())) {
          var container = task.path("Status").path("ContainerStatus").path("ContainerID").asText();
          engine.expect(EngineCall.post("/containers/" + container + "/kill"));
        }
        return;
      }
    }
    throw new AssertionError("no task behind " + replica);
  }

  void awaitReady(int nodes) {
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptions()
        .until(
            () -> {
              int ready = 0;
              for (var node : manager.get("/nodes")) {
                if (node.path("Status").path("State").asText().equals("ready")) {
                  ready++;
                }
              }
              return ready == nodes;
            });
  }

  /// Removes all services, and waits until nothing of them is left.
  void clear() {
    for (var service : manager.get("/services")) {
      manager.delete("/services/" + service.path("ID").asText(), Map.of());
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(manager.get("/tasks")).isEmpty());
  }

  @Override
  public void close() {
    manager.close();
    cluster.close();
  }
}
