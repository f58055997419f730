package io.microscale.orchestrators.kubernetes;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.testkit.engines.KubernetesCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;

/// One namespace of a real cluster, and what a person would do with it by hand.
final class TestCluster implements AutoCloseable {
  private final Path kubeconfig;
  private final String namespace;
  private final KubernetesClient admin;

  TestCluster(KubernetesCluster cluster, String namespace) {
    this(cluster.kubeconfig(), namespace);
  }

  private TestCluster(Path kubeconfig, String namespace) {
    this.kubeconfig = kubeconfig;
    this.namespace = namespace;
    this.admin =
        new KubernetesClientBuilder()
            .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
            .build();
    var wanted = new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build();
    admin.namespaces().resource(wanted).serverSideApply();
    // Pods are refused until their service account is there.
    patiently()
        .until(
            () -> admin.serviceAccounts().inNamespace(namespace).withName("default").get() != null);
  }

  KubernetesClient admin() {
    return admin;
  }

  String namespace() {
    return namespace;
  }

  ClusterAccess access() {
    return ClusterAccess.of(kubeconfig);
  }

  int port() {
    return admin.getMasterUrl().getPort();
  }

  /// A pod of one container with a grace period of one second.
  ///
  /// @param cpu what it requests, as in a manifest; likewise `memory`
  static PodTemplateSpec template(String app, String cpu, String memory) {
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .addToLabels("app", app)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(1L)
        .withAutomountServiceAccountToken(false)
        .addNewContainer()
        .withName("main")
        .withImage(KubernetesCluster.IMAGE)
        .withImagePullPolicy("Never")
        .withNewResources()
        .addToRequests("cpu", new Quantity(cpu))
        .addToRequests("memory", new Quantity(memory))
        .endResources()
        .endContainer()
        .endSpec()
        .build();
  }

  Deployment deploy(String name, int replicas, PodTemplateSpec template) {
    var deployment =
        new DeploymentBuilder()
            .withNewMetadata()
            .withName(name)
            .addToLabels("app", name)
            .endMetadata()
            .withNewSpec()
            .withReplicas(replicas)
            .withNewSelector()
            .addToMatchLabels("app", name)
            .endSelector()
            .withTemplate(template)
            .endSpec()
            .build();
    return admin.apps().deployments().inNamespace(namespace).resource(deployment).create();
  }

  List<Pod> pods(String app) {
    return admin.pods().inNamespace(namespace).withLabels(Map.of("app", app)).list().getItems();
  }

  long ready(String app) {
    return pods(app).stream()
        .filter(
            pod ->
                pod.getMetadata().getDeletionTimestamp() == null
                    && pod.getStatus().getConditions().stream()
                        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True")))
        .count();
  }

  /// Changes a Deployment, also while its controller does.
  void edit(String deployment, Consumer<Deployment> change) {
    patiently()
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              admin
                  .apps()
                  .deployments()
                  .inNamespace(namespace)
                  .withName(deployment)
                  .edit(
                      found -> {
                        change.accept(found);
                        return found;
                      });
              return true;
            });
  }

  void annotate(String pod, String key, String value) {
    patiently()
        .ignoreException(KubernetesClientException.class)
        .until(
            () -> {
              admin
                  .pods()
                  .inNamespace(namespace)
                  .withName(pod)
                  .edit(
                      found -> {
                        found.getMetadata().getAnnotations().put(key, value);
                        return found;
                      });
              return true;
            });
  }

  long restarts(String app) {
    return pods(app).stream()
        .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
        .mapToLong(status -> status.getRestartCount())
        .sum();
  }

  Set<String> conditions(String app) {
    return pods(app).stream()
        .flatMap(pod -> pod.getStatus().getConditions().stream())
        .filter(condition -> condition.getStatus().equals("True"))
        .map(condition -> condition.getType())
        .collect(Collectors.toSet());
  }

  /// What the node has given the one container of the one pod.
  Quantity actualCpu(String app) {
    var status = pods(app).getFirst().getStatus().getContainerStatuses().getFirst();
    return status.getResources().getRequests().get("cpu");
  }

  /// Ends a pod as `kubectl delete --force` does.
  void kill(String pod) {
    admin.pods().inNamespace(namespace).withName(pod).withGracePeriod(0).delete();
  }

  /// Removes all workloads, and waits until no pod is left.
  void clear() {
    admin.apps().deployments().inNamespace(namespace).delete();
    admin.apps().statefulSets().inNamespace(namespace).delete();
    admin.apps().replicaSets().inNamespace(namespace).delete();
    admin.batch().v1().jobs().inNamespace(namespace).delete();
    patiently().until(() -> admin.pods().inNamespace(namespace).list().getItems().isEmpty());
  }

  static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(20));
  }

  @Override
  public void close() {
    admin.close();
  }
}
