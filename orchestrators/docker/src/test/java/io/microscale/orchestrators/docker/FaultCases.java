package io.microscale.orchestrators.docker;

import static io.microscale.orchestrators.docker.TestPool.BATCH;
import static io.microscale.orchestrators.docker.TestPool.POOL;
import static io.microscale.orchestrators.docker.TestPool.WEB;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.FaultProxy.Fault;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A connection that goes wrong in every way that the proxy knows: whatever is said meanwhile must
/// not be wrong, and in the end it is the truth.
abstract class FaultCases {
  private FaultProxy proxy;
  private TestPool pool;

  abstract EngineClient client();

  @BeforeEach
  void open() {
    var unix = (EngineAddress.Unix) client().address();
    proxy = FaultProxy.to(UnixDomainSocketAddress.of(unix.path()));
    var quick =
        new EngineClient.Limits(
            Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(2));
    pool =
        new TestPool(
                client(),
                DockerSettings.of(
                        POOL,
                        EngineAddress.parse("tcp://127.0.0.1:" + proxy.port(), Optional.empty()),
                        Map.of(WEB, EngineCases.TINY, BATCH, EngineCases.TINY))
                    .slots(20)
                    .limits(quick))
            .open();
  }

  @AfterEach
  void cleanUp() {
    pool.close();
    proxy.close();
    for (var one : client().containers(List.of(Labels.POOL))) {
      client()
          .send(
              EngineCall.delete("/containers/" + one.path("Id").asText())
                  .query(Map.of("force", "1")));
    }
  }

  static Stream<Fault> faults() {
    return Stream.of(
        new Fault.Delay(Duration.ofMillis(100)),
        new Fault.Cut(),
        new Fault.Hang(),
        new Fault.Truncate(60),
        new Fault.Drip(Duration.ofMillis(2)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whateverGoesWrongEndsInTheTruth(Fault fault) {
    var ids = new ArrayList<ReplicaId>();
    for (int i = 0; i < 4; i++) {
      ids.add(pool.running(i % 2 == 0 ? WEB : BATCH));
    }
    proxy.set(fault);
    attempt(() -> pool.pause(ids.get(0)));
    attempt(() -> pool.stop(ids.get(1)));
    attempt(() -> pool.start(WEB));
    attempt(() -> pool.resume(ids.get(0)));
    attempt(() -> pool.pause(ids.get(2)));
    proxy.set(new Fault.None());
    pool.untilTrue();
    pool.stop(pool.running(WEB));
    pool.untilTrue();
  }

  @Test
  void hangingEngineIsNoticed() {
    var id = pool.running(WEB);
    proxy.set(new Fault.Hang());
    pool.until(
        "unavailable",
        () -> {
          try {
            assertThat(pool.orchestrator().observe().replicas()).hasSize(1);
            return false;
          } catch (OrchestratorException e) {
            return e.kind() == Kind.UNAVAILABLE;
          }
        });
    client().post("/containers/" + Actions.name(POOL, id) + "/kill");
    proxy.set(new Fault.None());
    pool.untilGone(id);
  }

  @Test
  void seededTroubleEndsInTheTruth() {
    var random = new SplittableRandom(42);
    var faults = faults().toList();
    var ids = new ArrayList<ReplicaId>();
    for (int i = 0; i < 3; i++) {
      ids.add(pool.running(WEB));
    }
    for (int i = 0; i < 30; i++) {
      proxy.set(
          random.nextInt(3) == 0 ? faults.get(random.nextInt(faults.size())) : new Fault.None());
      var id = ids.get(random.nextInt(ids.size()));
      switch (random.nextInt(4)) {
        case 0 -> attempt(() -> pool.pause(id));
        case 1 -> attempt(() -> pool.resume(id));
        case 2 -> attempt(() -> pool.stop(id));
        default -> attempt(() -> ids.add(pool.start(BATCH)));
      }
    }
    proxy.set(new Fault.None());
    pool.untilTrue();
  }

  private static void attempt(Runnable action) {
    try {
      action.run();
    } catch (OrchestratorException e) {
      assertThat(e.kind()).as(e.getMessage()).isNotEqualTo(Kind.UNSUPPORTED);
    }
  }
}
