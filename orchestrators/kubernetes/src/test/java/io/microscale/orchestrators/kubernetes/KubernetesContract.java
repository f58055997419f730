package io.microscale.orchestrators.kubernetes;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.OrchestratorContract;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;

/// The contract on a real cluster, through a proxy that can be cut.
abstract class KubernetesContract extends OrchestratorContract {
  private static final long MEMORY = 16 << 20;
  private static final Resources EACH = Resources.cpuAndMemory(100, MEMORY);

  private static KubernetesCluster own;
  private static TestCluster cluster;
  private static FaultProxy proxy;

  /// @param name of the cluster, likewise how many nodes it has and what each offers
  static void start(String name, int nodes, int cpu) {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    own = KubernetesCluster.start(name, Setup.nodes(nodes).cpu(cpu));
    cluster = new TestCluster(own, "contract");
    proxy = FaultProxy.to(own.address());
  }

  @AfterAll
  static void end() {
    if (own != null) {
      proxy.close();
      cluster.close();
      own.close();
    }
  }

  @BeforeEach
  void deploy() {
    cluster.deploy("web", 0, TestCluster.template("web", "100m", "16Mi"));
    cluster.deploy("batch", 0, TestCluster.template("batch", "100m", "16Mi"));
  }

  @Override
  protected Orchestrator open() {
    var access = cluster.access().server("https://127.0.0.1:" + proxy.port());
    var web = WorkloadRef.deployment(cluster.namespace(), "web");
    var batch = WorkloadRef.deployment(cluster.namespace(), "batch");
    return KubernetesOrchestrator.open(
        KubernetesSettings.of("contract", access),
        Map.of(WEB, KubernetesWorkload.of(web, EACH), BATCH, KubernetesWorkload.of(batch, EACH)),
        Fence.NONE,
        InstantSource.system());
  }

  @Override
  protected Resources resources() {
    return EACH;
  }

  @Override
  protected Resources throttled() {
    return Resources.cpuAndMemory(50, MEMORY);
  }

  @Override
  protected Resources whilePaused() {
    return Resources.cpuAndMemory(KubernetesSettings.PAUSED_CPU, MEMORY);
  }

  @Override
  protected boolean placesWhereTold() {
    return false;
  }

  @Override
  protected void cutConnection() {
    proxy.set(new FaultProxy.Fault.Cut());
  }

  @Override
  protected void restoreConnection() {
    proxy.set(new FaultProxy.Fault.None());
  }

  @Override
  protected void killReplica(ReplicaId replica) {
    cluster.kill(replica.value());
  }

  @Override
  protected void startForeign() {
    cluster.deploy("foreign", 1, TestCluster.template("foreign", "100m", "16Mi"));
    TestCluster.patiently().until(() -> cluster.ready("foreign") == 1);
  }

  @Override
  protected boolean foreignIsAlive() {
    return cluster.ready("foreign") == 1;
  }

  @Override
  protected void cleanUp() {
    proxy.set(new FaultProxy.Fault.None());
    cluster.clear();
  }
}
