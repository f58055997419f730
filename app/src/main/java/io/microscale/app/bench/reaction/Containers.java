package io.microscale.app.bench.reaction;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.app.engine.Labelled;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.DockerOrchestrator;
import io.microscale.orchestrators.docker.DockerSettings;
import io.microscale.orchestrators.docker.Workload;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// Docker or Podman.
final class Containers implements Backend {
  /// Ends when it is told to, as a container should whose first process ignores what it has no
  /// handler for.
  static final String PROGRAM = "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done";

  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final List<Integer> PARALLEL = List.of(2, 3, 4, 6, 8, 16);
  private static final String RAW = "io.microscale.bench";

  private final String kind;
  private final EngineClient client;
  private final BusyboxImage image;
  private final Optional<String> network;
  private final String pool = "bench-" + ProcessHandle.current().pid();

  /// @param client is closed with this, and so is the image
  Containers(String kind, EngineClient client, BusyboxImage image, Optional<String> network) {
    this.kind = kind;
    this.client = client;
    this.image = image;
    this.network = network;
  }

  @Override
  public String kind() {
    return kind;
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
    return true;
  }

  @Override
  public Orchestrator open(int slots, InstantSource clock) {
    var plain = Workload.Container.of(image.name()).command("sh", "-c", PROGRAM).stopGrace(GRACE);
    var workload = network.map(plain::network).orElse(plain);
    return DockerOrchestrator.open(
        DockerSettings.of(pool, client.address(), Map.of(Loop.WEB, workload, Loop.BATCH, workload))
            .slots(slots),
        clock);
  }

  @Override
  public List<Raw> raws(Step step, Ladder ladder) {
    return PARALLEL.stream()
        .filter(parallel -> parallel <= Math.max(2, step.rise()))
        .flatMap(
            parallel ->
                Stream.of(raw(step, ladder, parallel, true), raw(step, ladder, parallel, false)))
        .toList();
  }

  /// @param pairs whether each start follows its stop, or all stops come first
  private Raw raw(Step step, Ladder ladder, int parallel, boolean pairs) {
    return new Raw() {
      @Override
      public String name() {
        return "%d at once, %s".formatted(parallel, pairs ? "in pairs" : "room first");
      }

      @Override
      public double measure(Waiting quiet) throws InterruptedException {
        try {
          return once(step, ladder, parallel, pairs, quiet);
        } finally {
          removeRaw();
        }
      }
    };
  }

  private double once(Step step, Ladder ladder, int parallel, boolean pairs, Waiting quiet)
      throws InterruptedException {
    boolean pause = ladder == Ladder.PAUSE;
    int count = step.rise();
    var batch = all(4, repeated(step.hasBatch() ? count : 0, this::launched));
    var standby =
        pause ? all(4, repeated(count, () -> changed(launched(), "pause"))) : List.<String>of();
    quiet.await();

    var gives = new ArrayList<Callable<String>>();
    var takes = new ArrayList<Callable<String>>();
    for (int i = 0; i < count; i++) {
      var victim = step.hasBatch() ? batch.get(i) : "";
      gives.add(
          step.hasBatch()
              ? () -> changed(victim, pause ? "pause" : "stop?t=" + GRACE.toSeconds())
              : () -> "");
      var waiting = pause ? standby.get(i) : "";
      takes.add(pause ? () -> changed(waiting, "unpause") : this::launched);
    }
    var work = new ArrayList<Callable<String>>();
    for (int i = 0; i < count; i++) {
      var give = gives.get(i);
      var take = takes.get(i);
      work.add(
          pairs
              ? () -> {
                give.call();
                return take.call();
              }
              : give);
    }
    if (!pairs) {
      work.addAll(takes);
    }
    long begun = System.nanoTime();
    all(parallel, work);
    return (System.nanoTime() - begun) / 1e6;
  }

  private static <T> List<Callable<T>> repeated(int count, Callable<T> work) {
    return Stream.generate(() -> work).limit(count).toList();
  }

  private static List<String> all(int parallel, List<Callable<String>> work)
      throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(parallel, Thread.ofVirtual().factory())) {
      var results = new ArrayList<String>();
      for (var done : threads.invokeAll(work)) {
        results.add(done.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OrchestratorException known
          ? known
          : new IllegalStateException(e.getCause());
    }
  }

  private String launched() {
    var body = JsonNodeFactory.instance.objectNode().put("Image", image.name());
    body.putArray("Cmd").add("sh").add("-c").add(PROGRAM);
    body.putObject("Labels").put(RAW, pool);
    network.ifPresent(name -> body.putObject("HostConfig").put("NetworkMode", name));
    var id = client.post("/containers/create", body).path("Id").asText();
    return changed(id, "start");
  }

  private String changed(String container, String how) {
    var parts = how.split("\\?t=", 2);
    var call = EngineCall.post("/containers/" + container + "/" + parts[0]);
    client.expect(parts.length > 1 ? call.query(Map.of("t", parts[1])) : call);
    return container;
  }

  private void removeRaw() {
    Labelled.remove(client, RAW + "=" + pool);
  }

  @Override
  public void close() {
    try (image;
        client) {
      Labelled.remove(client, Labels.POOL + "=" + pool);
      removeRaw();
    }
  }
}
