package io.microscale.app;

import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// An orchestrator of one node on which everything happens at once.
final class OneNode implements Orchestrator {
  private static final Instant STARTED = Instant.parse("2026-01-31T12:00:00Z");

  private final Node node;
  private final Map<ReplicaId, Replica> replicas = new TreeMap<>();

  OneNode(long slots) {
    node = Node.of("host", Resources.slots(slots));
  }

  @Override
  public Set<Ability> abilities() {
    return EnumSet.of(
        Ability.PICKS_VICTIMS, Ability.PAUSES, Ability.REPORTS_NODES, Ability.READS_OWN_WRITES);
  }

  @Override
  public synchronized Snapshot observe() {
    return Snapshot.of(STARTED, List.of(node), replicas.values());
  }

  @Override
  public synchronized void perform(Action action) {
    var id = new ReplicaId(action.subject());
    switch (action) {
      case Action.Start(var service, _, var on, var resources) ->
          replicas.put(id, Replica.of(id, service, on, ReplicaState.RUNNING, resources, STARTED));
      case Action.Stop _ -> replicas.remove(id);
      case Action.Pause _ -> replicas.computeIfPresent(id, (_, r) -> r.in(ReplicaState.PAUSED));
      case Action.Resume _ -> replicas.computeIfPresent(id, (_, r) -> r.in(ReplicaState.RUNNING));
      case Action.Resize(_, _, var resources) ->
          replicas.computeIfPresent(id, (_, r) -> r.using(resources));
      case Action.Scale _ -> throw new IllegalStateException("not declared: " + action);
    }
  }

  @Override
  public Watch watch(Runnable changed) {
    return () -> {};
  }

  @Override
  public void close() {}
}
