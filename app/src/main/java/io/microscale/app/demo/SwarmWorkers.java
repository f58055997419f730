package io.microscale.app.demo;

import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.swarm.SwarmOrchestrator;
import io.microscale.orchestrators.docker.swarm.SwarmSettings;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// Workers that are tasks of a Docker Swarm whose nodes are all on this machine: they talk through
/// the pipes of the workshop.
final class SwarmWorkers implements Workers {
  private final BusyboxImage image;
  private final EngineClient client;
  private final Orchestrator orchestrator;
  private final String pool;

  private SwarmWorkers(
      BusyboxImage image, EngineClient client, Orchestrator orchestrator, String pool) {
    this.image = image;
    this.client = client;
    this.orchestrator = orchestrator;
    this.pool = pool;
  }

  /// Opens.
  ///
  /// @param wanted an image with sh, mkfifo and sleep that every node has; empty for one that is
  ///   made, which only the manager gets
  static SwarmWorkers open(
      EngineAddress address,
      Optional<String> wanted,
      Workshop workshop,
      int slots,
      InstantSource clock,
      Consumer<String> notices)
      throws IOException, InterruptedException {
    workshop.makePipes();
    var image = BusyboxImage.give(EngineClient.open(address), wanted);
    EngineClient client = null;
    boolean opened = false;
    try {
      client = EngineClient.open(address);
      var pool = Demo.POOL + "-" + ProcessHandle.current().pid();
      var here =
          wanted.isPresent()
              ? List.<String>of()
              : List.of("node.id == " + client.get("/info").path("Swarm").path("NodeID").asText());
      var orchestrator =
          SwarmOrchestrator.open(
              SwarmSettings.of(
                      pool,
                      address,
                      Map.of(
                          Demo.WEB, worker(image, workshop, here, "web.sh", Work.ROUNDS),
                          Demo.TRANSCODE,
                              worker(image, workshop, here, "transcode.sh", Work.NUMBERS)))
                  .slots(slots)
                  .notices(notices),
              clock);
      opened = true;
      return new SwarmWorkers(image, client, orchestrator, pool);
    } finally {
      if (!opened) {
        if (client != null) {
          client.close();
        }
        image.close();
      }
    }
  }

  private static SwarmWorkload worker(
      BusyboxImage image, Workshop workshop, List<String> constraints, String program, int size) {
    var folder = workshop.folder().toString();
    return new SwarmWorkload.Image(
        image.name(),
        ContainerWorkers.command(workshop, program, size),
        Map.of(),
        List.of(),
        List.of(folder + ":" + folder),
        constraints,
        ContainerWorkers.GRACE,
        Optional.of("SIGKILL"),
        Duration.ZERO,
        false,
        Resources.slots(1));
  }

  @Override
  public String kind() {
    return "swarm";
  }

  @Override
  public Orchestrator orchestrator() {
    return orchestrator;
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (image;
        client) {
      orchestrator.close();
      for (var service : List.of(Demo.WEB, Demo.TRANSCODE)) {
        remove(pool + "_" + service);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void remove(String service) {
    var answer = client.send(EngineCall.delete("/services/" + service));
    if (answer.isError() && answer.status() != 404) {
      throw new OrchestratorException(
          OrchestratorException.Kind.UNAVAILABLE,
          "the service %s may be left: %s".formatted(service, answer.message()));
    }
  }
}
