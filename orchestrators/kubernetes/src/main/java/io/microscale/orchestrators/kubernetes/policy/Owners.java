package io.microscale.orchestrators.kubernetes.policy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who else sets the number of replicas of workloads: HorizontalPodAutoscalers, ScaledObjects of
/// KEDA, and the controller of which a workload is a part.
///
/// The autoscaler that KEDA makes for a ScaledObject goes by the name of the ScaledObject, for that
/// is what a person has to change. A ScaledObject that is paused where it stands
/// (`autoscaling.keda.sh/paused: "true"`) scales nothing; one that is paused at a number
/// (`autoscaling.keda.sh/paused-replicas`) does.
public final class Owners {
  private static final String PAUSED = "autoscaling.keda.sh/paused";
  private static final String PAUSED_AT = "autoscaling.keda.sh/paused-replicas";
  private static final String SCALED_OBJECT = "ScaledObject";

  /// One that scales a workload.
  public record Owner(String kind, String name) {
    @Override
    public String toString() {
      return kind + " " + name;
    }
  }

  private final Map<Target, Owner> scalers = new HashMap<>();

  private Owners() {}

  /// Those that these objects name.
  ///
  /// @param scaledObjects of `keda.sh/v1alpha1`; empty where there is no KEDA
  public static Owners of(
      Collection<HorizontalPodAutoscaler> autoscalers,
      Collection<GenericKubernetesResource> scaledObjects) {
    var owners = new Owners();
    for (var autoscaler : autoscalers) {
      var to = autoscaler.getSpec().getScaleTargetRef();
      var meta = autoscaler.getMetadata();
      var target =
          Target.of(
              orElse(to.getApiVersion(), ""), to.getKind(), meta.getNamespace(), to.getName());
      owners.scalers.put(target, owner(autoscaler));
    }
    for (var scaledObject : scaledObjects) {
      if (!isPaused(scaledObject.getMetadata())) {
        target(scaledObject)
            .ifPresent(
                target ->
                    owners.scalers.put(
                        target, new Owner(SCALED_OBJECT, scaledObject.getMetadata().getName())));
      }
    }
    return owners;
  }

  /// Who scales a workload beside this pool.
  ///
  /// @param references the workload's own `metadata.ownerReferences`
  public Optional<Owner> of(Target workload, Collection<OwnerReference> references) {
    return Optional.ofNullable(scalers.get(workload))
        .or(
            () ->
                references.stream()
                    .filter(reference -> Boolean.TRUE.equals(reference.getController()))
                    .map(reference -> new Owner(reference.getKind(), reference.getName()))
                    .findFirst());
  }

  private static Owner owner(HorizontalPodAutoscaler autoscaler) {
    return controllers(autoscaler)
        .orElse(new Owner("HorizontalPodAutoscaler", autoscaler.getMetadata().getName()));
  }

  private static Optional<Owner> controllers(HasMetadata object) {
    return object.getMetadata().getOwnerReferences().stream()
        .filter(reference -> SCALED_OBJECT.equals(reference.getKind()))
        .map(reference -> new Owner(SCALED_OBJECT, reference.getName()))
        .findFirst();
  }

  private static boolean isPaused(ObjectMeta meta) {
    var annotations = meta.getAnnotations();
    return annotations != null
        && "true".equals(annotations.get(PAUSED))
        && !annotations.containsKey(PAUSED_AT);
  }

  /// What a ScaledObject scales; KEDA takes a Deployment where it says no kind.
  private static Optional<Target> target(GenericKubernetesResource scaledObject) {
    if (scaledObject.getAdditionalProperties().get("spec") instanceof Map<?, ?> spec
        && spec.get("scaleTargetRef") instanceof Map<?, ?> to
        && to.get("name") instanceof String name) {
      var kind = to.get("kind") instanceof String said && !said.isEmpty() ? said : "Deployment";
      var version =
          to.get("apiVersion") instanceof String said && !said.isEmpty() ? said : "apps/v1";
      return Optional.of(Target.of(version, kind, scaledObject.getMetadata().getNamespace(), name));
    }
    return Optional.empty();
  }

  private static String orElse(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }
}
