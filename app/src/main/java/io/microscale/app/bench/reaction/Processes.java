package io.microscale.app.bench.reaction;

import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.orchestrators.process.ProcessOrchestrator;
import io.microscale.orchestrators.process.ProcessSettings;
import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Plain processes of this host. What is sent straight to the API here are the calls of the JDK and
/// one `kill` for all.
final class Processes implements Backend {
  private static final Duration GRACE = Duration.ofSeconds(2);
  private static final String PROGRAM = "echo ready; " + Containers.PROGRAM;

  private final Path state;
  private @Nullable Supplier<ProcessOrchestrator> reopening;

  Processes() throws IOException {
    state = Files.createTempDirectory("microscale-bench-");
  }

  @Override
  public String kind() {
    return "process";
  }

  @Override
  public String engine() {
    return "processes of " + System.getProperty("os.name") + " " + System.getProperty("os.version");
  }

  @Override
  public String pool() {
    return "bench-" + ProcessHandle.current().pid();
  }

  @Override
  public boolean pauses() {
    return true;
  }

  @Override
  public Orchestrator open(int slots, InstantSource clock) {
    var workload =
        Workload.of("sh", "-c", PROGRAM)
            .readiness(Readiness.OutputLine.containing("ready", Duration.ofSeconds(10)))
            .stopGrace(GRACE);
    var settings =
        ProcessSettings.of(pool(), state, Map.of(Loop.WEB, workload, Loop.BATCH, workload))
            .slots(slots);
    reopening = () -> ProcessOrchestrator.open(settings, clock);
    return reopening.get();
  }

  @Override
  public List<Raw> raws(Step step, Ladder ladder) {
    return List.of(
        new Raw() {
          @Override
          public String name() {
            return ladder == Ladder.PAUSE ? "one kill for all" : "one after the other";
          }

          @Override
          public double measure(Waiting quiet) throws InterruptedException {
            var all = new ArrayList<Process>();
            try {
              return once(step, ladder, quiet, all);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            } finally {
              all.forEach(Process::destroyForcibly);
            }
          }
        });
  }

  private static double once(Step step, Ladder ladder, Waiting quiet, List<Process> all)
      throws IOException, InterruptedException {
    var batch = started(step.hasBatch() ? step.rise() : 0, all);
    var standby = started(ladder == Ladder.PAUSE ? step.rise() : 0, all);
    if (ladder == Ladder.PAUSE) {
      signal("-STOP", standby);
    }
    quiet.await();
    long begun = System.nanoTime();
    if (ladder == Ladder.PAUSE) {
      signal("-STOP", batch);
      signal("-CONT", standby);
    } else {
      batch.forEach(Process::destroy);
      for (var victim : batch) {
        victim.waitFor();
      }
      started(step.rise(), all);
    }
    return (System.nanoTime() - begun) / 1e6;
  }

  private static List<Process> started(int count, List<Process> all) throws IOException {
    var some = new ArrayList<Process>();
    for (int i = 0; i < count; i++) {
      some.add(new ProcessBuilder("sh", "-c", PROGRAM).redirectError(Redirect.DISCARD).start());
    }
    all.addAll(some);
    for (var process : some) {
      if (process.inputReader().readLine() == null) {
        throw new IOException("a worker ended before it was ready");
      }
    }
    return some;
  }

  private static void signal(String signal, List<Process> processes)
      throws IOException, InterruptedException {
    if (processes.isEmpty()) {
      return;
    }
    var command = new ArrayList<>(List.of("kill", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Override
  public void close() {
    if (reopening != null) {
      // The loop has closed its own and left the replicas.
      try (var adopted = reopening.get()) {
        adopted.terminateAll(GRACE);
      }
    }
    try (Stream<Path> files = Files.walk(state)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("files may be left in " + state, e);
    }
  }
}
