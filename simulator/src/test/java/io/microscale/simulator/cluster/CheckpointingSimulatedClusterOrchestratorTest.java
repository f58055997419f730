package io.microscale.simulator.cluster;

import io.microscale.core.model.ServiceId;
import java.time.Duration;

class CheckpointingSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  CheckpointingSimulatedClusterOrchestratorTest() {
    super(
        ClusterSettings.reliable(NODES, SERVICES)
            .timing(
                Timing.of(
                        new Latency.LogNormal(Duration.ofMillis(20), Duration.ofMillis(200)),
                        Latency.ofMillis(10))
                    .noticing(Latency.ofMillis(0, 50)))
            .work(
                new ServiceId("web"),
                new Work(Duration.ZERO, new Work.Loss.SinceCheckpoint(Duration.ofMinutes(10)))));
  }
}
