package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes a template of a container that somebody runs. Its settings are taken as the engine gives
/// them, so that nothing is lost that is not known here; what belongs to that one container alone
/// is left out.
final class Likeness {
  private static final String COMPOSE = "com.docker.compose.";
  private static final List<String> OWN_CONFIG =
      List.of("Hostname", "MacAddress", "AttachStdin", "AttachStdout", "AttachStderr");
  private static final List<String> OWN_HOST_CONFIG =
      List.of("ContainerIDFile", "PortBindings", "PublishAllPorts", "RestartPolicy", "AutoRemove");
  private static final List<String> PREDEFINED =
      List.of("host", "none", "bridge", "default", "podman");
  private static final List<String> KEPT_OF_NETWORK = List.of("Aliases", "Links", "DriverOpts");

  private final Engine engine;

  Likeness(Engine engine) {
    this.engine = engine;
  }

  /// The template of a service that is like a container.
  ///
  /// @throws OrchestratorException `REJECTED` if there is no such container
  Template of(ServiceId service, Workload.Like like) {
    var place = "services.%s.workload.like".formatted(service);
    var found = inspect(place, like.container());
    if (found.path("Config").path("Labels").has(Labels.POOL)) {
      throw rejected(place, "need a container of yours, got the replica '%s'", like.container());
    }
    ObjectNode body = found.path("Config").deepCopy();
    OWN_CONFIG.forEach(body::remove);
    var labels = body.withObject("/Labels");
    labels.properties().removeIf(label -> label.getKey().startsWith(COMPOSE));
    if (body.path("Env") instanceof ArrayNode environment) {
      for (int i = environment.size() - 1; i >= 0; i--) {
        if (environment.get(i).asText().startsWith(Workload.OWN_NAMES)) {
          environment.remove(i);
        }
      }
    } else {
      body.putArray("Env");
    }
    ObjectNode host = found.path("HostConfig").deepCopy();
    tellPorts(place, host);
    OWN_HOST_CONFIG.forEach(host::remove);
    onlyNanoCpus(host);
    engine.dialect().makeCreatable(host);
    body.set("HostConfig", host);
    // Older engines take one network with the container; the others are for afterwards.
    var networks = networks(found);
    if (engine.dialect().podman() && host.path("NetworkMode").asText("").equals("bridge")) {
      // Told of each that is in any network of that kind.
      networks.keySet().stream().findFirst().ifPresent(name -> host.put("NetworkMode", name));
    }
    var first = networks.remove(host.path("NetworkMode").asText(""));
    if (first != null) {
      body.putObject("NetworkingConfig")
          .putObject("EndpointsConfig")
          .set(host.path("NetworkMode").asText(), first);
    }
    return new Template(
        body, networks, grace(like, body), like.readiness().orElseGet(() -> readiness(body)));
  }

  private static Duration grace(Workload.Like like, JsonNode body) {
    return like.stopGrace()
        .orElseGet(
            () ->
                Duration.ofSeconds(
                    body.path("StopTimeout").asLong(Workload.STOP_GRACE.toSeconds())));
  }

  private static Readiness readiness(JsonNode body) {
    var test = body.path("Healthcheck").path("Test");
    return test.isEmpty() || test.path(0).asText().equals("NONE")
        ? new Readiness.Started()
        : new Readiness.HealthCheck(Readiness.WITHIN);
  }

  private JsonNode inspect(String place, String name) {
    int slash = name.indexOf('/');
    var id = name;
    if (slash > 0) {
      var labels =
          List.of(
              COMPOSE + "project=" + name.substring(0, slash),
              COMPOSE + "service=" + name.substring(slash + 1));
      var all = engine.client().containers(labels);
      if (all.isEmpty()) {
        throw rejected(place, "need a container of the Compose service, found none of '%s'", name);
      }
      id = all.path(0).path("Id").asText();
    }
    var answer = engine.inspect(EngineCall.encoded(id));
    if (answer.status() == 404) {
      throw rejected(place, "need a container that exists, got '%s'", name);
    }
    if (answer.isError()) {
      throw answer.failure();
    }
    return answer.json();
  }

  private void tellPorts(String place, ObjectNode host) {
    var published = new ArrayList<String>();
    host.path("PortBindings")
        .properties()
        .forEach(
            port ->
                port.getValue()
                    .forEach(
                        binding -> {
                          if (!binding.path("HostPort").asText("").isEmpty()) {
                            published.add(binding.path("HostPort").asText() + ":" + port.getKey());
                          }
                        }));
    if (!published.isEmpty()) {
      engine
          .notices()
          .accept(
              "%s: replicas do not publish its ports %s, which only one container can have"
                  .formatted(place, String.join(", ", published)));
    }
  }

  /// Engines refuse to change one way of limiting the processor where another was used.
  private static void onlyNanoCpus(ObjectNode host) {
    long quota = host.path("CpuQuota").asLong(0);
    long period = host.path("CpuPeriod").asLong(0);
    if (quota > 0) {
      host.put("NanoCpus", quota * 1_000_000_000 / (period > 0 ? period : 100_000));
    }
    host.remove(List.of("CpuQuota", "CpuPeriod"));
  }

  /// What the container is to have of each network, by its name: all but addresses.
  private static Map<String, ObjectNode> networks(JsonNode found) {
    var id = found.path("Id").asText();
    var name = found.path("Name").asText().replaceFirst("^/", "");
    var all = new LinkedHashMap<String, ObjectNode>();
    found
        .path("NetworkSettings")
        .path("Networks")
        .properties()
        .forEach(
            network -> {
              if (PREDEFINED.contains(network.getKey())) {
                return;
              }
              var settings = JsonNodeFactory.instance.objectNode();
              for (var key : KEPT_OF_NETWORK) {
                if (!network.getValue().path(key).isMissingNode()) {
                  settings.set(key, network.getValue().path(key).deepCopy());
                }
              }
              if (settings.path("Aliases") instanceof ArrayNode aliases) {
                aliases.removeIf(
                    alias -> id.startsWith(alias.asText()) || alias.asText().equals(name));
              }
              all.put(network.getKey(), settings);
            });
    return all;
  }

  private static OrchestratorException rejected(String place, String rule, String value) {
    return new OrchestratorException(Kind.REJECTED, place + ": " + rule.formatted(value));
  }
}
