package io.microscale.app.bench.startup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.orchestrators.docker.engine.EngineCall;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/// The workload as a task of a Swarm service that is scaled from 0 to 1 on the node that is asked,
/// measured from the call that updates the service.
final class SwarmWay implements Way {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int MOST_POLLS = 600;

  private final Engine engine;
  private final String service;

  private SwarmWay(Engine engine, String service) {
    this.engine = engine;
    this.service = service;
  }

  /// Creates the service, with no task.
  ///
  /// @throws Unavailable if the engine is no manager of a swarm
  static Way open(Engine engine) throws Unavailable {
    var swarm = engine.client().get("/info").path("Swarm");
    if (!swarm.path("ControlAvailable").asBoolean(false)) {
      throw new Unavailable(
          "the engine at %s is not the manager of a swarm".formatted(engine.client().address()));
    }
    var name = "microscale-bench-" + engine.mark();
    engine.client().post("/services/create", spec(engine, name, swarm.path("NodeID").asText()));
    return new SwarmWay(engine, name);
  }

  private static ObjectNode spec(Engine engine, String name, String node) {
    var spec = JsonNodeFactory.instance.objectNode().put("Name", name);
    spec.set("Labels", engine.labels());
    var task = spec.putObject("TaskTemplate");
    var container = task.putObject("ContainerSpec").put("Image", engine.image());
    container.putArray("Command").add("/bin/sh").add("-c");
    container.putArray("Args").add(Whistle.script());
    container.set("Labels", engine.labels());
    container.putArray("Mounts").add(engine.mount());
    // Its first process takes no SIGTERM, so waiting for it is in vain.
    container.put("StopGracePeriod", 0);
    // Its restart policy stays the usual one: with "none", a service that is scaled down and up
    // again
    // now and then gets no task.
    task.putObject("Placement").putArray("Constraints").add("node.id==" + node);
    spec.putObject("Mode").putObject("Replicated").put("Replicas", 0);
    spec.putObject("EndpointSpec").put("Mode", "dnsrr");
    return spec;
  }

  @Override
  public String how() {
    return engine.client().version() + ", service scaled from 0 to 1";
  }

  @Override
  public Duration start() throws IOException, InterruptedException {
    engine.whistle().forget();
    try {
      var up = scaled(1);
      long asked = System.nanoTime();
      engine.client().expect(up);
      return Duration.ofNanos(engine.whistle().ready() - asked);
    } finally {
      Engine.surely(() -> engine.client().expect(scaled(0)));
      awaitGone();
    }
  }

  private EngineCall scaled(int replicas) {
    var found = engine.client().get("/services/" + service);
    ObjectNode spec = found.path("Spec").deepCopy();
    spec.withObject("/Mode/Replicated").put("Replicas", replicas);
    return EngineCall.post("/services/" + service + "/update")
        .query(Map.of("version", found.path("Version").path("Index").asText()))
        .body(spec);
  }

  private void awaitGone() throws IOException, InterruptedException {
    for (int i = 0; i < MOST_POLLS; i++) {
      boolean running = false;
      for (var container : engine.labelled("com.docker.swarm.service.name", service)) {
        running |= container.path("State").asText().equals("running");
      }
      if (!running) {
        return;
      }
      Thread.sleep(POLL);
    }
    throw new IOException("the task of %s is not gone after a minute".formatted(service));
  }

  @Override
  public void close() throws IOException {
    Engine.surely(() -> engine.remove("/services/" + service, Map.of()));
    try {
      awaitGone();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
