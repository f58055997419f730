package io.microscale.core.model;

/// One machine of the pool. `capacity` is what replicas of this pool may use of it: what the
/// machine has less what others hold. `schedulable` is false on a drained or unreachable node:
/// nothing is started there, what runs is left alone.
public record Node(NodeId id, Resources capacity, boolean schedulable) {
  public static Node of(String id, Resources capacity) {
    return new Node(new NodeId(id), capacity, true);
  }
}
