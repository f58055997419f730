package io.microscale.orchestrators.docker.swarm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.OrchestratorContract;
import io.microscale.testkit.engines.SwarmCluster;
import java.net.UnixDomainSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/// The contract on three nodes of a real Swarm, through a proxy that can be cut.
class SwarmOrchestratorIT extends OrchestratorContract {
  private static final Resources EACH = Resources.cpuAndMemory(250, 16 << 20);

  private static TestSwarm swarm;
  private static FaultProxy proxy;

  @BeforeAll
  static void start() {
    var whyNot = SwarmCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    swarm = new TestSwarm("swarm-contract");
    var socket = swarm.cluster().host().substring("unix://".length());
    proxy = FaultProxy.to(UnixDomainSocketAddress.of(socket));
  }

  @AfterAll
  static void end() {
    if (swarm != null) {
      proxy.close();
      swarm.close();
    }
  }

  @Override
  protected Orchestrator open() {
    var address = EngineAddress.parse("tcp://127.0.0.1:" + proxy.port(), Optional.empty());
    var image = SwarmWorkload.Image.of(SwarmCluster.IMAGE, EACH);
    return SwarmOrchestrator.open(
        SwarmSettings.of("contract", address, Map.of(WEB, image, BATCH, image)),
        InstantSource.system());
  }

  @Override
  protected Resources resources() {
    return EACH;
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
    swarm.kill(replica);
  }

  @Override
  protected void startForeign() {
    swarm.create(TestSwarm.service("foreign", 1));
  }

  @Override
  protected boolean foreignIsAlive() {
    return swarm.running("foreign") == 1;
  }

  @Override
  protected void cleanUp() {
    proxy.set(new FaultProxy.Fault.None());
    swarm.clear();
  }
}
