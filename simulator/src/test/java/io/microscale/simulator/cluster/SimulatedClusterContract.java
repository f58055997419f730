package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.testkit.OrchestratorContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

abstract class SimulatedClusterContract extends OrchestratorContract {
  static final List<Node> NODES = SimulatedCluster.nodes(2, Map.of("slots", 8L, "cpu", 8_000L));
  static final Set<ServiceId> SERVICES = SimulatedCluster.services("web", "batch");

  private final SimulatedCluster cluster;

  SimulatedClusterContract(ClusterSettings settings) {
    cluster = new SimulatedCluster(settings);
  }

  @Override
  protected Orchestrator open() {
    return cluster.open();
  }

  @Override
  protected Resources resources() {
    return Resources.of(Map.of("slots", 1L, "cpu", 1_000L));
  }

  @Override
  protected Resources throttled() {
    return Resources.of(Map.of("slots", 1L, "cpu", 100L));
  }

  @Override
  protected void passTime() {
    cluster.advance(Duration.ofMillis(7));
  }

  @Override
  protected void cutConnection() {
    cluster.cut(true);
  }

  @Override
  protected void restoreConnection() {
    cluster.cut(false);
  }

  @Override
  protected void killReplica(ReplicaId replica) {
    cluster.kill(replica);
  }
}
