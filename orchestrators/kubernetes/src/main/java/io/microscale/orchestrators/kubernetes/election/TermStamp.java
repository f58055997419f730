package io.microscale.orchestrators.kubernetes.election;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.microscale.orchestrators.kubernetes.Fence;
import java.util.Map;
import java.util.Optional;

/// Takes workloads over: writes the term into each, so that it is no longer the version which an
/// earlier leader knew.
public final class TermStamp {
  private final KubernetesClient client;
  private final Fence fence;

  public TermStamp(KubernetesClient client, Fence fence) {
    this.client = client;
    this.fence = fence;
  }

  /// Sets the annotation [Fence#TERM] to the fence's stamp.
  ///
  /// @return the workload as it is now; empty if the fence has no stamp, and nothing was done
  /// @throws io.microscale.core.orchestrator.OrchestratorException as [Fence#check]
  /// @throws io.fabric8.kubernetes.client.KubernetesClientException if the server refuses
  public Optional<GenericKubernetesResource> set(
      ResourceDefinitionContext kind, String namespace, String name) {
    var stamp = fence.stamp();
    if (stamp.isEmpty()) {
      fence.check();
      return Optional.empty();
    }
    var annotations = Map.of(Fence.TERM, stamp.get());
    var patch =
        client
            .getKubernetesSerialization()
            .asJson(Map.of("metadata", Map.of("annotations", annotations)));
    var context =
        new PatchContext.Builder()
            .withPatchType(PatchType.JSON_MERGE)
            .withFieldManager(fence.fieldManager())
            .build();
    var workload = client.genericKubernetesResources(kind).inNamespace(namespace).withName(name);
    fence.check();
    return Optional.of(workload.patch(context, patch));
  }
}
