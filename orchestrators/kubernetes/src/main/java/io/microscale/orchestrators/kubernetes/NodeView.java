package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Node;
import io.microscale.core.model.Resources;

/// What is kept of a node.
///
/// @param allocatable what all its pods together may request
/// @param schedulable whether it is ready and neither cordoned nor tainted against everything
record NodeView(String uid, String name, Resources allocatable, boolean schedulable) {
  static NodeView of(Node node) {
    boolean ready =
        node.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && "True".equals(c.getStatus()));
    boolean cordoned = Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    return new NodeView(
        node.getMetadata().getUid(),
        node.getMetadata().getName(),
        Resources.of(PodHoldings.amounts(node.getStatus().getAllocatable())),
        ready && !cordoned);
  }
}
