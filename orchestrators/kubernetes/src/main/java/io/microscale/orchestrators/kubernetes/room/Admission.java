package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Which nodes take pods of a template, whatever room they have, by the rules of the scheduler of
/// Kubernetes 1.37: cordon, taints, node selector, node affinity, ports of the node, and affinity
/// to and against the pods that are on it.
///
/// Not looked at: how pods are to be spread (`topologySpreadConstraints`), volumes, claims of
/// devices, and affinity by anything but the node or by labels of namespaces. [#undecided] tells
/// which of these a template has. A node may then refuse a pod that is admitted here; the pod
/// waits, and takes no room.
///
/// @param undecided what of the template is not looked at, in words
public record Admission(NodeRules nodes, PodRules pods, List<String> undecided) {

  /// The rules that a template's pods are under.
  ///
  /// @param namespace where the pods will be
  public static Admission of(PodTemplateSpec template, String namespace) {
    var undecided = new ArrayList<String>();
    var pods = PodRules.of(template, namespace, undecided);
    leftOut(template.getSpec(), undecided);
    return new Admission(NodeRules.of(template.getSpec()), pods, List.copyOf(undecided));
  }

  /// Why a node takes no pod of this template.
  ///
  /// @param there all pods on it that have not ended
  /// @param first whether no pod anywhere is what this template's pods have to be near; one that is
  ///   so itself may then begin on any node
  /// @return in words for people; empty if it takes one that there is room for
  public Optional<String> refusedBy(NodeFacts node, Collection<PodFacts> there, boolean first) {
    return nodes.refusedBy(node).or(() -> pods.refusedBy(node, there, first));
  }

  private static void leftOut(PodSpec spec, List<String> undecided) {
    for (var spread : spec.getTopologySpreadConstraints()) {
      if (!"ScheduleAnyway".equals(spread.getWhenUnsatisfiable())) {
        undecided.add("spread over " + spread.getTopologyKey());
      }
    }
    if (spec.getVolumes().stream()
        .anyMatch(v -> v.getPersistentVolumeClaim() != null || v.getEphemeral() != null)) {
      undecided.add("volumes that only some nodes reach");
    }
    if (!spec.getResourceClaims().isEmpty()) {
      undecided.add("claims of devices");
    }
    if (!spec.getSchedulingGates().isEmpty()) {
      undecided.add("gates that hold its pods back");
    }
    var scheduler = spec.getSchedulerName();
    if (scheduler != null && !scheduler.equals("default-scheduler")) {
      undecided.add("scheduler " + scheduler);
    }
  }
}
