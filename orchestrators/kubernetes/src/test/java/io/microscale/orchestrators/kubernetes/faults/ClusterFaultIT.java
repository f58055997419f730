package io.microscale.orchestrators.kubernetes.faults;

import static io.microscale.orchestrators.kubernetes.faults.TestPool.BATCH;
import static io.microscale.orchestrators.kubernetes.faults.TestPool.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The API server answers, and others stand in the engine's way: policies, webhooks, quotas, people
/// who take its rights or its workloads away, and crowds.
class ClusterFaultIT {
  private FaultCluster faults;
  private TestPool pool;
  private Set<String> before;

  @BeforeEach
  void start() {
    faults = FaultCluster.hollow();
  }

  private void pool(int web, String namespace) {
    pool = TestPool.at(web, faults, namespace);
    before = pool.uids("web");
  }

  @AfterEach
  void end() {
    if (pool != null) {
      pool.close();
    }
  }

  @Test
  void policyDenies() {
    pool(4, "denied");
    var policy = Manifest.of("denying-policy.yaml");
    faults.apply(policy);
    try {
      // A policy takes a moment to come into force.
      FaultCluster.patiently()
          .untilAsserted(
              () -> {
                pool.demand(pool.asked("web") == 8 ? 4 : 8);
                assertThat(pool.failures())
                    .anyMatch(
                        f ->
                            f.kind() == Kind.REJECTED
                                && f.message().contains("the change freeze lasts until Monday"));
              });
      pool.demand(8);
    } finally {
      faults.delete(policy);
    }
    pool.awaitBalance(8);
    assertThat(pool.uids("web")).hasSize(8);
  }

  @Test
  void webhookHangs() throws IOException {
    pool(4, "silent");
    // It takes connections and says nothing.
    var gateway = InetAddress.getByName(faults.cluster().gateway());
    try (var silent = new ServerSocket(0, 50, gateway)) {
      var webhook = Manifest.of("webhook.yaml", gateway.getHostAddress(), silent.getLocalPort());
      faults.apply(webhook);
      try {
        FaultCluster.patiently()
            .untilAsserted(
                () -> {
                  pool.demand(pool.asked("web") == 8 ? 5 : 8);
                  assertThat(pool.failures())
                      .anyMatch(f -> f.message().contains("silent.example.com"));
                });
        assertThat(pool.failures()).noneMatch(f -> f.kind() == Kind.REJECTED);
        pool.demand(8);
      } finally {
        faults.delete(webhook);
      }
    }
    pool.awaitBalance(8);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  @Test
  void rightsAreTakenAway() {
    pool(4, "rights");
    pool.account().takeAwayWriting();
    pool.demand(8);
    FaultCluster.patiently()
        .untilAsserted(
            () -> {
              // Taken away a moment later only: it may have had the rights until then.
              pool.demand(pool.asked("web") == 8 ? 4 : 8);
              assertThat(pool.failures())
                  .anyMatch(f -> f.kind() == Kind.REJECTED && f.message().contains("is forbidden"));
            });
    pool.demand(9);
    pool.account().giveBackWriting();
    pool.awaitBalance(9);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
  }

  @Test
  void quotaIsExhausted() {
    pool(4, "quota");
    // Twelve pods are there already, and one that ends counts until it is gone.
    faults.apply(Manifest.of("quota.yaml", "quota", 12));
    pool.demand(8);
    pool.awaitBalance(8);
    var quota = Manifest.of("quota.yaml", "quota", 10);
    faults.apply(quota);
    pool.deletePods("batch");
    FaultCluster.patiently()
        .untilAsserted(() -> assertThat(pool.backoff(BATCH)).contains("exceeded quota: small"));
    assertThat(pool.uids("web")).containsAll(before).hasSize(8);
    faults.delete(quota);
    pool.demand(6);
    pool.awaitBalance(6);
  }

  @Test
  void workloadIsDeletedAndMadeAnew() {
    pool(4, "anew");
    faults.admin().apps().deployments().inNamespace("anew").withName("web").delete();
    FaultCluster.patiently().until(() -> pool.pods("web").isEmpty());
    pool.demand(6);
    // What is not there is no reason to take from those that are.
    assertThat(pool.uids("batch")).isNotEmpty();
    pool.deploy("web", 1);
    pool.awaitBalance(6);
    assertThat(pool.scaledTo(BATCH)).allMatch(replicas -> replicas >= 6);
  }

  @Test
  void namespaceIsDeletedAndMadeAnew() {
    pool(4, "deleted");
    faults.admin().namespaces().withName("deleted").delete();
    FaultCluster.patiently().until(() -> pool.pods("web").isEmpty());
    FaultCluster.patiently()
        .until(() -> faults.admin().namespaces().withName("deleted").get() == null);
    pool.demand(6);
    int asked = pool.requests().size();
    faults.createNamespace("deleted");
    assertThat(pool.requests().size() - asked).isLessThan(60);
    pool.deploy("web", 1);
    pool.deploy("batch", 1);
    pool.awaitBalance(6);
  }

  @Test
  void thousandPodsOfOthersComeAndGo() {
    pool(4, "crowded");
    faults.createNamespace("crowd");
    faults.apply(Manifest.of("crowd.yaml", "crowd"));
    try {
      for (int web : new int[] {8, 5, 9}) {
        pool.demand(web);
        pool.awaitAsked(web);
      }
      var others = faults.admin().pods().inNamespace("crowd");
      FaultCluster.patiently().until(() -> others.list().getItems().size() == 1_000);
    } finally {
      faults.admin().namespaces().withName("crowd").delete();
    }
    pool.demand(6);
    pool.awaitBalance(6);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
    assertThat(pool.scaledTo(BATCH)).allMatch(replicas -> replicas >= 3);
  }
}
