package io.microscale.testkit;

import io.microscale.testkit.VirtualCluster.Settings;
import io.microscale.testkit.VirtualCluster.Span;

class LateVirtualClusterOrchestratorTest extends VirtualClusterContract {
  LateVirtualClusterOrchestratorTest() {
    super(
        Settings.faulty(7, NODES, SERVICES)
            .latencies(
                Span.ofMillis(5, 300), Span.ofMillis(5, 300), Span.NONE, Span.ofMillis(50, 400))
            .faults(0, 0, 0));
  }
}
