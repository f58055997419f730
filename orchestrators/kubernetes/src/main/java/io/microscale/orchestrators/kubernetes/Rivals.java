package io.microscale.orchestrators.kubernetes;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Who else scales workloads: a HorizontalPodAutoscaler or a ScaledObject that names one as its
/// target. May be used from any thread.
///
/// One that is switched off does not count: a HorizontalPodAutoscaler that may neither scale up nor
/// down (`selectPolicy: Disabled`), a ScaledObject that is paused.
final class Rivals {
  static final ApiResource AUTOSCALERS =
      new ApiResource(
          "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", false);
  static final ApiResource SCALED_OBJECTS =
      new ApiResource("keda.sh/v1alpha1", "ScaledObject", "scaledobjects", false);

  private final Map<String, Rival> byUid = new LinkedHashMap<>();

  private record Rival(String name, String namespace, String targetKind, String targetName) {}

  synchronized void put(ApiResource resource, JsonNode object) {
    var meta = object.path("metadata");
    var uid = meta.path("uid").asString("");
    if (isOff(resource, object)) {
      byUid.remove(uid);
      return;
    }
    var target = object.path("spec").path("scaleTargetRef");
    var namespace = meta.path("namespace").asString("");
    byUid.put(
        uid,
        new Rival(
            "%s %s/%s".formatted(resource.kind(), namespace, meta.path("name").asString("")),
            namespace,
            // A ScaledObject may leave it out.
            target.path("kind").asString("Deployment"),
            target.path("name").asString("")));
  }

  private static boolean isOff(ApiResource resource, JsonNode object) {
    if (resource.equals(SCALED_OBJECTS)) {
      var annotations = object.path("metadata").path("annotations");
      return annotations.path("autoscaling.keda.sh/paused").asString("").equals("true")
          || annotations.has("autoscaling.keda.sh/paused-replicas");
    }
    var behavior = object.path("spec").path("behavior");
    return isDisabled(behavior.path("scaleUp")) && isDisabled(behavior.path("scaleDown"));
  }

  private static boolean isDisabled(JsonNode rules) {
    return rules.path("selectPolicy").asString("").equals("Disabled");
  }

  synchronized void remove(String uid) {
    byUid.remove(uid);
  }

  /// Who scales a workload, by kind and name; a ScaledObject rather than the autoscaler that it
  /// made.
  synchronized Optional<String> of(Bound bound) {
    var found = Optional.<String>empty();
    for (var rival : byUid.values()) {
      if (rival.namespace.equals(bound.namespace())
          && rival.targetKind.equals(bound.resource().kind())
          && rival.targetName.equals(bound.name())
          && (found.isEmpty() || rival.name.startsWith(SCALED_OBJECTS.kind()))) {
        found = Optional.of(rival.name);
      }
    }
    return found;
  }
}
