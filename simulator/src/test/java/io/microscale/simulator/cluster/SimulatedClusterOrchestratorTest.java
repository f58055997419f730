package io.microscale.simulator.cluster;

class SimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  SimulatedClusterOrchestratorTest() {
    super(ClusterSettings.reliable(NODES, SERVICES));
  }
}
