package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Where the pool's replicas are and what there is for them. Not to be shared between threads.
///
/// Where the pool counts slots there is one place for all of them, named after the pool: the
/// scheduler puts pods where it likes. Else the places are the nodes, each with what it can
/// allocate less what the pods of others hold.
final class Room {
  private final String pool;
  private final OptionalLong slots;
  private final Sizes sizes;
  private final Map<String, NodeView> nodes = new HashMap<>();
  private final Map<String, PodView> foreign = new HashMap<>();
  private final Map<String, Resources> foreignByNode = new HashMap<>();

  Room(String pool, OptionalLong slots, Sizes sizes) {
    this.pool = pool;
    this.slots = slots;
    this.sizes = sizes;
  }

  /// Takes in what is told of a node.
  ///
  /// @return whether there is something else than before
  boolean put(NodeView node) {
    return !node.equals(nodes.put(node.uid(), node));
  }

  boolean remove(String uid) {
    return nodes.remove(uid) != null;
  }

  Set<String> nodeUids() {
    return Set.copyOf(nodes.keySet());
  }

  /// Takes in what is told of a pod that is not the pool's.
  ///
  /// @param pod empty if it holds nothing any more, or never was another's
  /// @return whether there is something else for the pool than before
  boolean foreign(String uid, Optional<PodView> pod) {
    if (slots.isPresent()) {
      return false;
    }
    var before = Optional.ofNullable(foreign.get(uid));
    if (before.isEmpty() && pod.isEmpty()) {
      return false;
    }
    before.ifPresent(
        last ->
            foreignByNode.merge(
                last.node(), sizes.counted(last.holds()).times(-1), Resources::plus));
    pod.ifPresent(
        now -> foreignByNode.merge(now.node(), sizes.counted(now.holds()), Resources::plus));
    pod.ifPresentOrElse(now -> foreign.put(uid, now), () -> foreign.remove(uid));
    return before.isEmpty()
        || pod.isEmpty()
        || !before.get().node().equals(pod.get().node())
        || !before.get().holds().equals(pod.get().holds());
  }

  NodeId placeOf(PodView pod) {
    return new NodeId(slots.isPresent() ? pool : pod.node());
  }

  /// The places, with those at which there are replicas although they are not the pool's, or not
  /// known any more: nothing is started there.
  List<Node> nodes(List<Replica> replicas) {
    if (slots.isPresent()) {
      return List.of(Node.of(pool, Resources.slots(slots.getAsLong())));
    }
    var all = new ArrayList<Node>();
    var names = new TreeSet<String>();
    for (var node : nodes.values()) {
      if (names.add(node.name())) {
        var others = foreignByNode.getOrDefault(node.name(), Resources.NONE);
        var left = sizes.counted(node.allocatable()).minus(others).positivePart();
        all.add(new Node(new NodeId(node.name()), left, node.schedulable()));
      }
    }
    var elsewhere = new TreeMap<String, Resources>();
    for (var replica : replicas) {
      if (!names.contains(replica.node().value())) {
        elsewhere.merge(replica.node().value(), replica.holds(), Resources::plus);
      }
    }
    elsewhere.forEach((name, held) -> all.add(new Node(new NodeId(name), held, false)));
    return all;
  }

  /// Nodes that do not take the pods of a service.
  Map<ServiceId, Set<NodeId>> barred() {
    return Map.of();
  }
}
