package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.OrchestratorContract;
import io.microscale.testkit.engines.SwarmCluster;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  /// Whatever goes wrong on the way: it is unknown or as it is, never empty, and afterwards there
  /// is what was asked for last and nothing twice.
  @ParameterizedTest
  @MethodSource("faults")
  void faultOnTheWayLosesAndDoublesNothing(FaultProxy.Fault fault) {
    try (var orchestrator = open()) {
      scaleUntilTaken(orchestrator, 2);
      awaitRunning(orchestrator, 2);
      proxy.set(fault);
      var until = System.nanoTime() + Duration.ofSeconds(3).toNanos();
      for (int replicas = 1; System.nanoTime() - until < 0; replicas = 5 - replicas) {
        try {
          assertThat(orchestrator.observe().of(WEB).replicas()).isNotEmpty();
          orchestrator.perform(new Action.Scale(WEB, replicas));
        } catch (OrchestratorException e) {
          assertThat(e.kind()).as(e.getMessage()).isIn(Kind.UNAVAILABLE, Kind.UNCERTAIN);
          LockSupport.parkNanos(1_000_000);
        }
      }
      proxy.set(new FaultProxy.Fault.None());
      scaleUntilTaken(orchestrator, 3);
      awaitRunning(orchestrator, 3);
      assertThat(swarm.running("contract_web")).isEqualTo(3);
      orchestrator.perform(new Action.Scale(WEB, 0));
      awaitRunning(orchestrator, 0);
    }
  }

  static List<FaultProxy.Fault> faults() {
    return List.of(
        new FaultProxy.Fault.Cut(),
        new FaultProxy.Fault.Hang(),
        new FaultProxy.Fault.Truncate(200),
        new FaultProxy.Fault.Truncate(3_000),
        new FaultProxy.Fault.Drip(Duration.ofMillis(1)),
        new FaultProxy.Fault.Delay(Duration.ofMillis(150)));
  }

  private static void scaleUntilTaken(Orchestrator orchestrator, int replicas) {
    patiently()
        .ignoreExceptionsInstanceOf(OrchestratorException.class)
        .until(
            () -> {
              orchestrator.perform(new Action.Scale(WEB, replicas));
              return true;
            });
  }

  private static void awaitRunning(Orchestrator orchestrator, int replicas) {
    patiently()
        .ignoreExceptionsInstanceOf(OrchestratorException.class)
        .until(
            () -> {
              var web = orchestrator.observe().of(WEB);
              return web.running() == replicas && web.replicas().size() == replicas;
            });
  }

  private static ConditionFactory patiently() {
    return Awaitility.await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofMillis(10));
  }
}
