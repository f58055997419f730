package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Pod;
import io.microscale.core.model.Resources;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the scheduler and quotas look at in a pod that is there.
///
/// @param node empty until it is scheduled
/// @param holds what is counted for it, see [PodRequests]; nothing once it has ended
/// @param ports those of its node that it takes
/// @param repels pods that must not come to its node, as far as that is decided by the node alone
/// @param scopes what quotas select it by
public record PodFacts(
    String uid,
    String namespace,
    String node,
    Resources holds,
    Map<String, String> labels,
    List<HostPort> ports,
    List<PodTerm> repels,
    Scopes scopes) {
  public static PodFacts of(Pod pod) {
    var meta = pod.getMetadata();
    var spec = pod.getSpec();
    var labels = meta.getLabels();
    return new PodFacts(
        meta.getUid(),
        meta.getNamespace(),
        spec.getNodeName() == null ? "" : spec.getNodeName(),
        PodRequests.of(pod),
        labels == null ? Map.of() : Map.copyOf(labels),
        HostPort.of(spec),
        repels(spec.getAffinity(), meta.getNamespace()),
        Scopes.of(spec));
  }

  private static List<PodTerm> repels(@Nullable Affinity affinity, String namespace) {
    if (affinity == null || affinity.getPodAntiAffinity() == null) {
      return List.of();
    }
    return affinity
        .getPodAntiAffinity()
        .getRequiredDuringSchedulingIgnoredDuringExecution()
        .stream()
        .flatMap(term -> PodTerm.of(term, namespace).stream())
        .toList();
  }

  boolean isThere() {
    return !node.isEmpty() && !holds.isZero();
  }
}
