package io.microscale.testkit;

import io.microscale.core.model.Resources;
import io.microscale.testkit.VirtualCluster.Settings;
import java.util.Map;

class ScalingVirtualClusterOrchestratorTest extends VirtualClusterContract {
  ScalingVirtualClusterOrchestratorTest() {
    super(
        Settings.reliable(NODES, SERVICES)
            .scaling(Resources.of(Map.of("slots", 1L, "cpu", 1_000L))));
  }
}
