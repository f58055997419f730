package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Nodes, replicas and standings that change, and snapshots of them. A snapshot is made only when
/// one is asked for, so that many changes of one moment cost little more than one. Not thread-safe.
final class Picture {
  private final Map<ReplicaId, Replica> replicas = new HashMap<>();
  private final Map<NodeId, Resources> held = new HashMap<>();
  private Snapshot made;
  private Snapshot.@Nullable Edit edit;
  private Standings standings = Standings.NONE;
  private long changes;

  Picture(List<Node> nodes) {
    made = Snapshot.of(EventQueue.START, nodes, List.of());
  }

  /// Grows with each change.
  long changes() {
    return changes;
  }

  Optional<Replica> find(ReplicaId id) {
    return Optional.ofNullable(replicas.get(id));
  }

  List<Node> nodes() {
    return made.nodes();
  }

  Standings standings() {
    return standings;
  }

  Resources held(NodeId node) {
    return held.getOrDefault(node, Resources.NONE);
  }

  Resources free(Node node) {
    return node.capacity().minus(held(node.id()));
  }

  Optional<Node> node(NodeId id) {
    int index = made.indexOf(id);
    return index < 0 ? Optional.empty() : Optional.of(made.nodes().get(index));
  }

  /// Whether there is room now where a start is to be.
  boolean fits(Action.Start start) {
    var node = node(start.node());
    return node.isPresent() && start.resources().fitsIn(free(node.get()));
  }

  /// What there is at a moment.
  Snapshot at(Instant instant) {
    if (edit != null) {
      made = edit.at(instant);
      edit = null;
    } else if (!made.at().equals(instant)) {
      made = made.edit().at(instant);
    }
    return made;
  }

  private Snapshot.Edit edit() {
    changes++;
    if (edit == null) {
      edit = made.edit();
    }
    return edit;
  }

  void put(Replica replica) {
    edit().put(replica);
    var before = replicas.put(replica.id(), replica);
    if (before != null) {
      release(before);
    }
    held.put(replica.node(), held(replica.node()).plus(replica.holds()));
  }

  void remove(ServiceId service, ReplicaId id) {
    edit().remove(service, id);
    var before = replicas.remove(id);
    if (before != null) {
      release(before);
    }
  }

  private void release(Replica replica) {
    held.put(replica.node(), held(replica.node()).minus(replica.holds()));
  }

  void standings(Standings next) {
    standings = next;
    edit().standings(next);
  }

  /// There are these nodes now. Nothing may be left on those that are not there any more.
  void nodes(List<Node> next) {
    changes++;
    var at = at(made.at());
    made = Snapshot.of(at.at(), next, new ArrayList<>(replicas.values()), standings);
  }
}
