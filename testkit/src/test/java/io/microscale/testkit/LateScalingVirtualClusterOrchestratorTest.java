package io.microscale.testkit;

import io.microscale.core.model.Resources;
import io.microscale.testkit.VirtualCluster.Settings;
import io.microscale.testkit.VirtualCluster.Span;
import java.util.Map;

class LateScalingVirtualClusterOrchestratorTest extends VirtualClusterContract {
  LateScalingVirtualClusterOrchestratorTest() {
    super(
        Settings.faulty(7, NODES, SERVICES)
            .latencies(
                Span.ofMillis(5, 300), Span.ofMillis(5, 300), Span.NONE, Span.ofMillis(50, 400))
            .faults(0, 0, 0)
            .scaling(Resources.of(Map.of("slots", 1L, "cpu", 1_000L))));
  }
}
