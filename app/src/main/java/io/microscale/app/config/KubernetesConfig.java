package io.microscale.app.config;

import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Workloads of a Kubernetes cluster.
///
/// @param capacity what of the cluster the pool may use, unless it counts in slots
/// @param pausedCpu what a paused replica still requests, in thousandths of a core
/// @param election how one of several engines is chosen; empty for an engine that runs alone
public record KubernetesConfig(
    ClusterAccess access,
    Capacity capacity,
    long pausedCpu,
    Optional<Election> election,
    Map<ServiceId, KubernetesWorkload> workloads)
    implements OrchestratorConfig {
  /// Which Lease decides who leads, and how fast.
  public record Election(
      String namespace,
      String lease,
      Duration leaseDuration,
      Duration renewDeadline,
      Duration retryPeriod) {}
}
