package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.Plan;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FiguresTest {
  private final TestClock clock = new TestClock();
  private final FakeEngine engine = new FakeEngine(clock);
  private final Figures figures = new Figures();

  @BeforeEach
  void follow() {
    engine.subscribe(figures);
    engine.started();
  }

  private Figures.Snapshot now() {
    return figures.snapshot(clock.instant());
  }

  private List<Replica> running(int count) {
    var replicas = new ArrayList<Replica>();
    for (int i = 0; i < count; i++) {
      replicas.add(engine.replica(FakeEngine.WEB, ReplicaState.RUNNING));
    }
    return replicas;
  }

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(now().utilisationPercent()).isEmpty();
    assertThat(now().unservedPercent()).isEmpty();
    assertThat(now().reactionMillis().count()).isZero();
  }

  @Test
  void utilisationIsRunningByCapacityOverTime() {
    engine.observe(List.of(), List.of()); // 20 slots
    clock.advance(Duration.ofSeconds(10)); // idle
    var ten = running(10);
    engine.observe(ten, List.of());
    clock.advance(Duration.ofSeconds(10)); // half
    engine.observe(ten.stream().map(r -> r.in(ReplicaState.PAUSED)).toList(), List.of());
    clock.advance(Duration.ofSeconds(5)); // idle: paused, and starting next, do not count
    engine.observe(ten.stream().map(r -> r.in(ReplicaState.STARTING)).toList(), List.of());
    clock.advance(Duration.ofSeconds(5));
    // 10 slots for 10 s of 20 slots for 30 s
    assertThat(now().utilisationPercent().getAsDouble()).isCloseTo(100.0 / 6, within(1e-9));
    assertThat(now().utilisationPercentNow().getAsDouble()).isZero();
  }

  @Test
  void aThrottledReplicaCountsForWhatItMayUse() {
    var one = running(1).getFirst();
    engine.observe(List.of(one.using(Resources.slots(4))), List.of());
    clock.advance(Duration.ofSeconds(10));
    engine.observe(List.of(one.using(Resources.slots(2))), List.of());
    clock.advance(Duration.ofSeconds(10));
    assertThat(now().utilisationPercent().getAsDouble()).isCloseTo(15, within(1e-9));
    assertThat(figures.usedNow("slots")).isEqualTo(2);
    engine.observe(List.of(), List.of(one.id()));
    assertThat(figures.usedNow("slots")).isZero();
  }

  @Test
  void unservedIsDemandWithoutAReadyReplicaByDemand() {
    engine.observe(running(3), List.of());
    engine.pass(engine.decide(4, 4, 0), Plan.EMPTY, Trigger.READING);
    clock.advance(Duration.ofSeconds(2)); // 1 of 4 short
    assertThat(now().unservedReplicasNow()).isEqualTo(1);
    engine.observe(running(2), List.of());
    clock.advance(Duration.ofSeconds(8)); // more than enough
    // 2 of 40 replica seconds
    assertThat(now().unservedPercent().getAsDouble()).isCloseTo(5, within(1e-9));
    assertThat(now().service(FakeEngine.WEB).demandReplicaSeconds()).isCloseTo(40, within(1e-9));
    assertThat(now().unservedReplicasNow()).isZero();
    // What a remainder service lacks is nobody's loss.
    assertThat(now().service(FakeEngine.BATCH).unservedReplicaSeconds()).isZero();
  }

  @Test
  void actionsAreCountedByVerbAndOutcome() {
    var id = running(1).getFirst().id();
    engine.ended(new Action.Pause(FakeEngine.BATCH, id));
    engine.ended(new Action.Resume(FakeEngine.BATCH, id));
    engine.ended(new Action.Pause(FakeEngine.WEB, id));
    engine.failed(new Action.Pause(FakeEngine.WEB, id), "no");
    assertThat(now().actions("pause")).isEqualTo(new Figures.ActionCount(2, 1));
    assertThat(now().service(FakeEngine.WEB).actions("pause"))
        .isEqualTo(new Figures.ActionCount(1, 1));
    assertThat(now().actions("start")).isEqualTo(new Figures.ActionCount(0, 0));
  }

  @Test
  void timesComeAsPercentiles() {
    var id = running(1).getFirst().id();
    for (int i = 1; i <= 100; i++) {
      engine.reacted(id, Duration.ofMillis(i));
    }
    engine.pass(List.of(), Plan.EMPTY, Trigger.RESYNC); // 123 µs
    var reaction = now().reactionMillis();
    assertThat(reaction.count()).isEqualTo(100);
    assertThat(reaction.p50()).isCloseTo(50, within(0.1));
    assertThat(reaction.p99()).isCloseTo(99, within(0.1));
    assertThat(reaction.max()).isCloseTo(100, within(0.1));
    assertThat(now().decisionMicros().p50()).isCloseTo(123, within(0.2));
    assertThat(now().service(FakeEngine.WEB).reactionMillis().p90()).isCloseTo(90, within(1.0));
  }

  @Test
  void aRecordingGivesTheSameFigures() {
    var recorded = new ArrayList<String>();
    engine.subscribe(e -> recorded.add(new String(EventJson.bytes(e), StandardCharsets.UTF_8)));
    var replayed = new Figures();
    replayed.accept(
        new LoopEvent.Started(clock.instant(), FakeEngine.webAndBatch(), "fake", Set.of(), false));
    var random = new SplittableRandom(7);
    for (int i = 0; i < 200; i++) {
      clock.advance(Duration.ofMillis(random.nextInt(500)));
      engine.demand(random.nextInt(1200));
    }
    recorded.forEach(line -> replayed.accept(EventJson.parse(line)));
    assertThat(replayed.snapshot(clock.instant())).isEqualTo(now());
    assertThat(now().utilisationPercent().getAsDouble()).isGreaterThan(50);
  }

  @Test
  void afterMissedEventsItGoesOnFromWhatIs() {
    engine.observe(running(10), List.of());
    clock.advance(Duration.ofSeconds(10)); // half
    var missed = running(10);
    var status = status(missed);
    figures.resume(status);
    clock.advance(Duration.ofSeconds(10)); // all
    assertThat(now().utilisationPercent().getAsDouble()).isCloseTo(75, within(1e-9));
  }

  /// What the engine is after events that the figures never saw.
  private EngineStatus status(List<Replica> more) {
    var other = new FakeEngine(clock);
    var all = new ArrayList<>(engine.status().snapshot().orElseThrow().replicas());
    all.addAll(more);
    other.observe(all, List.of());
    return other.status();
  }
}
