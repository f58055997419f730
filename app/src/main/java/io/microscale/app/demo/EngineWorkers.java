package io.microscale.app.demo;

import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.app.engine.Labelled;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.DockerOrchestrator;
import io.microscale.orchestrators.docker.DockerSettings;
import io.microscale.orchestrators.docker.Limits;
import io.microscale.orchestrators.docker.Readiness;
import io.microscale.orchestrators.docker.Workload;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import io.microscale.orchestrators.docker.swarm.SwarmOrchestrator;
import io.microscale.orchestrators.docker.swarm.SwarmSettings;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Workers that are containers, of a Docker or Podman or of a Swarm, on this machine: they talk
/// through the pipes of the workshop, whose folder they mount where it is.
final class EngineWorkers implements Workers {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final Optional<String> AT_ONCE = Optional.of("SIGKILL"); // they keep nothing
  private static final Pattern POOL = Pattern.compile(Demo.POOL + "-(\\d+)");

  private final String kind;
  private final BusyboxImage image;
  private final EngineClient client;
  private final String pool = Demo.POOL + "-" + ProcessHandle.current().pid();
  private final Orchestrator orchestrator;

  /// What a demo on an engine is made of.
  ///
  /// @param image one that the engine has, with sh, mkfifo and sleep, and in a swarm every node;
  ///   empty for one that is made, which in a swarm only the manager gets
  record Settings(String kind, EngineAddress address, Optional<String> image) {}

  /// Removes what a demo that was killed has left, and opens.
  ///
  /// @throws OrchestratorException if the engine does not answer, or lacks the image
  static EngineWorkers open(
      Settings settings,
      Workshop workshop,
      int slots,
      InstantSource clock,
      Consumer<String> notices)
      throws IOException, InterruptedException {
    workshop.makePipes();
    var image = BusyboxImage.give(EngineClient.open(settings.address), settings.image);
    try {
      return new EngineWorkers(settings, image, workshop, slots, clock, notices);
    } catch (OrchestratorException e) {
      image.close();
      throw e;
    }
  }

  private EngineWorkers(
      Settings settings,
      BusyboxImage image,
      Workshop workshop,
      int slots,
      InstantSource clock,
      Consumer<String> notices) {
    this.kind = settings.kind;
    this.image = image;
    this.client = EngineClient.open(settings.address);
    try {
      removeLeftovers();
      this.orchestrator =
          kind.equals("swarm")
              ? swarm(settings, workshop, slots, clock, notices)
              : containers(settings, workshop, slots, clock, notices);
    } catch (OrchestratorException e) {
      client.close();
      throw e;
    }
  }

  private Orchestrator containers(
      Settings settings,
      Workshop workshop,
      int slots,
      InstantSource clock,
      Consumer<String> notices) {
    var folder = workshop.folder().toString();
    Map<ServiceId, Workload> workloads =
        workers(
            workshop,
            command ->
                new Workload.Container(
                    image.name(),
                    command,
                    List.of(),
                    Map.of(),
                    List.of(folder + ":" + folder),
                    Optional.of("host"), // it needs none, and that starts the fastest
                    Limits.NONE,
                    GRACE,
                    AT_ONCE,
                    Optional.empty(),
                    Map.of(),
                    new Readiness.Started()));
    return DockerOrchestrator.open(
        DockerSettings.of(pool, settings.address, workloads).slots(slots).notices(notices), clock);
  }

  private Orchestrator swarm(
      Settings settings,
      Workshop workshop,
      int slots,
      InstantSource clock,
      Consumer<String> notices) {
    var folder = workshop.folder().toString();
    var manager = client.get("/info").path("Swarm").path("NodeID").asText();
    var nodes = settings.image.isPresent() ? List.<String>of() : List.of("node.id == " + manager);
    Map<ServiceId, SwarmWorkload> workloads =
        workers(
            workshop,
            command ->
                new SwarmWorkload.Image(
                    image.name(),
                    command,
                    Map.of(),
                    List.of(),
                    List.of(folder + ":" + folder),
                    nodes,
                    GRACE,
                    AT_ONCE,
                    Duration.ZERO,
                    false,
                    Resources.slots(1)));
    return SwarmOrchestrator.open(
        SwarmSettings.of(pool, settings.address, workloads).slots(slots).notices(notices), clock);
  }

  private static <W> Map<ServiceId, W> workers(
      Workshop workshop, Function<List<String>, W> workload) {
    var workers = new HashMap<ServiceId, W>();
    workers.put(Demo.WEB, workload.apply(command(workshop, "web.sh", Work.ROUNDS)));
    workers.put(Demo.TRANSCODE, workload.apply(command(workshop, "transcode.sh", Work.NUMBERS)));
    return workers;
  }

  private static List<String> command(Workshop workshop, String program, int size) {
    return List.of(
        "sh", workshop.program(program), workshop.folder().toString(), Integer.toString(size));
  }

  private void removeLeftovers() {
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
    boolean interrupted = Thread.interrupted();
    try (image;
        client) {
      orchestrator.close();
      if (kind.equals("swarm")) {
        removeService(Demo.WEB);
        removeService(Demo.TRANSCODE);
      } else {
        Labelled.remove(client, Labels.POOL + "=" + pool);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void removeService(ServiceId id) {
    var answer = client.send(EngineCall.delete("/services/" + pool + "_" + id));
    if (answer.isError() && answer.status() != 404) {
      throw answer.failure();
    }
  }
}
