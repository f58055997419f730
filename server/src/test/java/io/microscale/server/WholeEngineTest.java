package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.simulator.cluster.ClusterSettings;
import io.microscale.simulator.cluster.SimulatedCluster;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The server over the real engine, on a cluster in memory whose time passes while the test waits.
class WholeEngineTest {
  private final SimulatedCluster cluster =
      new SimulatedCluster(
          ClusterSettings.reliable(
              List.of(
                  Node.of("node-a", Resources.slots(10)), Node.of("node-b", Resources.slots(10))),
              Set.of(FakeEngine.WEB, FakeEngine.BATCH)));
  private final Orchestrator orchestrator = cluster.open();
  private final EventFeed feed = new EventFeed();
  private final LiveEngine engine =
      LiveEngine.start(
          new LiveEngine.Settings(FakeEngine.webAndBatch(), "virtual", cluster, false),
          orchestrator,
          Map.of(),
          List.of(feed));
  private final TestServer api =
      new TestServer(MicroscaleServer.start(ServerSettings.local(0), engine, feed, cluster));

  @AfterEach
  void stop() {
    engine.close();
    api.close();
    orchestrator.close();
  }

  private JsonNode awaitStatus(Predicate<JsonNode> condition) {
    await()
        .until(
            () -> {
              cluster.advance(Duration.ofMillis(10));
              return condition.test(api.get("/v1/status").json());
            });
    return api.get("/v1/status").json();
  }

  private static Predicate<JsonNode> running(int web, int batch) {
    return status ->
        status.at("/services/0/replicas/running").asInt() == web
            && status.at("/services/1/replicas/running").asInt() == batch
            && status.get("actionsInFlight").asInt() == 0;
  }

  @Test
  void whatIsPushedAndSetByHandHappensAndIsExplained() {
    api.put("/v1/services/web/demand", "{\"value\": 220}");
    awaitStatus(running(5, 15));
    api.put("/v1/services/web/override/demand", "{\"value\": 600}");
    var busy = awaitStatus(running(12, 8));
    assertThat(busy.at("/services/0/reactionMillis/count").asInt()).isGreaterThanOrEqualTo(7);
    assertThat(busy.at("/services/1/actions/stop/accepted").asInt()).isGreaterThanOrEqualTo(7);
    assertThat(busy.at("/figures/utilisationPercentNow").asDouble()).isEqualTo(100);
    assertThat(busy.get("ready").asBoolean()).isTrue();

    // Standby is warmed up once demand is answered; then nothing is under way any more.
    await()
        .untilAsserted(
            () -> {
              cluster.advance(Duration.ofMillis(10));
              var why = api.get("/v1/services/web/explain").json();
              assertThat(why.at("/decision/grant/granted").asInt()).isEqualTo(12);
              assertThat(why.at("/override/demand").asDouble()).isEqualTo(600);
              assertThat(why.at("/inFlight")).isEmpty();
            });

    api.put("/v1/services/batch/suspended", "{\"suspended\": true}");
    awaitStatus(running(12, 0));
    api.put("/v1/services/batch/suspended", "{\"suspended\": false}");
    api.delete("/v1/services/web/override/demand");
    awaitStatus(running(5, 15));
    assertThat(api.get("/metrics").body()).contains("microscale_events_lost_total 0.0");
  }

  @Test
  void anOrchestratorThatIsLostIsToldAndComesBack() {
    awaitStatus(status -> status.get("ready").asBoolean());
    cluster.cut(true);
    awaitStatus(status -> !status.get("ready").asBoolean());
    assertThat(api.get("/readyz").status()).isEqualTo(503);
    cluster.cut(false);
    awaitStatus(status -> status.get("ready").asBoolean());
    assertThat(api.get("/readyz").status()).isEqualTo(200);
  }
}
