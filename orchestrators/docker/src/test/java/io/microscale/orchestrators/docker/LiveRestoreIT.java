package io.microscale.orchestrators.docker;

import static io.microscale.orchestrators.docker.TestPool.BATCH;
import static io.microscale.orchestrators.docker.TestPool.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.ReplicaState;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.DockerEngine;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// An engine whose containers go on without it.
class LiveRestoreIT {
  @Test
  void replicasOutliveTheEngineAndAreTheSameAfterwards() {
    var why = DockerEngine.whyNot();
    assumeTrue(why.isEmpty(), () -> why.orElseThrow());
    try (var engine =
            DockerEngine.start(
                "live", DockerEngine.Option.LIVE_RESTORE, DockerEngine.Option.NO_BRIDGE);
        var client = EngineClient.open(EngineAddress.parse(engine.host(), Optional.empty()));
        var pool =
            new TestPool(client, Map.of(WEB, EngineCases.TINY, BATCH, EngineCases.TINY)).open()) {
      var web = pool.running(WEB);
      var batch = pool.running(BATCH);
      pool.pause(batch);
      var before = pool.orchestrator().observe().replicas();

      engine.killHard();
      engine.startAgain();

      pool.until("known", () -> !pool.orchestrator().observe().nodes().isEmpty());
      assertThat(pool.orchestrator().observe().replicas()).isEqualTo(before);
      pool.resume(batch);
      assertThat(pool.state(batch)).contains(ReplicaState.RUNNING);
      pool.stop(web);
      pool.untilGone(web);
      pool.stop(batch);
      pool.untilTrue();
      assertThat(pool.orchestrator().observe().backoffs()).isEmpty();
    }
  }
}
