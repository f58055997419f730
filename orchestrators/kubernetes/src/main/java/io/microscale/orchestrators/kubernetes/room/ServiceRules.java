package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.NodeId;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The nodes that take no pod of one service.
final class ServiceRules {
  /// The nodes that take no pod under some rules, whatever pods are on them. Most templates of a
  /// cluster have the same few rules: services share this.
  static final class Shared {
    private final NodeRules rules;
    private final Set<NodeId> barred = new HashSet<>();
    private Set<NodeId> copy = Set.of();
    private boolean changed;

    Shared(NodeRules rules) {
      this.rules = rules;
    }

    NodeRules rules() {
      return rules;
    }

    boolean judge(NodeFacts node) {
      var id = new NodeId(node.name());
      boolean now = rules.refusedBy(node).isPresent() ? barred.add(id) : barred.remove(id);
      changed |= now;
      return now;
    }

    void forget(NodeId node) {
      changed |= barred.remove(node);
    }

    private Set<NodeId> barred() {
      if (changed) {
        copy = Set.copyOf(barred);
        changed = false;
      }
      return copy;
    }
  }

  private final Admission admission;
  private final Shared shared;

  /// Those that are barred because of the pods on them.
  private final Set<NodeId> kept = new HashSet<>();

  /// How many pods there are anywhere that those of this service have to be near.
  private int near;

  private @Nullable Set<NodeId> sharedPart;
  private Set<NodeId> copy = Set.of();

  ServiceRules(Admission admission, Shared shared) {
    this.admission = admission;
    this.shared = shared;
  }

  Admission admission() {
    return admission;
  }

  Shared shared() {
    return shared;
  }

  boolean isFirst() {
    return near == 0;
  }

  /// Counts a pod that came or, with -1, went.
  ///
  /// @return whether it was the first or the last that this service's pods have to be near
  boolean count(PodFacts pod, int change) {
    if (!admission.pods().isNear(pod)) {
      return false;
    }
    boolean first = isFirst();
    near += change;
    return first != isFirst();
  }

  /// Whether a pod on a node may make it take this service's pods, or no longer.
  boolean mindsPod(PodFacts pod) {
    return admission.pods().looksAtPods() || admission.pods().isRepelledBy(pod);
  }

  boolean judge(NodeFacts node, Collection<PodFacts> there) {
    var id = new NodeId(node.name());
    boolean refused = admission.pods().refusedBy(node, there, isFirst()).isPresent();
    boolean changed = refused ? kept.add(id) : kept.remove(id);
    if (changed) {
      sharedPart = null;
    }
    return changed;
  }

  void forget(NodeId node) {
    if (kept.remove(node)) {
      sharedPart = null;
    }
  }

  /// Not changed later.
  Set<NodeId> barred() {
    var part = shared.barred();
    if (kept.isEmpty()) {
      return part;
    }
    if (!part.equals(sharedPart)) {
      var all = new HashSet<>(part);
      all.addAll(kept);
      copy = Set.copyOf(all);
      sharedPart = part;
    }
    return copy;
  }
}
