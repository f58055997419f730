package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Without a cluster: what a file says by itself.
class KubernetesReaderTest {
  private static final String WEB =
      "{name: web, max: 4, resources: {cpu: 200m}, demand: {push: {}}, scaling: {replicas: {}}}";

  @TempDir private Path folder;

  @BeforeEach
  void nobodyAnswers() throws IOException {
    Files.writeString(
        folder.resolve("nobody"),
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
        contexts: [{name: c, context: {cluster: c, user: u}}]
        users: [{name: u, user: {token: t}}]
        current-context: c
        """);
  }

  private Configuration read(String orchestrator, String capacity, String... services)
      throws InvalidConfigurationException {
    return ConfigurationReader.read(
        """
        pool: {name: kittens, orchestrator: {kubernetes: {kubeconfig: nobody%s}}%s}
        services:
          - %s
        """
            .formatted(orchestrator, capacity, String.join("\n  - ", services)),
        folder.resolve("microscale.yaml"));
  }

  private List<String> mistakes(String orchestrator, String capacity, String... services) {
    var thrown =
        catchThrowableOfType(
            InvalidConfigurationException.class, () -> read(orchestrator, capacity, services));
    assertThat(thrown).as("an InvalidConfigurationException").isNotNull();
    return thrown.mistakes().stream().map(mistake -> mistake.in("f")).toList();
  }

  private static KubernetesConfig kubernetes(Configuration configuration) {
    assertThat(configuration.orchestrator()).isInstanceOf(KubernetesConfig.class);
    return (KubernetesConfig) configuration.orchestrator();
  }

  @Test
  void aServiceIsTheDeploymentOfItsName() throws InvalidConfigurationException {
    var configuration = read(", namespace: shop", "", WEB);
    var workload = kubernetes(configuration).workloads().get(new ServiceId("web"));
    assertThat(workload).isNotNull();
    assertThat(workload.ref()).isEqualTo(WorkloadRef.deployment("shop", "web"));
    assertThat(workload.resources()).isEqualTo(Resources.of(java.util.Map.of("cpu", 200L)));
    assertThat(kubernetes(configuration).capacity()).isEqualTo(Capacity.Nodes.ALL);
    assertThat(configuration.warnings())
        .anyMatch(w -> w.in("f").contains("the cluster could not be asked"));
  }

  @Test
  void whatIsPausedKeepsALittle() throws InvalidConfigurationException {
    var spec = read(", pausedCpu: 20m", "", WEB).pool().services().getFirst();
    assertThat(spec.heldWhilePaused().get(Resources.CPU)).isEqualTo(20);
  }

  @Test
  void capacitiesOfItsOwn() throws InvalidConfigurationException {
    assertThat(kubernetes(read("", ", capacity: {nodes: 'pool=shared'}", WEB)).capacity())
        .isEqualTo(new Capacity.Nodes(java.util.Optional.of("pool=shared")));
    assertThat(kubernetes(read(", namespace: shop", ", capacity: {quota: q}", WEB)).capacity())
        .isEqualTo(new Capacity.Quota("shop", "q"));
    assertThat(
            read("", ", capacity: {slots: 3}", WEB.replace("resources: {cpu: 200m}, ", "")).slots())
        .contains(Resources.slots(3));
    assertThat(mistakes("", ", capacity: {quota: q, nodes: a=b}", WEB))
        .singleElement()
        .asString()
        .contains("pool.capacity: need exactly one of slots, nodes, quota, got nodes and quota");
  }

  @Test
  void anElection() throws InvalidConfigurationException {
    var election =
        kubernetes(
                read(
                    ", namespace: shop, leaderElection: {leaseDuration: 3s, renewDeadline: 2s,"
                        + " retryPeriod: 500ms}",
                    "",
                    WEB))
            .election();
    assertThat(election)
        .contains(
            new KubernetesConfig.Election(
                "shop",
                "microscale",
                Duration.ofSeconds(3),
                Duration.ofSeconds(2),
                Duration.ofMillis(500)));
  }

  @Test
  void whatOnlyTheClusterKnowsIsMissingWithoutIt() {
    assertThat(mistakes("", "", WEB.replace("resources: {cpu: 200m}, ", "")))
        .singleElement()
        .asString()
        .contains("services[0].resources: need resources");
  }

  @Test
  void wrongWorkloads() {
    assertThat(
            mistakes(
                "",
                "",
                WEB.replace("demand", "workload: {kind: Rollout, name: web}, demand"),
                WEB.replace("web", "api").replace("demand", "workload: {}, demand"),
                WEB.replace("web", "low")
                    .replace("demand", "reclaim: [throttle, stop], throttled: {cpu: 10m}, demand")))
        .satisfiesExactlyInAnyOrder(
            m -> assertThat(m).contains("services[0].workload.apiVersion: need one for a Rollout"),
            m -> assertThat(m).contains("services[1].workload.name: need a name or a selector"),
            m -> assertThat(m).contains("services[1].workload: need either a name or a selector"),
            m -> assertThat(m).contains("services[2].throttled").contains("10m"));
  }
}
