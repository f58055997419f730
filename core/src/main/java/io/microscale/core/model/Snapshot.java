package io.microscale.core.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What the orchestrator says is true at one moment: nodes with capacity, replicas with state,
/// services that are backing off, are wanted in some number or cannot run on some nodes.
///
/// Immutable. An [#edit] shares everything it does not touch, so that one changed replica costs the
/// size of its service and the number of nodes and services, not the number of replicas. All orders
/// are by name, so equal snapshots lead to equal decisions.
public final class Snapshot {
  private final Instant at;
  private final List<Node> nodes;
  private final Map<NodeId, Integer> nodeIndex;
  private final SortedMap<ServiceId, ServiceReplicas> services;
  private final Map<ServiceId, ServiceReplicas> byService; // the same, to look up
  private final Resources[] held;
  private final Standings standings;

  private Snapshot(
      Instant at,
      List<Node> nodes,
      Map<NodeId, Integer> nodeIndex,
      SortedMap<ServiceId, ServiceReplicas> services,
      Resources[] held,
      Standings standings) {
    this.at = at;
    this.nodes = nodes;
    this.nodeIndex = nodeIndex;
    this.services = services;
    this.byService = new HashMap<>(services);
    this.held = held;
    this.standings = standings;
  }

  /// A snapshot of these nodes and replicas, in any order.
  ///
  /// @throws IllegalArgumentException if two nodes or two replicas have one name, or a replica is
  ///   on a node that is not listed
  public static Snapshot of(Instant at, Collection<Node> nodes, Collection<Replica> replicas) {
    return of(at, nodes, replicas, Standings.NONE);
  }

  public static Snapshot of(
      Instant at, Collection<Node> nodes, Collection<Replica> replicas, Standings standings) {
    var sorted = nodes.stream().sorted((a, b) -> a.id().compareTo(b.id())).toList();
    var index = new HashMap<NodeId, Integer>();
    for (int i = 0; i < sorted.size(); i++) {
      if (index.put(sorted.get(i).id(), i) != null) {
        throw new IllegalArgumentException(
            "nodes: need one name each, got '%s' twice".formatted(sorted.get(i).id()));
      }
    }
    var held = new Resources[sorted.size()];
    Arrays.fill(held, Resources.NONE);
    var empty =
        new Snapshot(at, sorted, Map.copyOf(index), Collections.emptySortedMap(), held, standings);
    var edit = empty.edit();
    replicas.forEach(edit::add);
    return edit.at(at);
  }

  public Instant at() {
    return at;
  }

  /// The nodes in the order of their names; the other methods speak of a node by its index in this
  /// list.
  public List<Node> nodes() {
    return nodes;
  }

  /// Where a node stands.
  ///
  /// @return the index of the node in [#nodes], or -1 if the snapshot does not have it
  public int indexOf(NodeId node) {
    return nodeIndex.getOrDefault(node, -1);
  }

  /// What the replicas on a node hold now, whatever their state.
  public Resources held(int node) {
    return held[node];
  }

  /// What is free on a node now; negative where more is held than it has.
  public Resources free(int node) {
    return nodes.get(node).capacity().minus(held[node]);
  }

  /// The capacity of all nodes together.
  public Resources capacity() {
    var sum = Resources.NONE;
    for (var node : nodes) {
      sum = sum.plus(node.capacity());
    }
    return sum;
  }

  public ServiceReplicas of(ServiceId service) {
    return byService.getOrDefault(service, ServiceReplicas.NONE);
  }

  public SortedMap<ServiceId, ServiceReplicas> services() {
    return Collections.unmodifiableSortedMap(services);
  }

  public List<Replica> replicas() {
    return services.values().stream().flatMap(s -> s.replicas().stream()).toList();
  }

  public Standings standings() {
    return standings;
  }

  public SortedMap<ServiceId, Backoff> backoffs() {
    return standings.backoffs();
  }

  /// Whether a replica of the service may be started on a node.
  public boolean admits(int node, ServiceId service) {
    var there = nodes.get(node);
    return there.schedulable()
        && (standings.barred().isEmpty()
            || !standings.barred().getOrDefault(service, Set.of()).contains(there.id()));
  }

