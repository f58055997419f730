package io.microscale.orchestrators.kubernetes;

import java.util.Optional;

/// What a pool may use of its cluster.
public sealed interface Capacity {
  /// What nodes can allocate, less what the pods of others hold there.
  ///
  /// @param selector a label selector as `kubectl -l` takes it; empty for all nodes
  record Nodes(Optional<String> selector) implements Capacity {
    public Nodes {
      if (selector.isPresent() && selector.get().isBlank()) {
        throw new IllegalArgumentException("capacity.nodes: need a label selector, got ''");
      }
    }

    public static final Nodes ALL = new Nodes(Optional.empty());
  }

  /// So many slots, wherever the scheduler puts the pods.
  record Slots(long slots) implements Capacity {
    public Slots {
      if (slots < 1) {
        throw new IllegalArgumentException("capacity.slots: need >= 1, got " + slots);
      }
    }
  }

  /// What a ResourceQuota leaves to the pool: its hard limits, less what others use of it.
  record Quota(String namespace, String name) implements Capacity {
    public Quota {
      if (namespace.isBlank() || name.isBlank()) {
        throw new IllegalArgumentException(
            "capacity.quota: need a namespace and a name, got '%s' and '%s'"
                .formatted(namespace, name));
      }
    }
  }
}
