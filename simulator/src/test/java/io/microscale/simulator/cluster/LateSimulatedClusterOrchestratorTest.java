package io.microscale.simulator.cluster;

class LateSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  LateSimulatedClusterOrchestratorTest() {
    super(
        ClusterSettings.faulty(7, NODES, SERVICES)
            .timing(
                Timing.of(Latency.ofMillis(5, 300), Latency.ofMillis(5, 300))
                    .reporting(Latency.ofMillis(50, 400)))
            .faults(Faults.NONE));
  }
}
