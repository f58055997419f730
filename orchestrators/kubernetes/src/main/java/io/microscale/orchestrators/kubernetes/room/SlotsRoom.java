package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// So many slots, wherever the scheduler puts the pods.
record SlotsRoom(Node place) implements PoolRoom {
  @Override
  public boolean putNode(NodeFacts node) {
    return false;
  }

  @Override
  public boolean removeNode(String uid) {
    return false;
  }

  @Override
  public boolean putPod(PodFacts pod, boolean ours) {
    return false;
  }

  @Override
  public boolean removePod(String uid) {
    return false;
  }

  @Override
  public boolean putService(ServiceId service, Admission rules) {
    return false;
  }

  @Override
  public boolean removeService(ServiceId service) {
    return false;
  }

  @Override
  public boolean putQuota(Optional<Quota> quota) {
    return false;
  }

  @Override
  public NodeId placeOf(PodFacts pod) {
    return place.id();
  }

  @Override
  public List<Node> nodes() {
    return List.of(place);
  }

  @Override
  public Map<ServiceId, Set<NodeId>> barred() {
    return Map.of();
  }

  @Override
  public Optional<String> why(ServiceId service, NodeId place) {
    return Optional.empty();
  }
}
