package io.microscale.app.demo;

import io.microscale.orchestrators.process.Pausing;
import io.microscale.orchestrators.process.ProcessOrchestrator;
import io.microscale.orchestrators.process.ProcessSettings;
import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Throttling;
import io.microscale.orchestrators.process.Workload;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Consumer;

/// Workers that are plain processes.
record LocalWorkers(ProcessOrchestrator orchestrator) implements Workers {
  private static final Duration GRACE = Duration.ofSeconds(1);

  /// Paused by signals, which resume a process at once where the freezer takes a while. And without
  /// control groups: nothing is throttled, and groups outlive a demo that is killed.
  static LocalWorkers open(
      Workshop workshop, int slots, InstantSource clock, Consumer<String> notices) {
    var folder = workshop.folder().toString();
    var web =
        Workload.of("sh", workshop.program("web.sh"), folder, Integer.toString(Work.ROUNDS))
            .readiness(Readiness.OutputLine.containing("ready", Duration.ofSeconds(10)))
            .stopGrace(GRACE);
    var transcode =
        Workload.of("sh", workshop.program("transcode.sh"), folder, Integer.toString(Work.NUMBERS))
            .stopGrace(GRACE)
            .nice(19);
    return new LocalWorkers(
        ProcessOrchestrator.open(
            ProcessSettings.of(
                    Demo.POOL,
                    workshop.folder().resolve("state"),
                    Map.of(Demo.WEB, web, Demo.TRANSCODE, transcode))
                .slots(slots)
                .pausing(Pausing.SIGNAL)
                .throttling(Throttling.NONE)
                .notices(notices),
            clock));
  }

  @Override
  public String kind() {
    return "process";
  }

  /// What does not end in time is left to the janitor.
  @Override
  public void close() {
    try (orchestrator) {
      if (!orchestrator.terminateAll(GRACE)) {
        System.getLogger("microscale")
            .log(System.Logger.Level.WARNING, "some workers did not end by themselves");
      }
    }
  }
}
