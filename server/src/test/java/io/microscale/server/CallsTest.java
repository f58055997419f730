package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CallsTest {
  private final TestServer api = new TestServer();

  @AfterEach
  void stop() {
    api.close();
  }

  private void awaitPass(long number) {
    await().until(() -> api.get("/v1/status").json().at("/lastPass/number").asLong() == number);
  }

  @Test
  void statusBeforeAnythingIsKnown() {
    var status = api.get("/v1/status").json();
    assertThat(status.get("ready").asBoolean()).isFalse();
    assertThat(status.get("nodes")).isEmpty();
    assertThat(status.get("lastPass").isNull()).isTrue();
    assertThat(status.at("/figures/utilisationPercent").isNull()).isTrue();
    assertThat(status.at("/services/0/claim").isNull()).isTrue();
  }

  @Test
  void statusTellsWhatIsAndWhy() {
    api.engine.started();
    api.engine.demand(220);
    api.engine.reportWork(FakeEngine.BATCH, 12, 0, Duration.ofSeconds(3));
    api.engine.backoff(
        FakeEngine.BATCH, new Backoff(TestClock.START.plusSeconds(8), "ends at once"));
    await().until(() -> !api.get("/v1/status").json().at("/services/1/work").isNull());
    var status = api.get("/v1/status").json();
    assertThat(status.get("pool").asText()).isEqualTo("kittens");
    assertThat(status.get("ready").asBoolean()).isTrue();
    assertThat(status.at("/chart/resource").asText()).isEqualTo("slots");
    assertThat(status.at("/chart/capacity").asInt()).isEqualTo(20);
    assertThat(status.at("/used/slots").asInt()).isEqualTo(20);
    assertThat(status.at("/nodes/0/services/web/running").asInt()).isGreaterThan(0);
    var web = status.at("/services/0");
    assertThat(web.at("/reading/value").asDouble()).isEqualTo(220);
    assertThat(web.at("/claim/demand").asDouble()).isEqualTo(4.4);
    assertThat(web.at("/claim/reason").asText()).isEqualTo("demand is 4.40 replicas");
    assertThat(web.at("/grant/granted").asInt()).isEqualTo(5);
    assertThat(web.at("/replicas/running").asInt()).isEqualTo(5);
    assertThat(web.at("/reactionMillis/count").asInt()).isEqualTo(5);
    assertThat(web.at("/actions/start/accepted").asInt()).isEqualTo(5);
    assertThat(status.at("/services/1/backoff/reason").asText()).isEqualTo("ends at once");
    assertThat(status.at("/services/1/work/lost").asText()).isEqualTo("PT3S");
    assertThat(status.at("/lastPass/number").asInt()).isEqualTo(2);
    assertThat(status.at("/lastPlan/number").asInt()).isEqualTo(1);
    assertThat(status.at("/lastPlan/steps")).hasSize(20);
    assertThat(status.at("/figures/actions/start/accepted").asInt()).isEqualTo(20);
  }

  @Test
  void serviceListsItsReplicas() {
    api.engine.demand(100);
    var service = api.get("/v1/services/web").json();
    assertThat(service.get("replicas")).hasSize(2);
    assertThat(service.at("/replicas/0/state").asText()).isEqualTo("running");
    assertThat(api.get("/v1/services/nobody").status()).isEqualTo(404);
    assertThat(api.get("/v1/services/nobody").error("rule")).contains("web, batch");
  }

  @Test
  void explainsWhatWasKnownThen() {
    api.engine.demand(100); // passes 1 and 2, at 03:00
    api.clock.advance(Duration.ofMinutes(12));
    api.engine.demand(400); // passes 3 and 4, at 03:12
    api.clock.advance(Duration.ofMinutes(12));
    api.engine.read(FakeEngine.WEB, new Reading.Missing("the source hangs", api.clock.instant()));
    api.engine.pass(
        api.engine.decide(8, 8, 12),
        FakeEngine.waiting(FakeEngine.WEB, 3, "no room"),
        Trigger.READING);
    awaitPass(5);

    var then = api.get("/v1/services/web/explain?at=2026-03-01T03:12:30Z").json();
    assertThat(then.get("pass").asInt()).isEqualTo(4);
    assertThat(then.at("/reading/value").asDouble()).isEqualTo(400);
    assertThat(then.at("/decision/grant/granted").asInt()).isEqualTo(8);
    assertThat(then.get("decidedAt").asText()).isEqualTo("2026-03-01T03:12:00.000000000Z");
    assertThat(then.get("replacedAt").asText()).isEqualTo("2026-03-01T03:24:00.000000000Z");

    var now = api.get("/v1/services/web/explain").json();
    assertThat(now.get("pass").asInt()).isEqualTo(5);
    assertThat(now.at("/reading/missing").asText()).isEqualTo("the source hangs");
    assertThat(now.at("/waiting/0/reason").asText()).isEqualTo("no room");
    assertThat(now.get("replacedAt").isNull()).isTrue();

    var before = api.get("/v1/services/web/explain?at=2026-03-01T02:59:59Z");
    assertThat(before.status()).isEqualTo(404);
    assertThat(before.error("rule")).contains("2026-03-01T03:00:00.000000000Z");
    assertThat(api.get("/v1/services/web/explain?at=2026-03-01T04:00:00Z").status()).isEqualTo(400);
    assertThat(api.get("/v1/services/web/explain?at=yesterday").error("place"))
        .isEqualTo("query.at");
    assertThat(api.get("/v1/services/web/explain?at=-999999999-01-01T00:00:00Z").status())
        .isEqualTo(400);
  }

  @Test
  void pushedDemandReachesTheEngine() {
    var answer = api.put("/v1/services/web/demand", "{\"value\": 12.5}");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().get("at").asText()).isEqualTo("2026-03-01T03:00:00.000000000Z");
    api.put("/v1/services/web/demand", "{\"value\": 13, \"at\": \"2026-03-01T02:59:00.5Z\"}");
    assertThat(api.engine.pushed)
        .containsExactly(
            new FakeEngine.Pushed(FakeEngine.WEB, new Reading.Value(12.5, TestClock.START)),
            new FakeEngine.Pushed(
                FakeEngine.WEB, new Reading.Value(13, TestClock.START.minusMillis(59_500))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          web   | {"value": -1}                                    | 400 | body.value  | -1
          web   | {"value": "12"}                                  | 400 | body.value  | 12
          web   | {"value": 1e13}                                  | 400 | body.value  | 1.0E13
          web   | {"value": 1e999}                                 | 400 | body.value  | Infinity
          web   | {"value": NaN}                                   | 400 | body        | NaN
          web   | {}                                               | 400 | body.value  | nothing
          web   | {"value": null}                                  | 400 | body.value  | null
          web   | {"value": [1]}                                   | 400 | body.value  | [
          web   | {"value": 1, "valeu": 2}                         | 400 | body.valeu  | valeu
          web   | {"value": 1, "value": 2}                         | 400 | body        | value
          web   | {"value": 1} {}                                  | 400 | body        | {
          web   | {"value": 1                                      | 400 | body        | end-of-input
          web   | [1]                                              | 400 | body        | [
          web   | <html>                                           | 400 | body        | <
          web   | {"value": 1, "at": "2026-03-01T03:00:06Z"}       | 400 | body.at     | 03:00:06
          web   | {"value": 1, "at": "2026-03-01T02:54:59Z"}       | 400 | body.at     | 02:54:59
          web   | {"value": 1, "at": "soon"}                       | 400 | body.at     | soon
          web   | {"value": 1, "at": 12}                           | 400 | body.at     | 12
          batch | {"value": 1}                                     | 400 | path.name   | batch
          wob   | {"value": 1}                                     | 404 | path.name   | wob
          """)
  void badDemandIsOneClearError(
      String service, String body, int status, String place, String value) {
    var answer = api.put("/v1/services/" + service + "/demand", body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.error("place")).isEqualTo(place);
    assertThat(answer.error("value")).contains(value);
    assertThat(answer.error("rule")).isNotBlank();
    assertThat(answer.error("message")).contains(place);
    assertThat(api.engine.pushed).isEmpty();
  }

  @Test
  void bodiesAreBoundedAndJson() {
    var large = "{\"value\": 1" + " ".repeat(70_000) + "}";
    assertThat(api.put("/v1/services/web/demand", large).status()).isEqualTo(413);
    assertThat(
            api.put("/v1/services/web/demand", "{\"value\": 1}", "Content-Type", "text/plain")
                .status())
        .isEqualTo(415);
    assertThat(api.engine.pushed).isEmpty();
  }

  @Test
  void whatIsSetByHandAddsUpAndIsTakenBack() {
    api.put("/v1/services/web/override/demand", "{\"value\": 300}");
    api.post("/v1/services/web/spike", "{\"amount\": 50, \"seconds\": 1.5}");
    var all = api.put("/v1/services/web/suspended", "{\"suspended\": true}").json();
    assertThat(all.get("demand").asDouble()).isEqualTo(300);
    assertThat(all.get("spike").asDouble()).isEqualTo(50);
    assertThat(all.get("spikeUntil").asText()).isEqualTo("2026-03-01T03:00:01.500000000Z");
    assertThat(all.get("suspended").asBoolean()).isTrue();
    assertThat(api.engine.status().overrides().get(FakeEngine.WEB).spike()).isEqualTo(50);

    var back = api.delete("/v1/services/web/override/demand").json();
    assertThat(back.get("demand").isNull()).isTrue();
    assertThat(back.get("suspended").asBoolean()).isTrue();
    api.clock.advance(Duration.ofSeconds(2));
    var status = api.get("/v1/status").json().at("/services/0/override");
    assertThat(status.get("spike").asDouble()).isZero();
    assertThat(status.get("spikeUntil").isNull()).isTrue();
  }

  @Test
  void whatIsSetByHandAddsUpBeforeTheEngineHasComeToIt() {
    api.engine.deaf = true;
    api.put("/v1/services/web/override/demand", "{\"value\": 300}");
    api.put("/v1/services/web/suspended", "{\"suspended\": true}");
    api.post("/v1/services/web/spike", "{\"amount\": 50, \"seconds\": 1}");
    assertThat(api.engine.asked.getLast())
        .isEqualTo(
            new ManualOverride(OptionalDouble.of(300), 50, TestClock.START.plusSeconds(1), true));
  }

  @Test
  void whatSomebodyElseSetIsKept() {
    api.engine.override(FakeEngine.BATCH, ManualOverride.NONE.withSuspended(true));
    await()
        .until(() -> api.get("/v1/status").json().at("/services/1/override/suspended").asBoolean());
    api.engine.override(FakeEngine.WEB, ManualOverride.NONE.withSuspended(true));
    await()
        .untilAsserted(
            () ->
                assertThat(
                        api.put("/v1/services/web/override/demand", "{\"value\": 3}")
                            .json()
                            .get("suspended")
                            .asBoolean())
                    .isTrue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          PUT  | web/override/demand   | {"value": -3}                    | body.value
          PUT  | batch/override/demand | {"value": 3}                     | path.name
          POST | web/spike             | {"amount": 5}                    | body.seconds
          POST | web/spike             | {"amount": 5, "seconds": 0}      | body.seconds
          POST | web/spike             | {"amount": 5, "seconds": 3601}   | body.seconds
          POST | web/spike             | {"amount": -5, "seconds": 1}     | body.amount
          POST | batch/spike           | {"amount": 5, "seconds": 1}      | path.name
          PUT  | web/suspended         | {"suspended": "yes"}             | body.suspended
          PUT  | web/suspended         | {}                               | body.suspended
          """)
  void badSettingsAreRefused(String method, String path, String body, String place) {
    var answer = api.call(method, "/v1/services/" + path, body);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error("place")).isEqualTo(place);
    assertThat(api.engine.status().overrides()).isEmpty();
  }

  @Test
  void historyFillsAsTimeGoes() {
    api.engine.demand(100);
    await()
        .untilAsserted(
            () -> {
              var history = api.get("/v1/history").json();
              assertThat(history.get("t")).hasSizeGreaterThan(2);
              assertThat(history.at("/services/0/running")).hasSameSizeAs(history.get("t"));
              assertThat(history.at("/services/0/running/2").asInt()).isEqualTo(2);
            });
    assertThat(api.get("/v1/history?step=PT0.3S").error("place")).isEqualTo("query.step");
    assertThat(api.get("/v1/history?step=PT2H").status()).isEqualTo(400);
    assertThat(api.get("/v1/history?step=often").status()).isEqualTo(400);
    assertThat(api.get("/v1/history?since=2027-01-01T00:00:00Z").status()).isEqualTo(400);
    assertThat(api.get("/v1/history?step=PT0.5S&since=2026-03-01T02:00:00Z").status())
        .isEqualTo(200);
  }

  @Test
  void readyOnlyWhileTheOrchestratorIsSeen() {
    assertThat(api.get("/healthz").status()).isEqualTo(200);
    assertThat(api.get("/readyz").status()).isEqualTo(503);
    api.engine.demand(50);
    assertThat(api.get("/readyz").status()).isEqualTo(200);
    api.engine.blind("connection refused");
    var blind = api.get("/readyz");
    assertThat(blind.status()).isEqualTo(503);
    assertThat(blind.json().get("reason").asText()).isEqualTo("connection refused");
    assertThat(api.get("/v1/status").json().get("blind").asText()).isEqualTo("connection refused");
    assertThat(api.get("/healthz").status()).isEqualTo(200);
  }

  @Test
  void unknownPathsAndMethodsAreJsonErrors() {
    assertThat(api.get("/v1/nothing").status()).isEqualTo(404);
    assertThat(api.post("/v1/nothing", "{}").status()).isEqualTo(404);
    var wrong = api.post("/v1/status", "{}");
    assertThat(wrong.status()).isEqualTo(405);
    assertThat(wrong.header("Allow")).isEqualTo("GET");
    assertThat(api.get("/v1/services/web/spike").header("Allow")).isEqualTo("POST");
    assertThat(api.get("/v1/services/web/override/demand").header("Allow"))
        .isEqualTo("DELETE, PUT");
    assertThat(api.raw("GARBAGE\r\n\r\n")).contains("400").contains("{\"error\":");
    assertThat(
            api.raw(
                "GET /"
                    + "x".repeat(20_000)
                    + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        .contains("414")
        .contains("{\"error\":");
  }

  @Test
  void metricsCountWhatHappens() {
    api.engine.demand(220);
    api.engine.failed(
        new Action.Pause(
            FakeEngine.WEB, api.engine.replica(FakeEngine.WEB, ReplicaState.RUNNING).id()),
        "no");
    await()
        .untilAsserted(
            () ->
                assertThat(api.get("/metrics").body())
                    .contains(
                        "microscale_actions_total{outcome=\"accepted\",verb=\"start\"} 20.0",
                        "microscale_actions_total{outcome=\"rejected\",verb=\"pause\"} 1.0",
                        "microscale_reaction_seconds_count{service=\"web\"} 5",
                        "microscale_reaction_seconds_bucket{service=\"web\",le=\"0.01\"} 5",
                        "microscale_decision_seconds_count 2",
                        "microscale_claim_replicas{service=\"web\"} 5.0",
                        "microscale_granted_replicas{service=\"batch\"} 15.0",
                        "microscale_replicas{service=\"web\",state=\"running\"} 5.0",
                        "microscale_unserved_replica_seconds_total{service=\"web\"} 0.0",
                        "microscale_demand_replicas{service=\"web\"} 4.4",
                        "microscale_utilisation_ratio{resource=\"slots\"} 1.0",
                        "microscale_reading_age_seconds{service=\"web\"} 0.0",
                        "microscale_blind 0.0",
                        "microscale_passes_total{trigger=\"reading\"} 1.0",
                        "microscale_stream_clients 0.0",
                        "microscale_stream_dropped_total 0.0",
                        "jvm_memory_used_bytes{"));
    assertThat(api.get("/metrics").header("Content-Type")).startsWith("text/plain");
  }

  @Test
  void everyRouteIsDescribedAndEveryDescribedOneIsServed() {
    var engine = new FakeEngine(api.clock);
    var broadcast = new Broadcast("x");
    var hand = new Hand(engine);
    var follower = new Follower(engine, new EventFeed(), api.clock, broadcast, hand);
    var calls = new Calls(engine, api.clock, follower, broadcast, hand, "x");
    var access = new Access(ServerSettings.local(0), api.clock);
    var served =
        new Routes(engine, calls, access, follower)
            .all().stream().map(route -> route.method() + " " + route.path()).toList();
    assertThat(served).containsExactlyInAnyOrderElementsOf(Description.operations());
    // And the list is what answers: none of them is an unknown path.
    for (var operation : Description.operations()) {
      var words = List.of(operation.split(" ", 2));
      if (!operation.contains("events")
          && !operation.contains("{file}")
          && !operation.endsWith(" /")) {
        var answer = api.call(words.getFirst(), words.getLast().replace("{name}", "web"), null);
        assertThat(answer.status()).as(operation).isNotEqualTo(405);
        assertThat(answer.body()).as(operation).doesNotContain("need a path of");
      }
    }
  }
}
