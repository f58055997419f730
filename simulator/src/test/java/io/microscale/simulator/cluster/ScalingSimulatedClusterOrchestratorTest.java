package io.microscale.simulator.cluster;

import io.microscale.core.model.Resources;
import java.util.Map;

class ScalingSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  ScalingSimulatedClusterOrchestratorTest() {
    super(
        ClusterSettings.reliable(NODES, SERVICES)
            .scaling(Resources.of(Map.of("slots", 1L, "cpu", 1_000L))));
  }
}
