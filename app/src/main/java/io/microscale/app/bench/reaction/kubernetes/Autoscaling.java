package io.microscale.app.bench.reaction.kubernetes;

import io.fabric8.kubernetes.api.model.APIServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClassBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.app.CommandException;
import java.io.IOException;
import java.util.Optional;

/// What a HorizontalPodAutoscaler needs to take part: a metric that the API server passes on, and a
/// Deployment whose pods may preempt batch pods, as people let them make room today. Closing it
/// removes what lies outside the namespace: an APIService and a PriorityClass.
final class Autoscaling implements AutoCloseable {
  /// The Deployment that is scaled.
  static final String WEB = "web-autoscaled";

  private static final String SERVICE = "metrics";
  private static final String API_SERVICE = ExternalMetrics.VERSION + "." + ExternalMetrics.GROUP;
  private static final int PRIORITY = 1000;
  private static final int GROUP_PRIORITY = 100;

  private final Stage stage;
  private final KubernetesClient client;
  private final ExternalMetrics metrics;

  /// Makes all of that.
  ///
  /// @param address under which the API server reaches this machine
  static Autoscaling open(Stage stage, String address) throws IOException, InterruptedException {
    var metrics = ExternalMetrics.open(!address.equals("localhost"));
    boolean made = false;
    try {
      var autoscaling = new Autoscaling(stage, metrics, address);
      made = true;
      return autoscaling;
    } finally {
      if (!made) {
        metrics.close();
      }
    }
  }

  private Autoscaling(Stage stage, ExternalMetrics metrics, String address) {
    this.stage = stage;
    this.client = stage.client();
    this.metrics = metrics;
    var other = client.apiServices().withName(API_SERVICE).get();
    if (other != null) {
      throw CommandException.failed(
          "--hpa: need a cluster without external metrics, got the APIService %s"
              .formatted(API_SERVICE));
    }
    boolean made = false;
    try {
      priorityClass();
      apiService(address);
      stage.deploy(WEB, Optional.of(stage.namespace()));
      made = true;
    } finally {
      if (!made) {
        remove();
      }
    }
  }

  private void priorityClass() {
    client
        .scheduling()
        .v1()
        .priorityClasses()
        .resource(
            new PriorityClassBuilder()
                .withNewMetadata()
                .withName(stage.namespace())
                .endMetadata()
                .withValue(PRIORITY)
                .build())
        .create();
  }

  private void apiService(String address) {
    client
        .services()
        .inNamespace(stage.namespace())
        .resource(
            new ServiceBuilder()
                .withNewMetadata()
                .withName(SERVICE)
                .endMetadata()
                .withNewSpec()
                .withType("ExternalName")
                .withExternalName(address)
                .addNewPort()
                .withPort(metrics.port())
                .endPort()
                .endSpec()
                .build())
        .create();
    client
        .apiServices()
        .resource(
            new APIServiceBuilder()
                .withNewMetadata()
                .withName(API_SERVICE)
                .endMetadata()
                .withNewSpec()
                .withGroup(ExternalMetrics.GROUP)
                .withVersion(ExternalMetrics.VERSION)
                .withGroupPriorityMinimum(GROUP_PRIORITY)
                .withVersionPriority(GROUP_PRIORITY)
                .withInsecureSkipTLSVerify(true)
                .withNewService()
                .withName(SERVICE)
                .withNamespace(stage.namespace())
                .withPort(metrics.port())
                .endService()
                .endSpec()
                .build())
        .create();
  }

  /// The demand that the autoscaler is told.
  void demand(int replicas) {
    metrics.set(replicas);
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (metrics) {
      remove();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void remove() {
    try {
      client.apiServices().withName(API_SERVICE).delete();
      client.scheduling().v1().priorityClasses().withName(stage.namespace()).delete();
    } catch (KubernetesClientException e) {
      throw CommandException.failed(
          "the APIService %s and the PriorityClass %s may be left: %s"
              .formatted(API_SERVICE, stage.namespace(), e.getMessage()));
    }
  }
}
