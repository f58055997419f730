package io.microscale.core.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadyTimesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Node NODE = Node.of("n", Resources.slots(1_000));
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId OTHER = new ServiceId("other");

  private ReadyTimes times = ReadyTimes.UNKNOWN;
  private int made;

  private static Instant at(long millis) {
    return START.plusMillis(millis);
  }

  private static Replica replica(ServiceId service, String name, ReplicaState state, Instant at) {
    return Replica.of(new ReplicaId(name), service, NODE.id(), state, Resources.slots(1), at);
  }

  private static Action start(ServiceId service, String name) {
    return new Action.Start(service, new ReplicaId(name), NODE.id(), Resources.slots(1));
  }

  private static Action resume(String name) {
    return new Action.Resume(WEB, new ReplicaId(name));
  }

  private void asked(long millis, Action... actions) {
    var steps = new ArrayList<Step>();
    for (var action : actions) {
      steps.add(new Step(action, Optional.empty(), "as claimed"));
    }
    times = times.asked(new Plan(steps, List.of()), at(millis));
  }

  private void seen(long millis, Replica... replicas) {
    seen(millis, false, replicas);
  }

  private void seen(long millis, boolean scales, Replica... replicas) {
    times =
        times.seen(Snapshot.of(at(millis), List.of(NODE), List.of(replicas)), scales, at(millis));
  }

  /// One more replica that takes so long.
  private void started(long tookMillis) {
    var name = "r" + made++;
    asked(0, start(WEB, name));
    seen(tookMillis, replica(WEB, name, ReplicaState.RUNNING, at(0)));
  }

  private void assertStarts(long millis) {
    assertThat(times.ofStarts(WEB)).contains(Duration.ofMillis(millis));
  }

  @Test
  void nothingIsKnownAtTheBeginning() {
    assertThat(times.ofStarts(WEB)).isEmpty();
    assertThat(times.ofResumes(WEB)).isEmpty();
  }

  @Test
  void timeIsFromAskedToReady() {
    asked(0, start(WEB, "a"));
    seen(100);
    seen(200, replica(WEB, "a", ReplicaState.STARTING, at(150)));
    assertThat(times.ofStarts(WEB)).isEmpty();
    seen(700, replica(WEB, "a", ReplicaState.RUNNING, at(150)));
    assertStarts(700);
    seen(5_000, replica(WEB, "a", ReplicaState.RUNNING, at(150)));
    assertStarts(700);
    assertThat(times.ofResumes(WEB)).isEmpty();
    assertThat(times.ofStarts(OTHER)).isEmpty();
  }

  @Test
  void startsAndResumesAreApartAndSoAreServices() {
    asked(0, start(WEB, "a"), resume("b"), start(OTHER, "c"));
    seen(
        40,
        replica(WEB, "a", ReplicaState.STARTING, at(0)),
        replica(WEB, "b", ReplicaState.RUNNING, at(0)));
    seen(
        900,
        replica(WEB, "a", ReplicaState.RUNNING, at(0)),
        replica(WEB, "b", ReplicaState.RUNNING, at(0)),
        replica(OTHER, "c", ReplicaState.STARTING, at(0)));
    seen(3_000, replica(OTHER, "c", ReplicaState.RUNNING, at(0)));
    assertStarts(900);
    assertThat(times.ofResumes(WEB)).contains(Duration.ofMillis(40));
    assertThat(times.ofStarts(OTHER)).contains(Duration.ofSeconds(3));
  }

  @Test
  void nineOfTenWereAtMostThatLong() {
    started(500);
    assertStarts(500);
    started(100);
    assertStarts(500);
    for (int i = 3; i <= 9; i++) {
      started(100);
    }
    // The ninth of nine, and the ninth of ten.
    assertStarts(500);
    started(200);
    assertStarts(200);
  }

  @Test
  void onlyTheLastThirtyTwoCount() {
    for (int i = 1; i <= 32; i++) {
      started(i * 100L);
    }
    // The 29th of 32.
    assertStarts(2_900);
    for (int i = 0; i < 28; i++) {
      started(10);
    }
    // 2900 to 3200 are still among them, as the last four of 32.
    assertStarts(2_900);
    started(10);
    assertStarts(10);
  }

  @Test
  void lastAskingCounts() {
    asked(0, start(WEB, "a"));
    asked(5_000, start(WEB, "a"));
    seen(5_300, replica(WEB, "a", ReplicaState.RUNNING, at(5_000)));
    assertStarts(300);
  }

  @Test
  void whatLeavesOrNeverComesIsNotWaitedFor() {
    asked(0, start(WEB, "left"), start(WEB, "never"), start(WEB, "late"));
    seen(100, replica(WEB, "left", ReplicaState.STOPPING, at(0)));
    seen(200, replica(WEB, "left", ReplicaState.RUNNING, at(0)));
    assertThat(times.ofStarts(WEB)).as("one that was leaving").isEmpty();
    seen(599_999, replica(WEB, "late", ReplicaState.RUNNING, at(0)));
    assertStarts(599_999);
    seen(600_000);
    seen(600_001, replica(WEB, "never", ReplicaState.RUNNING, at(0)));
    assertStarts(599_999);
  }

  @Test
  void othersThanStartsAndResumesAreNotAwaited() {
    asked(
        0,
        new Action.Stop(WEB, new ReplicaId("a")),
        new Action.Pause(WEB, new ReplicaId("b")),
        new Action.Resize(WEB, new ReplicaId("c"), Resources.slots(1)),
        new Action.Scale(WEB, 4));
    assertThat(times).isSameAs(ReadyTimes.UNKNOWN);
  }

  @Test
  void whereOnlyNumbersAreToldWhatStartsIsAwaited() {
    seen(100, true, replica(WEB, "a", ReplicaState.STARTING, at(50)));
    seen(300, true, replica(WEB, "a", ReplicaState.STARTING, at(50)));
    seen(1_050, true, replica(WEB, "a", ReplicaState.RUNNING, at(50)));
    assertStarts(1_000);
    // One that was never seen starting has no time.
    seen(9_000, true, replica(WEB, "b", ReplicaState.RUNNING, at(0)));
    assertStarts(1_000);
  }

  @Test
  void whereReplicasAreNamedOthersAreNotAwaited() {
    seen(100, replica(WEB, "a", ReplicaState.STARTING, at(50)));
    seen(900, replica(WEB, "a", ReplicaState.RUNNING, at(50)));
    assertThat(times.ofStarts(WEB)).isEmpty();
  }

  /// The clock of an orchestrator may be ahead, and this one may be set back.
  @Test
  void timeIsNeverNegative() {
    seen(100, true, replica(WEB, "a", ReplicaState.STARTING, at(60_000)));
    seen(500, true, replica(WEB, "a", ReplicaState.RUNNING, at(60_000)));
    assertStarts(400);
    asked(1_000, resume("b"));
    seen(200, replica(WEB, "b", ReplicaState.RUNNING, at(0)));
    assertThat(times.ofResumes(WEB)).contains(Duration.ZERO);
  }

  @Test
  void whatIsAwaitedIsBounded() {
    var many = new Action[10_001];
    for (int i = 0; i < many.length; i++) {
      many[i] = start(WEB, "r%05d".formatted(i));
    }
    asked(0, many);
    seen(100, replica(WEB, "r10000", ReplicaState.RUNNING, at(0)));
    assertThat(times.ofStarts(WEB)).as("one too many").isEmpty();
    seen(200, replica(WEB, "r09999", ReplicaState.RUNNING, at(0)));
    assertStarts(200);
  }

  @Test
  void valueStaysAsItIs() {
    asked(0, start(WEB, "a"));
    var before = times;
    seen(100, replica(WEB, "a", ReplicaState.RUNNING, at(0)));
    assertStarts(100);
    assertThat(before.ofStarts(WEB)).isEmpty();
    times = before;
    seen(300, replica(WEB, "a", ReplicaState.RUNNING, at(0)));
    assertStarts(300);
  }
}
