package io.microscale.core.allocation;

import io.microscale.core.model.Node;
import io.microscale.core.model.Snapshot;
import java.util.List;
import java.util.stream.Collectors;

/// Says why a service gets what it gets.
final class GrantReason {
  private static final int NAMES = 5;

  private final Snapshot snapshot;
  private final List<Share> shares;
  private final Floor floor;

  GrantReason(Snapshot snapshot, List<Share> shares, Floor floor) {
    this.snapshot = snapshot;
    this.shares = shares;
    this.floor = floor;
  }

  String of(Share share) {
    int granted = share.total();
    int claimed = share.claim.replicas();
    if (granted == claimed) {
      return "gets what it claims";
    }
    if (granted > claimed) {
      return "gets what it claims and " + (granted - claimed) + " more to warm up as standby";
    }
    if (share.backoff != null) {
      return "starts nothing until " + share.backoff.until() + ": " + share.backoff.reason();
    }
    if (share.spec.remainder()) {
      return "gets what is left: " + granted + " of at most " + claimed;
    }
    return "gets " + granted + " of " + claimed + ": " + whyNoRoom(share);
  }

  private String whyNoRoom(Share share) {
    if (snapshot.nodes().stream().noneMatch(Node::schedulable)) {
      return "no node takes new replicas";
    }
    var resources = share.spec.resources();
    if (snapshot.nodes().stream().noneMatch(node -> resources.fitsIn(node.capacity()))) {
      return "no node has as much as one replica needs (" + resources + ")";
    }
    var sum = floor.sum();
    boolean enoughInAll = true;
    for (int i = 0; i < sum.length; i++) {
      enoughInAll &= share.need[i] <= sum[i];
    }
    if (enoughInAll) {
      return "enough is free in all, but on no one node " + resources;
    }
    var names =
        shares.stream()
            .filter(other -> other != share && other.total() > 0)
            .filter(
                other ->
                    other.spec.priority() >= share.spec.priority()
                        || other.spec.min() > 0
                        || !other.spec.minRuntime().isZero())
            .map(other -> other.spec.id().value())
            .limit(NAMES)
            .collect(Collectors.joining(", "));
    return names.isEmpty()
        ? "the pool has no more"
        : "the rest is held by " + names + " (same or higher priority, minimums or young replicas)";
  }
}
