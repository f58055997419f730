package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Resources;

/// What a service of the pool is in Kubernetes.
///
/// @param resources what one replica holds while it runs: the requests of its pod template, as
///   [WorkloadReader] tells them, or slots
/// @param takeOver scale it even where something else scales it too, such as an autoscaler
public record KubernetesWorkload(WorkloadRef ref, Resources resources, boolean takeOver) {
  public KubernetesWorkload {
    if (resources.isZero()) {
      throw new IllegalArgumentException(
          "%s: need resources of one replica, got nothing".formatted(ref));
    }
  }

  public static KubernetesWorkload of(WorkloadRef ref, Resources resources) {
    return new KubernetesWorkload(ref, resources, false);
  }
}
