package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What there is for the replicas of a pool: the places of a [io.microscale.core.model.Snapshot]
/// and which service may not use which, kept up one change at a time. Not to be shared between
/// threads.
///
/// There are three kinds of it. Capacities are in the resources that the pool counts, and never
/// negative.
/// * [#ofNodes]: a place is a node of the cluster. Its capacity is what it can allocate less what
///   the pods of others hold there; those of the pool are counted by the snapshot.
/// * [#ofSlots]: one place for all slots, named after the pool. The scheduler puts pods where it
///   likes, so slots of single nodes would be a guess.
/// * [#ofQuota]: one place, named after the pool. Its capacity is what the quota allows less what
///   the pods of others use of it. The quota holds for all nodes together, and where there is less
///   on them pods wait.
public sealed interface PoolRoom permits NodesRoom, SlotsRoom, QuotaRoom {
  /// The nodes of the cluster, each with what others leave of it.
  ///
  /// @param counted the resources that the pool counts
  static PoolRoom ofNodes(Set<String> counted) {
    return new NodesRoom(new CountedResources(counted));
  }

  /// So many slots, wherever the scheduler puts the pods.
  static PoolRoom ofSlots(String pool, long slots) {
    return new SlotsRoom(Node.of(pool, Resources.slots(slots)));
  }

  /// What a ResourceQuota leaves. Until the quota is known, and once it is gone, nothing is
  /// started.
  ///
  /// @param counted the resources that the pool counts; of those that the quota does not limit
  ///   there is as good as no end
  static PoolRoom ofQuota(String pool, Set<String> counted) {
    return new QuotaRoom(new NodeId(pool), new CountedResources(counted));
  }

  /// Takes in what is told of a node. Nodes that are not the pool's are not told of.
  ///
  /// @return whether places or who may use them are others than before; so for all that is told
  boolean putNode(NodeFacts node);

  boolean removeNode(String uid);

  /// Takes in what is told of a pod, also of one that is not scheduled yet or has ended.
  ///
  /// @param ours whether it is a replica of the pool
  boolean putPod(PodFacts pod, boolean ours);

  boolean removePod(String uid);

  /// Takes in what is told of a service's pod template.
  boolean putService(ServiceId service, Admission rules);

  boolean removeService(ServiceId service);

  /// Takes in what is told of the quota.
  ///
  /// @param quota empty if it is gone
  boolean putQuota(Optional<Quota> quota);

  /// Where a pod with a node counts.
  NodeId placeOf(PodFacts pod);

  /// The places, in the order of their names. Among them is every place at which the pool has
  /// replicas: one that is not the pool's any more has what they hold, and takes no more.
  List<Node> nodes();

  /// The places that take no more pods of a service, though they take others; services for which
  /// that is none are left out. Not changed later.
  Map<ServiceId, Set<NodeId>> barred();

  /// Why a place takes no pod of a service, in words for people; empty if it takes one, or if only
  /// room is short.
  Optional<String> why(ServiceId service, NodeId place);
}
