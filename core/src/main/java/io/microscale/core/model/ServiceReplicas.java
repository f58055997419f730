package io.microscale.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The replicas of one service, in the order of their names, with how many are in each state, in
/// all and on each node.
///
/// The counts are made once, when something of the service changes, so that a pass need not look at
/// replicas that stay as they are.
public final class ServiceReplicas {
  public static final ServiceReplicas NONE = new ServiceReplicas(List.of(), Map.of());
  private static final int STATES = 4;

  private final List<Replica> replicas;
  private final int[] totals = new int[STATES];
  private final int[] nodes;
  private final int[] onNodes; // STATES counts for each of `nodes`

  private ServiceReplicas(List<Replica> sorted, Map<NodeId, Integer> nodeIndex) {
    this.replicas = List.copyOf(sorted);
    var where = new int[replicas.size()];
    NodeId last = null;
    int spots = 0;
    for (int i = 0; i < where.length; i++) {
      var node = replicas.get(i).node();
      if (!node.equals(last)) {
        last = node;
        spots++;
      }
      where[i] =
          i > 0 && node.equals(replicas.get(i - 1).node())
              ? where[i - 1]
              : nodeIndex.getOrDefault(node, -1);
    }
    this.nodes =
        spots <= 1
            ? Arrays.copyOf(where, spots)
            : Arrays.stream(where).distinct().sorted().toArray();
    this.onNodes = new int[nodes.length * STATES];
    for (int i = 0; i < where.length; i++) {
      int state = index(replicas.get(i).state());
      totals[state]++;
      onNodes[Arrays.binarySearch(nodes, where[i]) * STATES + state]++;
    }
  }

  static ServiceReplicas of(List<Replica> sorted, Map<NodeId, Integer> nodeIndex) {
    return new ServiceReplicas(sorted, nodeIndex);
  }

  private static int index(ReplicaState state) {
    return switch (state) {
      case STARTING -> 0;
      case RUNNING -> 1;
      case PAUSED -> 2;
      case STOPPING -> 3;
    };
  }

  public List<Replica> replicas() {
    return replicas;
  }

  public Optional<Replica> find(ReplicaId id) {
    int low = 0;
    int high = replicas.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = replicas.get(middle).id().compareTo(id);
      if (order == 0) {
        return Optional.of(replicas.get(middle));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  public int starting() {
    return totals[index(ReplicaState.STARTING)];
  }

  public int running() {
    return totals[index(ReplicaState.RUNNING)];
  }

  public int paused() {
    return totals[index(ReplicaState.PAUSED)];
  }

  public int stopping() {
    return totals[index(ReplicaState.STOPPING)];
  }

  /// Starting and running: what counts towards an allocation.
  public int active() {
    return starting() + running();
  }

  /// All that are not on their way out.
  public int kept() {
    return active() + paused();
  }

  /// On how many nodes there are replicas; they are numbered from 0 in the order of the snapshot's
  /// nodes.
  public int spots() {
    return nodes.length;
  }

  /// The index of a spot's node in the snapshot's list of nodes.
  public int node(int spot) {
    return nodes[spot];
  }

  /// Looks a node up.
  ///
  /// @return the spot of a node, or -1 if no replica is there
  public int spotOf(int node) {
    int spot = Arrays.binarySearch(nodes, node);
    return spot < 0 ? -1 : spot;
  }

  public int count(int spot, ReplicaState state) {
    return onNodes[spot * STATES + index(state)];
  }

  public int active(int spot) {
    return count(spot, ReplicaState.STARTING) + count(spot, ReplicaState.RUNNING);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof ServiceReplicas that && replicas.equals(that.replicas));
  }

  @Override
  public int hashCode() {
    return replicas.hashCode();
  }

  @Override
  public String toString() {
    return replicas.toString();
  }
}
