package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HistoriesTest {
  private final TestClock clock = new TestClock();
  private final FakeEngine engine = new FakeEngine(clock);
  private final DecisionHistory history = new DecisionHistory(40);

  @BeforeEach
  void follow() {
    engine.subscribe(history);
  }

  private DecisionHistory.Found web(Instant at) {
    return history.at(FakeEngine.WEB, at).orElseThrow();
  }

  private void pass(double demand, int web) {
    engine.read(FakeEngine.WEB, new Reading.Value(demand, clock.instant()));
    engine.pass(engine.decide(demand, web, 20 - web), Plan.EMPTY, Trigger.READING);
    clock.advance(Duration.ofSeconds(1));
  }

  @Test
  void passesThatComeToTheSameAreOneEntry() {
    pass(3.1, 4);
    pass(3.2, 4);
    pass(3.9, 4);
    pass(4.1, 5);
    var found = web(TestClock.START.plusMillis(2500));
    assertThat(found.entry().pass()).isEqualTo(1);
    assertThat(found.entry().passes()).isEqualTo(3);
    assertThat(found.entry().reading()).isEqualTo(new Reading.Value(3.1, TestClock.START));
    assertThat(found.entry().lastReading())
        .isEqualTo(new Reading.Value(3.9, TestClock.START.plusSeconds(2)));
    assertThat(found.entry().lastAt()).isEqualTo(TestClock.START.plusSeconds(2));
    assertThat(found.replacedAt()).isEqualTo(TestClock.START.plusSeconds(3));
    assertThat(web(clock.instant()).entry().pass()).isEqualTo(4);
    assertThat(web(clock.instant()).replacedAt()).isNull();
  }

  @Test
  void beforeTheFirstDecisionThereIsNoAnswer() {
    pass(3, 3);
    assertThat(history.at(FakeEngine.WEB, TestClock.START.minusNanos(1))).isEmpty();
    assertThat(history.at(FakeEngine.WEB, TestClock.START)).isPresent();
    assertThat(history.oldest(FakeEngine.WEB)).contains(TestClock.START);
  }

  @Test
  void itIsBounded() {
    for (int i = 0; i < 500; i++) {
      pass(1 + i % 7, 1 + i % 7);
    }
    // 40 entries for two services
    assertThat(history.oldest(FakeEngine.WEB)).contains(clock.instant().minusSeconds(20));
    pass(9, 9);
    clock.advance(Duration.ofHours(23));
    pass(8, 8);
    assertThat(
            web(clock.instant().minus(Duration.ofHours(22))).entry().decision().grant().granted())
        .isEqualTo(9);
    clock.advance(Duration.ofHours(23));
    pass(7, 7);
    // What was in force 24 hours ago is kept, what was before is not.
    assertThat(
            web(clock.instant().minus(Duration.ofHours(24))).entry().decision().grant().granted())
        .isEqualTo(9);
    assertThat(history.at(FakeEngine.WEB, clock.instant().minus(Duration.ofHours(47)))).isEmpty();
  }

  @Test
  void aQuietServiceKeepsItsDecisionWhileAnotherIsBusy() {
    for (int i = 0; i < 500; i++) {
      engine.pass(
          List.of(engine.decide(3, 3, 17).getFirst(), engine.decide(3, 3, 1 + i % 16).getLast()),
          Plan.EMPTY,
          Trigger.READING);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(web(TestClock.START).entry().passes()).isEqualTo(500);
  }

  @Test
  void whatWasUnderWayIsTold() {
    var start =
        new Action.Start(
            FakeEngine.WEB, new ReplicaId("web-9"), new NodeId("node-a"), Resources.slots(1));
    var steps = new Plan(List.of(new Step(start, Optional.empty(), "has none")), List.of());
    engine.pass(engine.decide(1, 1, 0), steps, Trigger.READING);
    clock.advance(Duration.ofSeconds(1));
    engine.pass(engine.decide(2, 2, 0), Plan.EMPTY, Trigger.READING);
    clock.advance(Duration.ofSeconds(1));
    engine.ended(start);
    engine.pass(engine.decide(3, 3, 0), Plan.EMPTY, Trigger.READING);
    assertThat(web(TestClock.START).entry().inFlight()).isEmpty();
    assertThat(web(TestClock.START).entry().steps()).isEqualTo(steps.steps());
    assertThat(web(TestClock.START.plusSeconds(1)).entry().inFlight()).containsExactly(start);
    assertThat(web(TestClock.START.plusSeconds(2)).entry().inFlight()).isEmpty();
  }

  @Test
  void theChartWrapsAroundAndThinsOut() throws IOException {
    var chart = new ChartHistory(List.of("web"), 100);
    for (int i = 0; i < 250; i++) {
      chart.add(frame(i));
    }
    var all = written(chart, Instant.EPOCH, Duration.ZERO);
    assertThat(all.get("t")).hasSize(100);
    assertThat(all.at("/services/0/running/0").asInt()).isEqualTo(150);
    assertThat(all.at("/services/0/running/99").asInt()).isEqualTo(249);
    assertThat(all.at("/services/0/demand/99").asDouble()).isEqualTo(249.5);
    var since = written(chart, at(240), Duration.ZERO);
    assertThat(since.get("t")).hasSize(10);
    assertThat(since.at("/t/0").asLong()).isEqualTo(at(240).toEpochMilli());
    var thin = written(chart, at(200), Duration.ofSeconds(1));
    assertThat(thin.get("step").asText()).isEqualTo("PT1S");
    assertThat(thin.get("t")).hasSize(12);
    assertThat(thin.at("/services/0/running/0").asInt()).isEqualTo(203);
    assertThat(written(chart, at(1000), Duration.ZERO).get("t")).isEmpty();
  }

  private static Instant at(int sample) {
    return TestClock.START.plus(ChartHistory.SAMPLE.multipliedBy(sample));
  }

  private static Frame frame(int i) {
    var point = new Frame.Point("web", OptionalDouble.empty(), i + 0.5, i, i, 0, i, 0, 0);
    return new Frame(at(i), i, 0, false, "slots", 20, i, 0, List.of(point));
  }

  private static JsonNode written(ChartHistory chart, Instant since, Duration step)
      throws IOException {
    var json = Json.bytes(out -> chart.write(out, "run", since, step));
    return new ObjectMapper().readTree(json);
  }
}
