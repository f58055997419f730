package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Node;
import io.microscale.core.model.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the scheduler looks at in a node.
///
/// @param allocatable what all its pods together may request
/// @param ready whether its kubelet answers
/// @param cordoned whether it takes no new pods, by an operator's word
/// @param taints those that keep pods away; what they would rather not is not among them
public record NodeFacts(
    String uid,
    String name,
    Map<String, String> labels,
    Resources allocatable,
    boolean ready,
    boolean cordoned,
    List<Taint> taints) {
  public NodeFacts {
    if (uid.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException(
          "node: need a uid and a name, got '%s' and '%s'".formatted(uid, name));
    }
    labels = Map.copyOf(labels);
    taints = List.copyOf(taints);
  }

  /// A taint that is not tolerated keeps pods away.
  public record Taint(String key, String value, String effect) {
    static final Taint CORDON = new Taint("node.kubernetes.io/unschedulable", "", "NoSchedule");

    @Override
    public String toString() {
      return key + (value.isEmpty() ? "" : "=" + value) + ":" + effect;
    }
  }

  public static NodeFacts of(Node node) {
    var meta = node.getMetadata();
    var spec = node.getSpec();
    var status = node.getStatus();
    boolean ready =
        status != null
            && status.getConditions().stream()
                .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
    var taints = new ArrayList<Taint>();
    if (spec != null) {
      for (var taint : spec.getTaints()) {
        if ("NoSchedule".equals(taint.getEffect()) || "NoExecute".equals(taint.getEffect())) {
          var value = taint.getValue() == null ? "" : taint.getValue();
          taints.add(new Taint(taint.getKey(), value, taint.getEffect()));
        }
      }
    }
    var allocatable = status == null ? null : status.getAllocatable();
    var labels = meta.getLabels();
    return new NodeFacts(
        meta.getUid(),
        meta.getName(),
        new TreeMap<>(labels == null ? Map.of() : labels),
        PodRequests.allocatable(allocatable == null ? Map.of() : allocatable),
        ready,
        spec != null && Boolean.TRUE.equals(spec.getUnschedulable()),
        taints);
  }
}
