package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// What Swarm has said of itself, and the snapshot that it makes.
///
/// @param services the pool's, as far as they exist
/// @param tasks of these services
/// @param foreign what the tasks of all other services have reserved, by Swarm's ids of nodes
record Picture(
    List<SwarmNode> nodes,
    Map<ServiceId, SwarmService> services,
    List<SwarmTask> tasks,
    Map<String, Resources> foreign) {
  private static final int ID_LENGTH = 12;

  /// The snapshot of all this. Nodes that are down are left out with all that was on them, and
  /// those on which no service of the pool may run.
  ///
  /// @param desired what each service was told last
  Snapshot snapshot(
      SwarmSettings settings,
      Map<ServiceId, Integer> desired,
      Map<ServiceId, Backoff> backoffs,
      Instant at) {
    var names = names();
    var shares =
        settings.slots().isPresent()
            ? lent(shares(settings.slots().getAsLong()), used(settings), names.keySet())
            : null;
    var listed = new ArrayList<Node>();
    for (var node : nodes) {
      var id = names.get(node.key());
      if (id != null && isOfPool(node)) {
        var capacity =
            shares == null
                ? node.resources()
                    .minus(foreign.getOrDefault(node.key(), Resources.NONE))
                    .positivePart()
                : Resources.slots(shares.getOrDefault(node.key(), 0L));
        listed.add(new Node(id, capacity, node.schedulable()));
      }
    }
    var barred = new TreeMap<ServiceId, Set<NodeId>>();
    var replicas = new ArrayList<Replica>();
    services.forEach(
        (id, service) -> {
          var workload = settings.workloads().get(id);
          if (workload == null) {
            throw new IllegalStateException("no workload for " + id);
          }
          var used = new HashMap<String, Integer>();
          for (var task : tasks) {
            if (!task.serviceKey().equals(service.key())
                || task.ended()
                || task.nodeKey().isEmpty()
                || !names.containsKey(task.nodeKey().get())) {
              continue;
            }
            var node = task.nodeKey().get();
            if (task.wanted()) {
              used.merge(node, 1, Integer::sum);
            }
            replicas.add(
                Replica.of(
                    nameOf(id, task),
                    id,
                    names.getOrDefault(node, new NodeId(node)),
                    task.replicaState(),
                    workload.resources(),
                    task.created()));
          }
          var closed = closedTo(service, names, used);
          if (!closed.isEmpty()) {
            barred.put(id, closed);
          }
        });
    return Snapshot.of(
        at,
        listed,
        replicas,
        new Standings(new TreeMap<>(backoffs), new TreeMap<>(desired), barred));
  }

  static ReplicaId nameOf(ServiceId service, SwarmTask task) {
    var key = task.key();
    return new ReplicaId(
        "%s-%d-%s"
            .formatted(service, task.slot(), key.substring(0, Math.min(ID_LENGTH, key.length()))));
  }

  /// The same name as Swarm fills it in for each task.
  static String nameInTemplate(ServiceId service) {
    // Swarm tries it out on a task without an id, so `slice` will not do.
    return "%s-{{.Task.Slot}}-{{printf \"%%.%ds\" .Task.ID}}".formatted(service, ID_LENGTH);
  }

  /// Slots in use by the ids of nodes.
  private Map<String, Long> used(SwarmSettings settings) {
    var each = new HashMap<String, Long>();
    services.forEach(
        (id, service) -> {
          var workload = settings.workloads().get(id);
          if (workload != null) {
            each.put(service.key(), workload.resources().get(Resources.SLOTS));
          }
        });
    var used = new HashMap<String, Long>();
    for (var task : tasks) {
      if (!task.ended() && task.nodeKey().isPresent()) {
        used.merge(task.nodeKey().get(), each.getOrDefault(task.serviceKey(), 0L), Long::sum);
      }
    }
    return used;
  }

  /// Swarm knows no slots and puts tasks where it likes: where it has put more than a node's share,
  /// nodes that have slots to spare lend them, so that the pool as a whole has what it has.
  ///
  /// @param alive the nodes among which slots are lent; the share of one that is down is lost
  static Map<String, Long> lent(
      Map<String, Long> shares, Map<String, Long> used, Set<String> alive) {
    var lent = new LinkedHashMap<>(shares);
    lent.keySet().retainAll(alive);
    for (var borrower : List.copyOf(lent.keySet())) {
      long missing = used.getOrDefault(borrower, 0L) - lent.getOrDefault(borrower, 0L);
      while (missing > 0) {
        var lender = lender(lent, used);
        if (lender.isEmpty()) {
          return lent;
        }
        lent.merge(lender.get(), -1L, Long::sum);
        lent.merge(borrower, 1L, Long::sum);
        missing--;
      }
    }
    return lent;
  }

  private static Optional<String> lender(Map<String, Long> lent, Map<String, Long> used) {
    return lent.keySet().stream()
        .filter(node -> spare(node, lent, used) > 0)
        .max(Comparator.comparingLong(node -> spare(node, lent, used)));
  }

  private static long spare(String node, Map<String, Long> lent, Map<String, Long> used) {
    return lent.getOrDefault(node, 0L) - used.getOrDefault(node, 0L);
  }

  /// Whether a service of the pool may run there, or runs there still. The others are somebody
  /// else's.
  private boolean isOfPool(SwarmNode node) {
    return services.isEmpty()
        || services.values().stream().anyMatch(service -> service.mayRunOn(node))
        || tasks.stream()
            .anyMatch(task -> !task.ended() && task.nodeKey().equals(Optional.of(node.key())));
  }

  private Set<NodeId> closedTo(
      SwarmService service, Map<String, NodeId> names, Map<String, Integer> used) {
    var closed = new HashSet<NodeId>();
    for (var node : nodes) {
      var id = names.get(node.key());
      boolean full =
          service.mostPerNode() > 0 && used.getOrDefault(node.key(), 0) >= service.mostPerNode();
      if (id != null && (full || !service.mayRunOn(node))) {
        closed.add(id);
      }
    }
    return closed;
  }

  /// The names of the nodes that are not down, by Swarm's ids: their host names, or where two share
  /// one, host name and id.
  Map<String, NodeId> names() {
    var hosts = new HashMap<String, Integer>();
    for (var node : nodes) {
      if (!node.down()) {
        hosts.merge(node.hostname(), 1, Integer::sum);
      }
    }
    var names = new HashMap<String, NodeId>();
    for (var node : nodes) {
      if (!node.down()) {
        boolean alone = !node.hostname().isBlank() && hosts.getOrDefault(node.hostname(), 0) == 1;
        names.put(
            node.key(), new NodeId(alone ? node.hostname() : node.hostname() + "-" + node.key()));
      }
    }
    return names;
  }

  /// The pool's slots, dealt out evenly in the order of the names of all nodes. The share of one
  /// that is down is lost, unless a node of the same name has taken its place.
  Map<String, Long> shares(long slots) {
    var alive = new HashSet<String>();
    nodes.stream().filter(node -> !node.down()).forEach(node -> alive.add(node.hostname()));
    var sharing =
        nodes.stream()
            .filter(node -> !node.down() || !alive.contains(node.hostname()))
            .filter(this::isOfPool)
            .sorted(Comparator.comparing(SwarmNode::hostname).thenComparing(SwarmNode::key))
            .toList();
    var shares = new LinkedHashMap<String, Long>();
    for (int i = 0; i < sharing.size(); i++) {
      long more = i < slots % sharing.size() ? 1 : 0;
      shares.put(sharing.get(i).key(), slots / sharing.size() + more);
    }
    return shares;
  }
}
