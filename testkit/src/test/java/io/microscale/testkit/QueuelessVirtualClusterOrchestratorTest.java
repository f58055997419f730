package io.microscale.testkit;

import io.microscale.core.orchestrator.Ability;
import io.microscale.testkit.VirtualCluster.Settings;
import java.util.EnumSet;

class QueuelessVirtualClusterOrchestratorTest extends VirtualClusterContract {
  QueuelessVirtualClusterOrchestratorTest() {
    super(
        Settings.reliable(NODES, SERVICES)
            .abilities(EnumSet.complementOf(EnumSet.of(Ability.QUEUES_WHEN_FULL, Ability.SCALES))));
  }
}
