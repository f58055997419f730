package io.microscale.orchestrators.kubernetes.faults;

import static io.microscale.orchestrators.kubernetes.faults.TestPool.BATCH;
import static io.microscale.orchestrators.kubernetes.faults.TestPool.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Nodes fail, with kubelets and real pods: two nodes that take five replicas each.
class NodeFaultIT {
  private static final int REPLICAS = 10;
  private static final String NODE = "node2";

  private static FaultCluster faults;

  private TestPool pool;

  @BeforeAll
  static void start() {
    faults =
        FaultCluster.start("nodefaults", Setup.nodes(2).cpu(1_000).monitor(Duration.ofSeconds(4)));
  }

  @AfterAll
  static void stop() {
    if (faults != null) {
      faults.close();
    }
  }

  @AfterEach
  void end() {
    if (pool != null) {
      pool.close();
    }
  }

  private void pool(int web, String namespace) {
    var options = TestPool.Options.usual(faults).nodes("kubernetes.io/os=linux", REPLICAS, 200);
    pool = TestPool.at(web, faults, namespace, options);
  }

  @Test
  void kubeletIsKilledAndStartedAgain() {
    pool(4, "kubelet");
    var before = pool.uids("web");
    faults.cluster().killHard(NODE);
    try {
      FaultCluster.patiently().until(() -> !isReady(NODE));
      pool.demand(5);
      FaultCluster.patiently().until(() -> pool.asked("web") == 5);
      // Pods whose kubelet is silent may well be running.
      assertThat(pool.uids("web")).containsAll(before);
    } finally {
      faults.cluster().startAgain(NODE);
    }
    pool.awaitBalance(5);
    assertThat(pool.uids("web")).containsAll(before);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  @Test
  void nodeIsDrainedAndComesBack() {
    pool(4, "drained");
    faults.cluster().kubectl("drain", NODE, "--force", "--ignore-daemonsets", "--timeout=60s");
    try {
      // What was there of the time-critical service comes back in the place of batch work.
      FaultCluster.patiently()
          .untilAsserted(
              () -> {
                assertThat(pool.ready("web")).isEqualTo(4);
                assertThat(pool.asked("batch")).isEqualTo(1);
              });
    } finally {
      faults.cluster().kubectl("uncordon", NODE);
    }
    pool.awaitBalance(4);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  @Test
  void nodeIsDeletedAndRegistersAnew() {
    pool(4, "removed");
    faults.cluster().killHard(NODE);
    faults.admin().nodes().withName(NODE).delete();
    try {
      pool.demand(5);
      FaultCluster.patiently().until(() -> pool.asked("web") == 5);
      assertThat(pool.blind()).isEmpty();
    } finally {
      faults.cluster().startAgain(NODE);
    }
    pool.awaitBalance(5);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  @Test
  void imageCannotBePulled() {
    pool(4, "image");
    setImage("localhost/missing:1");
    FaultCluster.patiently()
        .untilAsserted(() -> assertThat(pool.backoff(BATCH)).contains("localhost/missing:1"));
    // Others are served as ever.
    pool.demand(6);
    FaultCluster.patiently()
        .untilAsserted(() -> assertThat(pool.ready("web")).as(pool.said()).isEqualTo(6));
    setImage("localhost/tiny:1");
    pool.awaitBalance(6);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  private void setImage(String image) {
    var batch = faults.admin().apps().deployments().inNamespace("image").withName("batch");
    batch.edit(
        deployment -> {
          var container = deployment.getSpec().getTemplate().getSpec().getContainers().getFirst();
          container.setImage(image);
          container.setImagePullPolicy("Never");
          return deployment;
        });
  }

  private static boolean isReady(String node) {
    return faults.admin().nodes().withName(node).get().getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }
}
