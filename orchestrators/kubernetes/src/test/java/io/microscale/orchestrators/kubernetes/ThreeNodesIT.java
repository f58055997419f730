package io.microscale.orchestrators.kubernetes;

import org.junit.jupiter.api.BeforeAll;

/// The contract on three nodes.
class ThreeNodesIT extends KubernetesContract {
  @BeforeAll
  static void start() {
    start("kube-three", 3, 800);
  }
}
