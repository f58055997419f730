package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The calls of a Swarm manager that are used here.
final class SwarmApi {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EngineClient client;

  SwarmApi(EngineClient client) {
    this.client = client;
  }

  /// Makes sure that this is a manager.
  ///
  /// @throws OrchestratorException `REJECTED` if it is none, with what it says instead
  void requireManager() {
    var answer = client.send(EngineCall.get("/swarm"));
    if (!answer.isError()) {
      return;
    }
    var says = answer.message();
    if (answer.status() == 404 || says.contains("not a swarm manager")) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "host: need a manager of a Docker Swarm, got %s (%s): %s"
              .formatted(client.address(), client.version(), says));
    }
    throw answer.failure();
  }

  List<SwarmNode> nodes() {
    var all = new ArrayList<SwarmNode>();
    client.get("/nodes").forEach(node -> all.add(SwarmNode.of(node)));
    return all;
  }

  /// The services of these names, and others that begin like them.
  List<SwarmService> services(Collection<String> names) {
    var all = new ArrayList<SwarmService>();
    if (!names.isEmpty()) {
      client
          .get("/services", filters(Map.of("name", List.copyOf(names))))
          .forEach(service -> all.add(new SwarmService(service)));
    }
    return all;
  }

  private static Map<String, String> filters(Map<String, List<String>> filters) {
    return Map.of("filters", JSON.valueToTree(filters).toString());
  }

  /// The service of exactly this name; Swarm itself is content with the beginning of an id.
  Optional<SwarmService> service(String name) {
    var answer = client.send(EngineCall.get("/services/" + EngineCall.encoded(name)));
    if (answer.status() == 404) {
      return Optional.empty();
    }
    if (answer.isError()) {
      throw answer.failure();
    }
    return Optional.of(new SwarmService(answer.json())).filter(s -> s.name().equals(name));
  }

  /// The tasks of these services, those that have ended too.
  ///
  /// @throws OrchestratorException `UNKNOWN` if one of the services is gone
  List<SwarmTask> tasks(Collection<SwarmService> services) {
    if (services.isEmpty()) {
      return List.of();
    }
    return tasks(Map.of("service", keys(services)));
  }

  /// The tasks of these services without those that were replaced: Swarm keeps five of them for
  /// each replica.
  List<SwarmTask> presentTasks(Collection<SwarmService> services) {
    if (services.isEmpty()) {
      return List.of();
    }
    return tasks(
        Map.of("service", keys(services), "desired-state", List.of("running", "ready", "remove")));
  }

  private static List<String> keys(Collection<SwarmService> services) {
    return services.stream().map(SwarmService::key).toList();
  }

  /// The tasks of all services that are to run.
  List<SwarmTask> wantedTasks() {
    return tasks(Map.of("desired-state", List.of("running")));
  }

  private List<SwarmTask> tasks(Map<String, List<String>> filters) {
    var all = new ArrayList<SwarmTask>();
    client.get("/tasks", filters(filters)).forEach(task -> all.add(SwarmTask.of(task)));
    return all;
  }

  void create(JsonNode specification) {
    client.post("/services/create", specification);
  }

  /// Replaces what a service is, if it is still as it was read.
  ///
  /// @return whether it was
  boolean update(SwarmService read, JsonNode specification) {
    var answer =
        client.send(
            EngineCall.post("/services/" + EngineCall.encoded(read.key()) + "/update")
                .query(Map.of("version", Long.toString(read.version())))
                .body(specification));
    if (!answer.isError()) {
      return true;
    }
    if (answer.message().contains("out of sequence")) {
      return false;
    }
    throw answer.failure();
  }

  void remove(SwarmService service) {
    client.delete("/services/" + EngineCall.encoded(service.key()), Map.of());
  }
}
