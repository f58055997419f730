package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.testkit.OrchestratorContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/// The contract over real processes; subclasses choose the levers.
abstract class ProcessContract extends OrchestratorContract {
  static final String LOOP = "while :; do sleep 60 & wait; done";

  @TempDir private Path folder;
  private @Nullable ProcessOrchestrator latest;
  private @Nullable Process foreign;

  abstract ProcessOrchestrator open(ProcessSettings settings);

  @Override
  protected Orchestrator open() {
    latest = open(settings());
    return latest;
  }

  private ProcessSettings settings() {
    var line =
        Workload.of("sh", "-c", "echo READY; " + LOOP)
            .readiness(Readiness.OutputLine.containing("READY", Duration.ofSeconds(10)))
            .stopGrace(Duration.ofSeconds(5));
    return ProcessSettings.of(
            "contract",
            folder.resolve("state"),
            Map.of(WEB, line, BATCH, line.readiness(new Readiness.Started())))
        .slots(8)
        .notices(System.out::println);
  }

  @Override
  protected Resources resources() {
    return Resources.slots(1);
  }

  @Override
  protected Resources throttled() {
    return Resources.slots(0);
  }

  @Override
  protected void killReplica(ReplicaId replica) {
    int pid = latest.process(replica).orElseThrow().pid();
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  @Override
  protected void startForeign() {
    try {
      // Everything of a replica but the token and the record.
      var builder = new ProcessBuilder("setsid", "sh", "-c", "echo READY; exec sleep 600");
      builder.environment().put("MICROSCALE_POOL", "contract");
      builder.environment().put("MICROSCALE_SERVICE", WEB.value());
      builder.environment().put("MICROSCALE_REPLICA", "web-foreign");
      foreign = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  protected boolean foreignIsAlive() {
    return foreign.isAlive();
  }

  @Override
  protected void cleanUp() {
    if (foreign != null) {
      foreign.destroyForcibly();
    }
    // What was only told to stop when the orchestrator was closed.
    try (var last = open(settings())) {
      last.terminateAll(Duration.ofSeconds(5));
    }
  }
}
