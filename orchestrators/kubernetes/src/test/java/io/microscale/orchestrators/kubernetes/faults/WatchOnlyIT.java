package io.microscale.orchestrators.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesOrchestrator;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What an engine over 50 workloads with 250 pods asks the API server for: watches, writes, and
/// whether it is ready. It lists nothing, not even in the beginning.
class WatchOnlyIT {
  private static final String NAMESPACE = "many";
  private static final int WORKLOADS = 50;
  private static final int PODS_OF_EACH = 5;
  private static final Resources EACH = Resources.cpuAndMemory(10, 1 << 20);
  private FaultCluster faults;
  private Account account;

  @BeforeEach
  void fill() {
    faults = FaultCluster.hollow();
    account = new Account(faults, NAMESPACE);
    faults.createNamespace(NAMESPACE);
    var manifests = new ArrayList<String>();
    for (int i = 0; i < WORKLOADS; i++) {
      manifests.add(Manifest.of("workload.yaml", name(i), NAMESPACE, PODS_OF_EACH, "10m", "1Mi"));
    }
    faults.apply(String.join("---\n", manifests));
    FaultCluster.patiently().until(() -> ready() == WORKLOADS * PODS_OF_EACH);
  }

  @AfterEach
  void clear() {
    account.delete();
    faults.admin().namespaces().withName(NAMESPACE).delete();
    FaultCluster.patiently()
        .until(() -> faults.admin().pods().inNamespace(NAMESPACE).list().getItems().isEmpty());
  }

  private static String name(int workload) {
    return "s-%02d".formatted(workload);
  }

  private int ready() {
    return faults.admin().apps().deployments().inNamespace(NAMESPACE).list().getItems().stream()
        .map(deployment -> deployment.getStatus().getReadyReplicas())
        .mapToInt(ready -> ready == null ? 0 : ready)
        .sum();
  }

  @Test
  void nothingIsListed() {
    var workloads = new TreeMap<ServiceId, KubernetesWorkload>();
    var specs = new ArrayList<ServiceSpec>();
    for (int i = 0; i < WORKLOADS; i++) {
      var ref = WorkloadRef.deployment(NAMESPACE, name(i));
      workloads.put(new ServiceId(name(i)), KubernetesWorkload.of(ref, EACH));
      specs.add(ServiceSpec.named(name(i)).priority(i % 5).replicas(1, 20).resources(EACH).build());
    }
    var settings =
        KubernetesSettings.of(NAMESPACE, ClusterAccess.of(account.kubeconfig()))
            .capacity(new Capacity.Nodes(Optional.of("microscale.io/hollow=true")));
    var engineSettings =
        new LiveEngine.Settings(
            PoolSpec.of(NAMESPACE, specs), "kubernetes", InstantSource.system(), false);
    try (var orchestrator =
            KubernetesOrchestrator.open(settings, workloads, Fence.NONE, InstantSource.system());
        var engine = LiveEngine.start(engineSettings, orchestrator, Map.of(), List.of())) {
      assertThat(orchestrator.observe().replicas()).hasSize(WORKLOADS * PODS_OF_EACH);
      for (int i = 0; i < WORKLOADS; i++) {
        engine.push(new ServiceId(name(i)), new Reading.Value(i % 2 == 0 ? 3 : 8, Instant.now()));
      }
      // As many as before, elsewhere.
      int wanted = WORKLOADS / 2 * (3 + 8);
      FaultCluster.patiently()
          .untilAsserted(
              () -> {
                assertThat(orchestrator.observe().replicas()).hasSize(wanted);
                assertThat(ready()).isEqualTo(wanted);
              });
    }
    var requests = faults.audit().of(account.name());
    assertThat(requests).extracting(AuditLog.Request::verb).contains("watch", "update");
    assertThat(requests).filteredOn(r -> r.verb().equals("list")).as("lists").isEmpty();
    assertThat(requests)
        .filteredOn(r -> r.verb().equals("get"))
        .as("reads of single objects")
        .allMatch(r -> r.uri().equals("/readyz") || r.uri().matches("/apis?/[a-z0-9./]+"))
        .noneMatch(r -> r.uri().contains("/namespaces/"));
  }
}
