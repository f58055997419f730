package io.microscale.simulator.cluster;

class AtOnceSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  AtOnceSimulatedClusterOrchestratorTest() {
    super(ClusterSettings.reliable(NODES, SERVICES).timing(Timing.NONE));
  }
}
