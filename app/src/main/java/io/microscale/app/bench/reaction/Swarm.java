package io.microscale.app.bench.reaction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.CommandException;
import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineAnswer;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.swarm.SwarmOrchestrator;
import io.microscale.orchestrators.docker.swarm.SwarmSettings;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// A Docker Swarm.
final class Swarm implements Backend {
  private static final Duration LONGEST = Duration.ofMinutes(3);
  private static final long POLL_MILLIS = 20;
  private static final String RAW = "io.microscale.bench";

  private final EngineClient client;
  private final BusyboxImage image;
  private final String pool = "bench-" + ProcessHandle.current().pid();

  /// @param client of a manager; is closed with this, and so is the image
  Swarm(EngineClient client, BusyboxImage image) {
    this.client = client;
    this.image = image;
  }

  @Override
  public String kind() {
    return "swarm";
  }

  @Override
  public String engine() {
    return client.version().toString();
  }

  @Override
  public String pool() {
    return pool;
  }

  @Override
  public boolean pauses() {
    return false;
  }

  @Override
  public Orchestrator open(int slots, InstantSource clock) {
    var workload =
        SwarmWorkload.Image.of(image.name(), Resources.slots(1))
            .command(List.of("sh", "-c", Containers.PROGRAM));
    return SwarmOrchestrator.open(
        SwarmSettings.of(pool, client.address(), Map.of(Loop.WEB, workload, Loop.BATCH, workload))
            .slots(slots),
        clock);
  }

  @Override
  public List<Raw> raws(Step step, Ladder ladder) {
    return List.of(
        new Raw() {
          @Override
          public String name() {
            return step.hasBatch() ? "both services updated at once" : "one service update";
          }

          @Override
          public double measure(Waiting quiet) throws InterruptedException {
            try {
              return once(step, quiet);
            } finally {
              removeAll();
            }
          }
        });
  }

  private double once(Step step, Waiting quiet) throws InterruptedException {
    var web = created("web", step.from());
    int batchFrom = step.hasBatch() ? step.slots() - step.from() : 0;
    var batch = created("batch", batchFrom);
    await("the services run", () -> running(web) == step.from() && running(batch) == batchFrom);
    quiet.await();
    long begun = System.nanoTime();
    if (step.hasBatch()) {
      update(batch, step.slots() - step.to());
    }
    update(web, step.to());
    await("the rise", () -> running(web) == step.to());
    return (System.nanoTime() - begun) / 1e6;
  }

  private String created(String name, int replicas) {
    var body = JsonNodeFactory.instance.objectNode().put("Name", pool + "-raw-" + name);
    body.putObject("Labels").put(RAW, pool);
    var task = body.putObject("TaskTemplate");
    var container = task.putObject("ContainerSpec").put("Image", image.name());
    container.putArray("Command").add("sh").add("-c").add(Containers.PROGRAM);
    task.putObject("RestartPolicy").put("Condition", "any").put("Delay", 0);
    body.putObject("Mode").putObject("Replicated").put("Replicas", replicas);
    body.putObject("EndpointSpec").put("Mode", "dnsrr");
    return client.post("/services/create", body).path("ID").asText();
  }

  private void update(String service, int replicas) {
    var now = client.get("/services/" + service);
    var spec = (ObjectNode) now.path("Spec");
    spec.withObject("/Mode/Replicated").put("Replicas", replicas);
    client.post(
        "/services/" + service + "/update",
        spec,
        Map.of("version", now.path("Version").path("Index").asText()));
  }

  private int running(String service) {
    var filters =
        EngineAnswer.filters(
            Map.of("service", List.of(service), "desired-state", List.of("running")));
    int running = 0;
    for (JsonNode task : client.get("/tasks", Map.of("filters", filters))) {
      running += task.path("Status").path("State").asText().equals("running") ? 1 : 0;
    }
    return running;
  }

  private static void await(String what, BooleanSupplier condition) throws InterruptedException {
    long until = System.nanoTime() + LONGEST.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw CommandException.failed("not within %s: %s".formatted(LONGEST, what));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void removeAll() throws InterruptedException {
    var filters = EngineAnswer.filters(Map.of("label", List.of(RAW + "=" + pool)));
    for (var service : client.get("/services", Map.of("filters", filters))) {
      remove(service.path("ID").asText());
    }
    await("nothing is left", () -> client.get("/tasks", tasksOfPool()).isEmpty());
  }

  private void remove(String service) {
    var answer = client.send(EngineCall.delete("/services/" + service));
    if (answer.isError() && answer.status() != 404) {
      throw answer.failure();
    }
  }

  private Map<String, String> tasksOfPool() {
    return Map.of("filters", EngineAnswer.filters(Map.of("label", List.of(RAW + "=" + pool))));
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (image;
        client) {
      for (var name : List.of(Loop.WEB, Loop.BATCH)) {
        remove(pool + "_" + name);
      }
      removeAll();
    } catch (InterruptedException e) {
      interrupted = true;
    } catch (OrchestratorException e) {
      throw CommandException.failed(
          "services of the pool %s may be left: %s".formatted(pool, e.getMessage()));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
