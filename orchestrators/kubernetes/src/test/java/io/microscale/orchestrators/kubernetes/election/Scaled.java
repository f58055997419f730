package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.microscale.orchestrators.kubernetes.Fence;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A Deployment that is scaled as an engine does it. It is paused, so that no pods come of it.
record Scaled(KubernetesClient client, String namespace, String name) {
  private static final ResourceDefinitionContext KIND =
      new ResourceDefinitionContext.Builder()
          .withGroup("apps")
          .withVersion("v1")
          .withKind("Deployment")
          .withPlural("deployments")
          .withNamespaced(true)
          .build();

  private Resource<GenericKubernetesResource> resource() {
    return client.genericKubernetesResources(KIND).inNamespace(namespace).withName(name);
  }

  /// The `resourceVersion`, as soon as the controller has nothing more to add to what was written.
  String version() {
    var now = resource().require();
    while (!now.getMetadata().getGeneration().equals(observed(now))) {
      now = resource().require();
    }
    return now.getMetadata().getResourceVersion();
  }

  private static @Nullable Long observed(GenericKubernetesResource deployment) {
    return deployment.get("status", "observedGeneration") instanceof Number n
        ? n.longValue()
        : null;
  }

  /// Changes with each write to the specification, and with nothing else.
  long generation() {
    return resource().require().getMetadata().getGeneration();
  }

  /// Sets the number of replicas.
  ///
  /// @param version what the Deployment must still be; empty for whatever it is
  void scale(int replicas, Optional<String> version, String fieldManager) {
    var patch = new HashMap<String, Object>(Map.of("spec", Map.of("replicas", replicas)));
    version.ifPresent(v -> patch.put("metadata", Map.of("resourceVersion", v)));
    var body = client.getKubernetesSerialization().asJson(patch);
    resource().subresource("scale").patch(merge(fieldManager), body);
  }

  /// Takes the Deployment over, as a new leader does.
  void stamp(Fence fence) {
    var annotations = Map.of(Fence.TERM, fence.stamp().orElseThrow());
    var patch = Map.of("metadata", Map.of("annotations", annotations));
    var body = client.getKubernetesSerialization().asJson(patch);
    resource().patch(merge(fence.fieldManager()), body);
  }

  private static PatchContext merge(String fieldManager) {
    return new PatchContext.Builder()
        .withPatchType(PatchType.JSON_MERGE)
        .withFieldManager(fieldManager)
        .build();
  }
}
