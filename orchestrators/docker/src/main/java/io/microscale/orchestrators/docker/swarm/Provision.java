package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// Sees to it that there is a Swarm service for each service of the pool, and that it is one that
/// may be scaled.
final class Provision {
  private static final int MOST_TRIES = 5;
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final SwarmSettings settings;
  private final SwarmApi api;

  Provision(SwarmSettings settings, SwarmApi api) {
    this.settings = settings;
    this.api = api;
  }

  /// Looks at all services first, so that a mistake in one changes none.
  ///
  /// @throws OrchestratorException `REJECTED`, naming place, rule and value, if one cannot be
  ///   scaled
  void provide() {
    settings.names().forEach((name, id) -> check(name, id));
    if (!settings.onlyLooks()) {
      settings.names().forEach((name, id) -> provide(name, id));
    }
  }

  private SwarmWorkload workload(ServiceId id) {
    var workload = settings.workloads().get(id);
    if (workload == null) {
      throw new IllegalArgumentException("no workload for " + id);
    }
    return workload;
  }

  private void check(String name, ServiceId id) {
    var found = api.service(name);
    boolean made = workload(id) instanceof SwarmWorkload.Image;
    if (found.isEmpty()) {
      if (!made) {
        throw rejected(id, "need a service of Swarm that exists, got '" + name + "'");
      }
      return;
    }
    var service = found.get();
    var owner = service.label(SwarmService.POOL);
    if (!owner.isEmpty() && !owner.equals(settings.pool())) {
      throw rejected(
          id, "%s belongs to the pool '%s', not to '%s'".formatted(name, owner, settings.pool()));
    }
    if (made && owner.isEmpty()) {
      throw rejected(
          id,
          "%s exists and is not of this pool; to scale it, name it instead of an image"
              .formatted(name));
    }
    if (!service.isReplicated()) {
      throw rejected(id, "%s: need mode replicated, got %s".formatted(name, service.mode()));
    }
    if (!made && settings.slots().isEmpty()) {
      var reserved = service.reservations();
      if (!reserved.equals(workload(id).resources())) {
        throw rejected(
            id,
            "%s: need reservations equal to the service's resources (%s), got %s"
                .formatted(name, workload(id).resources(), reserved));
      }
    }
  }

  private static OrchestratorException rejected(ServiceId id, String why) {
    return new OrchestratorException(Kind.REJECTED, "services.%s.workload: %s".formatted(id, why));
  }

  private void provide(String name, ServiceId id) {
    if (!(workload(id) instanceof SwarmWorkload.Image image)) {
      return;
    }
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      var found = api.service(name);
      if (found.isEmpty()) {
        api.create(specification(name, id, image, 0));
        settings.notices().accept("made the service " + name + " in Swarm");
        return;
      }
      var service = found.get();
      var wanted = specification(name, id, image, service.replicas());
      if (service.label(SwarmService.WORKLOAD).equals(fingerprint(wanted))) {
        return;
      }
      if (api.update(service, wanted)) {
        settings.notices().accept("updated the service " + name + " to what it is to run now");
        return;
      }
    }
    throw new OrchestratorException(
        Kind.UNAVAILABLE, "%s: changed by others %d times in a row".formatted(name, MOST_TRIES));
  }

  private static String fingerprint(JsonNode specification) {
    return specification.path("Labels").path(SwarmService.WORKLOAD).asText("");
  }

  /// What is asked of Swarm for a workload.
  ObjectNode specification(String name, ServiceId id, SwarmWorkload.Image image, int replicas) {
    var specification = JSON.objectNode();
    specification.put("Name", name);
    var task = specification.putObject("TaskTemplate");
    var container = task.putObject("ContainerSpec");
    container.put("Image", image.image());
    var command = container.putArray("Command");
    image.command().forEach(command::add);
    var environment = container.putArray("Env");
    image.environment().forEach((key, value) -> environment.add(key + "=" + value));
    environment.add("MICROSCALE_POOL=" + settings.pool());
    environment.add("MICROSCALE_SERVICE=" + id);
    environment.add("MICROSCALE_REPLICA=" + Picture.nameInTemplate(id));
    container.put("StopGracePeriod", image.stopGrace().toNanos());
    image.stopSignal().ifPresent(signal -> container.put("StopSignal", signal));
    var mounts = container.putArray("Mounts");
    image.mounts().forEach(mount -> mount(mount, mounts.addObject()));
    var networks = task.putArray("Networks");
    image.networks().forEach(network -> networks.addObject().put("Target", network));
    var constraints = task.putObject("Placement").putArray("Constraints");
    image.constraints().forEach(constraints::add);
    if (settings.slots().isEmpty()) {
      reserve(image.resources(), task.putObject("Resources").putObject("Reservations"));
    }
    var restart = task.putObject("RestartPolicy");
    restart.put("Condition", "any");
    restart.put("Delay", image.restartDelay().toNanos());
    specification.putObject("EndpointSpec").put("Mode", image.virtualIp() ? "vip" : "dnsrr");

    var fingerprint = fingerprintOf(specification.toString());
    specification.putObject("Mode").putObject("Replicated").put("Replicas", replicas);
    var labels = specification.putObject("Labels");
    labels.put(SwarmService.POOL, settings.pool());
    labels.put(SwarmService.SERVICE, id.value());
    labels.put(SwarmService.WORKLOAD, fingerprint);
    return specification;
  }

  private static void mount(String text, ObjectNode mount) {
    var parts = text.split(":", 3);
    mount.put("Type", parts[0].startsWith("/") ? "bind" : "volume");
    mount.put("Source", parts[0]);
    mount.put("Target", parts[1]);
    mount.put("ReadOnly", parts.length == 3);
  }

  private static void reserve(Resources resources, ObjectNode reservations) {
    reservations.put("NanoCPUs", resources.get(Resources.CPU) * 1_000_000);
    reservations.put("MemoryBytes", resources.get(Resources.MEMORY));
    var others = reservations.putArray("GenericResources");
    for (Map.Entry<String, Long> amount : resources.asMap().entrySet()) {
      var name = amount.getKey();
      if (!name.equals(Resources.CPU) && !name.equals(Resources.MEMORY)) {
        others
            .addObject()
            .putObject("DiscreteResourceSpec")
            .put("Kind", name)
            .put("Value", amount.getValue());
      }
    }
  }

  private static String fingerprintOf(String text) {
    try {
      var digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
