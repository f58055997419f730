package io.microscale.app.demo;

import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.app.engine.Labelled;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.DockerOrchestrator;
import io.microscale.orchestrators.docker.DockerSettings;
import io.microscale.orchestrators.docker.Workload;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// Workers that are containers of a Docker or Podman on this machine: they talk through the pipes
/// of the workshop, whose folder they mount.
final class ContainerWorkers implements Workers {
  static final Duration GRACE = Duration.ofSeconds(1);

  /// Shares the host's network, since it uses none and that starts the fastest.
  private static final String NETWORK = "host";

  private static final Pattern POOL = Pattern.compile(Demo.POOL + "-(\\d+)");

  private final String kind;
  private final BusyboxImage image;
  private final EngineClient client;
  private final Orchestrator orchestrator;
  private final String pool;

  private ContainerWorkers(
      String kind,
      BusyboxImage image,
      EngineClient client,
      Orchestrator orchestrator,
      String pool) {
    this.kind = kind;
    this.image = image;
    this.client = client;
    this.orchestrator = orchestrator;
    this.pool = pool;
  }

  /// Removes what a demo that was killed has left, and opens.
  ///
  /// @param wanted an image with sh, mkfifo and sleep; empty for one that is made
  /// @throws OrchestratorException if the engine does not answer, or lacks the image
  static ContainerWorkers open(
      String kind,
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
      removeLeftovers(client);
      var pool = Demo.POOL + "-" + ProcessHandle.current().pid();
      var orchestrator =
          DockerOrchestrator.open(
              DockerSettings.of(
                      pool,
                      address,
                      Map.of(
                          Demo.WEB, worker(image, workshop, "web.sh", Work.ROUNDS),
                          Demo.TRANSCODE, worker(image, workshop, "transcode.sh", Work.NUMBERS)))
                  .slots(slots)
                  .notices(notices),
              clock);
      opened = true;
      return new ContainerWorkers(kind, image, client, orchestrator, pool);
    } finally {
      if (!opened) {
        if (client != null) {
          client.close();
        }
        image.close();
      }
    }
  }

  private static Workload worker(BusyboxImage image, Workshop workshop, String program, int size) {
    var folder = workshop.folder().toString();
    return new Workload.Container(
        image.name(),
        command(workshop, program, size),
        List.of(),
        Map.of(),
        List.of(folder + ":" + folder),
        Optional.of(NETWORK),
        io.microscale.orchestrators.docker.Limits.NONE,
        GRACE,
        Optional.of("SIGKILL"), // it keeps nothing
        Optional.empty(),
        Map.of(),
        new io.microscale.orchestrators.docker.Readiness.Started());
  }

  /// What a worker runs that mounts the folder where it is.
  static List<String> command(Workshop workshop, String program, int size) {
    return List.of(
        "sh", workshop.program(program), workshop.folder().toString(), Integer.toString(size));
  }

  private static void removeLeftovers(EngineClient client) {
    for (var container : client.containers(List.of(Labels.POOL))) {
      var owner = POOL.matcher(container.path("Labels").path(Labels.POOL).asText());
      if (owner.matches() && ProcessHandle.of(Long.parseLong(owner.group(1))).isEmpty()) {
        Labelled.remove(client, Labels.POOL + "=" + owner.group());
      }
    }
  }

  @Override
  public String kind() {
    return kind;
  }

  @Override
  public Orchestrator orchestrator() {
    return orchestrator;
  }

  @Override
  public void close() {
    try (image;
        client) {
      orchestrator.close();
      Labelled.remove(client, Labels.POOL + "=" + pool);
    }
  }
}
