package io.microscale.testkit;

import io.microscale.testkit.VirtualCluster.Settings;

class VirtualClusterOrchestratorTest extends VirtualClusterContract {
  VirtualClusterOrchestratorTest() {
    super(Settings.reliable(NODES, SERVICES));
  }
}
