package io.microscale.simulator.cluster;

import java.util.Set;

class PlainSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  PlainSimulatedClusterOrchestratorTest() {
    super(ClusterSettings.reliable(NODES, SERVICES).abilities(Set.of()));
  }
}
