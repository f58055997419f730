package io.microscale.core.planning;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.Snapshot;
import java.util.HashMap;
import java.util.Map;

/// What is free on the nodes right now, and what is about to be, while a plan is being made.
///
/// An action in flight holds the larger of what its replica had and will have, so that no order of
/// events can put more on a node than it has.
final class NodeRoom {
  private final Snapshot observed;
  private final Map<Integer, Resources> now = new HashMap<>();
  private final Map<Integer, Resources> coming = new HashMap<>();

  NodeRoom(Snapshot observed, Snapshot intended, Ledger ledger) {
    this.observed = observed;
    for (var change : ledger.changes(observed, intended)) {
      var before = change.now().map(Replica::holds).orElse(Resources.NONE);
      var after = change.then().map(Replica::holds).orElse(Resources.NONE);
      var replica = change.then().or(change::now);
      if (replica.isPresent()) {
        int node = observed.indexOf(replica.get().node());
        var grows = after.minus(before).positivePart();
        now.merge(node, free(node).minus(grows), (_, lower) -> lower);
        if (replica.get().state() != ReplicaState.STOPPING) {
          coming.merge(node, before.minus(after).positivePart(), Resources::plus);
        }
      }
    }
    intended
        .services()
        .values()
        .forEach(
            replicas -> {
              if (replicas.stopping() > 0) {
                replicas.replicas().stream()
                    .filter(r -> r.state() == ReplicaState.STOPPING)
                    .forEach(
                        r -> coming.merge(observed.indexOf(r.node()), heldBy(r), Resources::plus));
              }
            });
  }

  private Resources heldBy(Replica stopping) {
    return observed
        .of(stopping.service())
        .find(stopping.id())
        .map(Replica::holds)
        .orElse(Resources.NONE);
  }

  /// Free now, less what this plan has put there and what it keeps for those that must wait.
  Resources free(int node) {
    return now.computeIfAbsent(node, observed::free);
  }

  /// Free now and once all that is on its way out is gone.
  Resources freeSoon(int node) {
    return free(node).plus(coming.getOrDefault(node, Resources.NONE));
  }

  void take(int node, Resources need) {
    now.put(node, free(node).minus(need));
  }

  void comes(int node, Resources freed) {
    coming.merge(node, freed, Resources::plus);
  }
}
