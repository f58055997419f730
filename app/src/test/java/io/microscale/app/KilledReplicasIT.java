package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.orchestrators.process.ProcessOrchestrator;
import io.microscale.orchestrators.process.ProcessSettings;
import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.io.TempDir;

/// The whole engine on real processes, five of which are killed at once. Prints how long it takes.
class KilledReplicasIT {
  private static final ServiceId WEB = new ServiceId("web");

  @TempDir private Path folder;

  @RepeatedTest(5)
  void fiveKilledAtOnceAreReplaced() {
    var clock = new MonotonicClock();
    var workload =
        Workload.of("sh", "-c", "echo ready; exec sleep 100")
            .readiness(Readiness.OutputLine.containing("ready", Duration.ofSeconds(10)));
    var settings = ProcessSettings.of("killed", folder, Map.of(WEB, workload)).slots(10);
    var pool =
        PoolSpec.of(
            "killed", List.of(ServiceSpec.named("web").priority(1).replicas(0, 10).build()));
    try (var orchestrator = ProcessOrchestrator.open(settings, clock)) {
      try (var engine =
          LiveEngine.start(
              new LiveEngine.Settings(pool, "process", clock, false),
              orchestrator,
              Map.of(),
              List.of())) {
        engine.push(WEB, new Reading.Value(8, clock.instant()));
        awaitRunning(orchestrator, Set.of());
        var victims = ids(orchestrator).stream().limit(5).collect(Collectors.toSet());
        var processes =
            victims.stream()
                .map(id -> ProcessHandle.of(orchestrator.process(id).orElseThrow().pid()))
                .map(Optional::orElseThrow)
                .toList();
        long killed = System.nanoTime();
        processes.forEach(ProcessHandle::destroyForcibly);
        awaitRunning(orchestrator, victims);
        System.out.printf(
            "five of eight killed: all replaced and ready after %.1f ms%n",
            (System.nanoTime() - killed) / 1e6);
      } finally {
        orchestrator.terminateAll(Duration.ofSeconds(2));
      }
    }
  }

  private static Set<ReplicaId> ids(ProcessOrchestrator orchestrator) {
    return orchestrator.observe().of(WEB).replicas().stream()
        .map(Replica::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void awaitRunning(ProcessOrchestrator orchestrator, Set<ReplicaId> gone) {
    await()
        .pollInterval(Duration.ofMillis(1))
        .pollDelay(Duration.ZERO)
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              assertThat(orchestrator.observe().of(WEB).running()).isEqualTo(8);
              assertThat(ids(orchestrator)).noneMatch(gone::contains);
            });
  }
}
