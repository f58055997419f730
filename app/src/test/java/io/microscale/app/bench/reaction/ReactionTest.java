package io.microscale.app.bench.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Samples;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Standings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReactionTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Machine MACHINE =
      new Machine(2, "some", OptionalLong.of(1L << 34), "Linux", "6", true);

  @Test
  void aStepIsTwoNumbersOfReplicas() {
    assertThat(Step.of("2:16", 20, true)).isEqualTo(new Step(2, 16, 20, true));
    assertThat(Step.of("2:16", 20, true).rise()).isEqualTo(14);
  }

  @ParameterizedTest
  @ValueSource(strings = {"16:2", "2:2", "2:21", "2", "a:b", "-1:4", ""})
  void whatIsNoRiseWithinThePoolIsRefused(String text) {
    assertThatThrownBy(() -> Step.of(text, 20, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("FROM:TO");
  }

  @Test
  void theWatchTellsWhenHowManyWereReady() throws InterruptedException {
    var watch = new Watch();
    watch.accept(observed(true, replicas(Loop.WEB, 1, ReplicaState.RUNNING), List.of()));
    watch.accept(observed(false, replicas(Loop.BATCH, 3, ReplicaState.RUNNING), List.of()));
    watch.begin(3);
    assertThat(watch.millisUntil(1)).isZero();
    assertThat(watch.millisUntil(2)).isNegative();
    assertThat(watch.await(Duration.ZERO, () -> watch.moving() > 0)).isFalse();

    watch.accept(observed(false, replicas(Loop.WEB, 3, ReplicaState.STARTING), List.of()));
    assertThat(watch.moving()).isEqualTo(3);
    watch.accept(
        observed(
            false,
            replicas(Loop.WEB, 3, ReplicaState.RUNNING),
            List.of(new LoopEvent.Gone(Loop.BATCH, new ReplicaId("batch-0")))));
    assertThat(watch.millisUntil(3)).isNotNegative().isEqualTo(watch.millisUntil(2));
    assertThat(watch.lost()).isEqualTo(1);
    // Two, and later three, were missing for as long as it took.
    double unserved = watch.unserved();
    assertThat(unserved).isBetween(0.0, 3 * watch.millisUntil(3) / 1000 + 0.001);
    assertThat(watch.unserved()).as("nothing is missing any more").isEqualTo(unserved);
  }

  @Test
  void theReportGivesMediansAndTheRatio() {
    var report = report(Optional.of(limit()));
    assertThat(report.ratio()).contains(1.1);
    var json = report.json();
    assertThat(json.path("first").path("medianMillis").asDouble()).isEqualTo(60);
    assertThat(json.path("all").path("medianMillis").asDouble()).isEqualTo(550);
    assertThat(json.path("ratio").asDouble()).isEqualTo(1.1);
    assertThat(json.path("batchUnitsLost").asInt()).isEqualTo(3);
    assertThat(json.path("raw").path("tried")).hasSize(2);
    assertThat(json.path("rounds").path(1).path("idleBeforePercent").isNull()).isTrue();
    assertThat(report.lines())
        .anyMatch(line -> line.contains("ratio 1.10") && line.contains("3 at once"))
        .anyMatch(line -> line.contains("2 -> 16 of 20 slots"));
  }

  @Test
  void withoutARawLimitThereIsNoRatio() {
    var report = report(Optional.empty());
    assertThat(report.ratio()).isEmpty();
    assertThat(report.json().path("ratio").isNull()).isTrue();
    assertThat(report.lines()).noneMatch(line -> line.contains("ratio"));
  }

  private static ReactionReport.Limit limit() {
    return new ReactionReport.Limit(
        "3 at once",
        new Samples(List.of(500.0, 480.0, 520.0)),
        List.of(
            new ReactionReport.Tried("2 at once", 700),
            new ReactionReport.Tried("3 at once", 500)));
  }

  private static ReactionReport report(Optional<ReactionReport.Limit> limit) {
    return new ReactionReport(
        MACHINE,
        "docker",
        "Docker 1",
        new Step(2, 16, 20, true),
        Ladder.PAUSE,
        List.of(
            new Round(50, 300, 550, 4, 0, OptionalDouble.of(97)),
            new Round(60, 310, 540, 4, 1, OptionalDouble.empty()),
            new Round(70, 320, 600, 4, 2, OptionalDouble.of(90))),
        limit,
        90);
  }

  private static LoopEvent observed(
      boolean complete, List<Replica> changed, List<LoopEvent.Gone> gone) {
    return new LoopEvent.Observed(NOW, complete, List.of(), changed, gone, Standings.NONE);
  }

  private static List<Replica> replicas(ServiceId service, int count, ReplicaState state) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                Replica.of(
                    new ReplicaId(service + "-" + i),
                    service,
                    new NodeId("n"),
                    state,
                    Resources.slots(1),
                    NOW))
        .toList();
  }
}
