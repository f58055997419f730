package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DispatcherTest {
  private static final ReplicaId A = new ReplicaId("web-a");
  private static final ReplicaId B = new ReplicaId("web-b");
  private static final long MILLI = 1_000_000;
  private static final double TEN_A_SECOND = 10;

  private record Sent(ReplicaId replica, long request, long question) {}

  private final List<Sent> sent = new ArrayList<>();
  private boolean broken;
  private final Dispatcher dispatcher =
      new Dispatcher(
          TEN_A_SECOND,
          1,
          (replica, request, question) ->
              !broken && sent.add(new Sent(replica, request, question)));

  private void answer(Sent to, long now) {
    answer(to, Work.answer(to.question), now);
  }

  private void answer(Sent to, long result, long now) {
    dispatcher.answer(new Said.Answer(to.replica, to.request, result), now);
  }

  @Test
  void aRightAnswerInTimeCounts() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    answer(sent.getFirst(), 3 * MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 1, 0, 0, 0, 0));
    assertThat(dispatcher.answerMicros().getMaxValue()).isBetween(2990L, 3010L);
    assertThat(dispatcher.nextExpiry()).isEmpty();
  }

  @Test
  void withoutAReadyReplicaARequestIsMissedAtOnce() {
    dispatcher.request(0);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 0, 1, 0, 1, 0));
  }

  @Test
  void aWrongAnswerIsMissed() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    answer(sent.getFirst(), Work.answer(sent.getFirst().question) + 1, MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 0, 1, 1, 0, 0));
  }

  @Test
  void aLateAnswerIsMissedWhetherOrNotItWasGivenUpBefore() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    dispatcher.request(0);
    long late = Dispatcher.PATIENCE_NANOS + 1;
    answer(sent.get(0), late);
    assertThat(dispatcher.nextExpiry()).hasValue(late);
    dispatcher.expire(late - 1);
    assertThat(dispatcher.counts().missed()).isEqualTo(1);
    dispatcher.expire(late);
    answer(sent.get(1), late);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(2, 0, 2, 0, 0, 0));
  }

  @Test
  void aReplicaTakesNoMoreThanItsShareASecond() {
    dispatcher.ready(A, 0);
    for (long now = 0; now < 10_000 * MILLI; now += 10 * MILLI) {
      dispatcher.request(now);
      if (!sent.isEmpty()) {
        answer(sent.getLast(), now);
      }
    }
    // What the bucket holds at the start, and then ten a second.
    assertThat(dispatcher.counts().answered()).isBetween(100L, 102L);
    assertThat(dispatcher.counts().refused()).isEqualTo(1000 - dispatcher.counts().answered());
  }

  @Test
  void aReplicaThatDoesNotAnswerGetsTwoAtMost() {
    dispatcher.ready(A, 0);
    for (long second = 0; second < 5; second++) {
      dispatcher.request(second * 1000 * MILLI);
      dispatcher.expire(second * 1000 * MILLI + Dispatcher.PATIENCE_NANOS + 1);
    }
    assertThat(sent).hasSize(2);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(5, 0, 5, 0, 3, 0));
  }

  @Test
  void theOneWithTheMostRoomGetsTheRequest() {
    dispatcher.ready(A, 0);
    dispatcher.ready(B, 0);
    for (int i = 0; i < 4; i++) {
      dispatcher.request(0);
    }
    assertThat(sent).extracting(Sent::replica).containsExactly(A, B, A, B);
  }

  @Test
  void aLeavingReplicaGetsNothingMoreButMayAnswer() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    dispatcher.leaving(A);
    dispatcher.request(0);
    answer(sent.getFirst(), MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(2, 1, 1, 0, 1, 0));
  }

  @Test
  void whatLiesAtAPausedReplicaIsHandedToAnotherOnce() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    dispatcher.ready(B, 0);
    dispatcher.paused(A, MILLI);
    assertThat(sent).extracting(Sent::replica).containsExactly(A, B);
    assertThat(sent.get(1).request).isEqualTo(sent.get(0).request);
    answer(sent.get(1), 2 * MILLI);
    // The paused one answers when it is resumed, and that counts no second time.
    dispatcher.ready(A, 3 * MILLI);
    answer(sent.get(0), 4 * MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 1, 0, 0, 0, 1));

    dispatcher.request(5 * MILLI);
    dispatcher.paused(A, 5 * MILLI);
    dispatcher.ready(A, 5 * MILLI);
    dispatcher.paused(B, 5 * MILLI);
    assertThat(sent).hasSize(4);
  }

  @Test
  void whatLiesAtADeadReplicaIsHandedToAnother() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    dispatcher.ready(B, 0);
    dispatcher.gone(A, MILLI);
    answer(sent.getLast(), 2 * MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 1, 0, 0, 0, 1));
    assertThat(dispatcher.known()).containsExactly(B);
  }

  @Test
  void ifNobodyHasRoomThePausedOneMayStillAnswer() {
    dispatcher.ready(A, 0);
    dispatcher.request(0);
    dispatcher.paused(A, MILLI);
    dispatcher.ready(A, 2 * MILLI);
    answer(sent.getFirst(), 3 * MILLI);
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(1, 1, 0, 0, 0, 0));
  }

  @Test
  void aReplicaThatCannotBeReachedIsPassedOver() {
    dispatcher.ready(A, 0);
    broken = true;
    dispatcher.request(0);
    broken = false;
    dispatcher.request(0);
    assertThat(sent).isEmpty();
    assertThat(dispatcher.counts()).isEqualTo(new Dispatcher.Counts(2, 0, 2, 0, 2, 0));
  }

  @Test
  void everyRequestEndsAsAnsweredOrMissed() {
    var random = new java.util.SplittableRandom(7);
    long now = 0;
    var replicas = List.of(A, B, new ReplicaId("web-c"));
    for (int step = 0; step < 20_000; step++) {
      now += random.nextInt(20) * MILLI;
      var replica = replicas.get(random.nextInt(3));
      switch (random.nextInt(8)) {
        case 0 -> dispatcher.ready(replica, now);
        case 1 -> dispatcher.paused(replica, now);
        case 2 -> dispatcher.leaving(replica);
        case 3 -> dispatcher.gone(replica, now);
        case 4, 5 -> dispatcher.request(now);
        default -> {
          if (!sent.isEmpty()) {
            answer(sent.get(Math.max(0, sent.size() - 1 - random.nextInt(4))), now);
          }
        }
      }
      dispatcher.expire(now);
    }
    dispatcher.expire(now + Dispatcher.PATIENCE_NANOS + 1);
    var counts = dispatcher.counts();
    assertThat(counts.answered()).isPositive();
    assertThat(counts.retried()).isPositive();
    assertThat(counts.sent()).isEqualTo(counts.answered() + counts.missed());
    assertThat(dispatcher.nextExpiry()).isEmpty();
  }
}
