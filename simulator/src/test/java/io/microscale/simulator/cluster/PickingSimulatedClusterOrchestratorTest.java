package io.microscale.simulator.cluster;

import io.microscale.core.model.Resources;
import java.util.Map;

/// Told numbers and victims, and pauses and resizes: what Kubernetes does.
class PickingSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  PickingSimulatedClusterOrchestratorTest() {
    super(
        ClusterSettings.faulty(7, NODES, SERVICES)
            .timing(
                Timing.of(Latency.ofMillis(5, 300), Latency.ofMillis(5, 300))
                    .reporting(Latency.ofMillis(50, 400)))
            .faults(Faults.NONE)
            .scalingByName(Resources.of(Map.of("slots", 1L, "cpu", 1_000L))));
  }
}
