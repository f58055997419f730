package io.microscale.testkit;

import io.microscale.testkit.VirtualCluster.Settings;
import java.util.Set;

class PlainVirtualClusterOrchestratorTest extends VirtualClusterContract {
  PlainVirtualClusterOrchestratorTest() {
    super(Settings.reliable(NODES, SERVICES).abilities(Set.of()));
  }
}
