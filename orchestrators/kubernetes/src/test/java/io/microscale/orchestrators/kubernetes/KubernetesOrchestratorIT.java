package io.microscale.orchestrators.kubernetes;

import org.junit.jupiter.api.BeforeAll;

/// The contract on one node.
class KubernetesOrchestratorIT extends KubernetesContract {
  @BeforeAll
  static void start() {
    start("kube-contract", 1, 1200);
  }
}