  public Edit edit() {
    return new Edit();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Snapshot that
        && at.equals(that.at)
        && nodes.equals(that.nodes)
        && services.equals(that.services)
        && standings.equals(that.standings);
  }

  @Override
  public int hashCode() {
    return Objects.hash(at, nodes, services, standings);
  }

  @Override
  public String toString() {
    return "Snapshot[at=%s, nodes=%s, services=%s, %s]".formatted(at, nodes, services, standings);
  }

  /// Changes to be made to a snapshot at once; the snapshot itself stays as it is.
  public final class Edit {
    /// What is changed, by service and name; empty for what is removed.
    private final Map<ServiceId, SortedMap<ReplicaId, Optional<Replica>>> touched = new HashMap<>();

    private final Resources[] newHeld = held.clone();
    private List<Node> newNodes = nodes;
    private Standings newStandings = standings;

    private Edit() {}

    private Optional<Replica> change(ServiceId service, ReplicaId id, Optional<Replica> after) {
      var changed = touched.computeIfAbsent(service, _ -> new TreeMap<>());
      var before = changed.put(id, after);
      return before == null ? Snapshot.this.of(service).find(id) : before;
    }

    private void add(Replica replica) {
      if (touched
          .getOrDefault(replica.service(), Collections.emptySortedMap())
          .containsKey(replica.id())) {
        throw new IllegalArgumentException(
            "replicas: need one name each, got '%s' twice".formatted(replica.id()));
      }
      put(replica);
    }

    /// Adds a replica or replaces the one of that name.
    ///
    /// @throws IllegalArgumentException if its node is not in the snapshot
    public Edit put(Replica replica) {
      int node = indexOf(replica.node());
      if (node < 0) {
        throw new IllegalArgumentException(
            "%s: need a node of the snapshot, got '%s'".formatted(replica.id(), replica.node()));
      }
      change(replica.service(), replica.id(), Optional.of(replica)).ifPresent(this::release);
      newHeld[node] = newHeld[node].plus(replica.holds());
      return this;
    }

    public Edit remove(ServiceId service, ReplicaId replica) {
      change(service, replica, Optional.empty()).ifPresent(this::release);
      return this;
    }

    /// Replaces all nodes by others of the same names, for instance with more room.
    ///
    /// @throws IllegalArgumentException if one is missing or new
    public Edit nodes(Collection<Node> all) {
      var sorted = all.stream().sorted((a, b) -> a.id().compareTo(b.id())).toList();
      if (!sorted.stream().map(Node::id).toList().equals(nodes.stream().map(Node::id).toList())) {
        throw new IllegalArgumentException(
            "nodes: need those of the snapshot, got "
                + sorted.stream().map(node -> node.id().value()).toList());
      }
      newNodes = sorted;
      return this;
    }

    public Edit standings(Standings all) {
      newStandings = all;
      return this;
    }

    private void release(Replica replica) {
      int node = indexOf(replica.node());
      newHeld[node] = newHeld[node].minus(replica.holds());
    }

    /// Replicas with what is changed of them, both in the order of their names.
    private static List<Replica> with(
        List<Replica> replicas, SortedMap<ReplicaId, Optional<Replica>> changed) {
      var all = new ArrayList<Replica>(replicas.size() + changed.size());
      int next = 0;
      for (var change : changed.entrySet()) {
        int order = -1;
        while (next < replicas.size()
            && (order = replicas.get(next).id().compareTo(change.getKey())) < 0) {
          all.add(replicas.get(next++));
        }
        if (next < replicas.size() && order == 0) {
          next++;
        }
        change.getValue().ifPresent(all::add);
      }
      all.addAll(replicas.subList(next, replicas.size()));
      return all;
    }

    public Snapshot at(Instant instant) {
      if (touched.isEmpty()) {
        return new Snapshot(instant, newNodes, nodeIndex, services, newHeld, newStandings);
      }
      var merged = new TreeMap<>(services);
      touched.forEach(
          (service, changed) -> {
            var replicas = with(Snapshot.this.of(service).replicas(), changed);
            if (replicas.isEmpty()) {
              merged.remove(service);
            } else {
              merged.put(service, ServiceReplicas.of(replicas, nodeIndex));
            }
          });
      return new Snapshot(instant, newNodes, nodeIndex, merged, newHeld, newStandings);
    }
  }
}
