package io.microscale.core.allocation;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.scaling.Claim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A pool in words short enough for tests: nodes, services with claims, replicas that are there.
public final class Pools {
  public static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  private final List<Node> nodes = new ArrayList<>();
  private final Map<ServiceSpec, Integer> claims = new LinkedHashMap<>();
  private final List<Replica> replicas = new ArrayList<>();

  public Pools() {}

  public Pools node(Node node) {
    nodes.add(node);
    return this;
  }

  public Pools service(ServiceSpec.Builder service, int claim) {
    claims.put(service.build(), claim);
    return this;
  }

  /// Adds replicas that were started a minute ago, named `service-N`.
  public Pools has(int count, String service, String node, ReplicaState state) {
    for (int i = 0; i < count; i++) {
      has(service, node, state, NOW.minusSeconds(60));
    }
    return this;
  }

  public Pools has(String service, String node, ReplicaState state, Instant started) {
    var spec =
        claims.keySet().stream()
            .filter(s -> s.id().value().equals(service))
            .findFirst()
            .orElseThrow();
    return has(
        Replica.of(
            new ReplicaId(service + "-" + replicas.size()),
            new ServiceId(service),
            new NodeId(node),
            state,
            spec.resources(),
            started));
  }

  public Pools has(Replica replica) {
    replicas.add(replica);
    return this;
  }

  public PoolSpec pool() {
    return PoolSpec.of("p", List.copyOf(claims.keySet()));
  }

  public Snapshot snapshot() {
    return Snapshot.of(NOW, nodes, replicas);
  }

  public List<Claim> claims() {
    return pool().services().stream().map(s -> claim(s, claims.get(s))).toList();
  }

  private static Claim claim(ServiceSpec spec, int replicas) {
    return spec.remainder()
        ? new Claim(spec.id(), 0, spec.max(), 0, Claim.Basis.REMAINDER, "what is left")
        : new Claim(
            spec.id(),
            replicas,
            replicas,
            spec.standby().beside(replicas, replicas),
            Claim.Basis.READING,
            "test");
  }

  public Allocation allocate() {
    return Allocator.allocate(pool(), claims(), snapshot(), snapshot(), NOW);
  }

  public static int granted(Allocation allocation, String service) {
    return grant(allocation, service).granted();
  }

  public static Grant grant(Allocation allocation, String service) {
    return allocation.grants().stream()
        .filter(g -> g.service().value().equals(service))
        .findFirst()
        .orElseThrow();
  }
}
