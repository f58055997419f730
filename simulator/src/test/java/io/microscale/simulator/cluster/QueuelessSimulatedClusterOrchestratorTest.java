package io.microscale.simulator.cluster;

import io.microscale.core.orchestrator.Ability;
import java.util.EnumSet;

class QueuelessSimulatedClusterOrchestratorTest extends SimulatedClusterContract {
  QueuelessSimulatedClusterOrchestratorTest() {
    super(
        ClusterSettings.reliable(NODES, SERVICES)
            .abilities(EnumSet.complementOf(EnumSet.of(Ability.QUEUES_WHEN_FULL, Ability.SCALES))));
  }
}
