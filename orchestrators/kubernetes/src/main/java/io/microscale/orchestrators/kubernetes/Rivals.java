package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HPAScalingRules;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.microscale.orchestrators.kubernetes.policy.Owners;
import io.microscale.orchestrators.kubernetes.policy.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The autoscalers of the namespaces in which the pool has workloads, as watches tell them. May be
/// used from any thread.
///
/// A HorizontalPodAutoscaler that may scale neither up nor down (`selectPolicy: Disabled`) is none.
final class Rivals {
  static final ApiResource AUTOSCALERS =
      new ApiResource(
          "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", false);
  static final ApiResource SCALED_OBJECTS =
      new ApiResource("keda.sh/v1alpha1", "ScaledObject", "scaledobjects", false);

  private final Map<String, HorizontalPodAutoscaler> autoscalers = new LinkedHashMap<>();
  private final Map<String, GenericKubernetesResource> scaledObjects = new LinkedHashMap<>();
  private Owners owners = Owners.of(List.of(), List.of());

  synchronized void put(HorizontalPodAutoscaler autoscaler) {
    var behavior = autoscaler.getSpec().getBehavior();
    var uid = autoscaler.getMetadata().getUid();
    if (behavior != null
        && isDisabled(behavior.getScaleUp())
        && isDisabled(behavior.getScaleDown())) {
      autoscalers.remove(uid);
    } else {
      autoscalers.put(uid, autoscaler);
    }
    owners = Owners.of(autoscalers.values(), scaledObjects.values());
  }

  private static boolean isDisabled(@Nullable HPAScalingRules rules) {
    return rules != null && "Disabled".equals(rules.getSelectPolicy());
  }

  synchronized void put(GenericKubernetesResource scaledObject) {
    scaledObjects.put(scaledObject.getMetadata().getUid(), scaledObject);
    owners = Owners.of(autoscalers.values(), scaledObjects.values());
  }

  synchronized void remove(String uid) {
    autoscalers.remove(uid);
    scaledObjects.remove(uid);
    owners = Owners.of(autoscalers.values(), scaledObjects.values());
  }

  /// Who scales a workload, by kind and name.
  synchronized Optional<String> of(Bound bound) {
    var resource = bound.resource();
    var target = Target.of(resource.apiVersion(), resource.kind(), bound.namespace(), bound.name());
    return owners.of(target, List.of()).map(Owners.Owner::toString);
  }
}
