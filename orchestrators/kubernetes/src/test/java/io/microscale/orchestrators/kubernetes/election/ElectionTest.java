package io.microscale.orchestrators.kubernetes.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ElectionTest {
  private static final Duration LEASE = Duration.ofSeconds(15);
  private static final Duration DEADLINE = Duration.ofSeconds(10);
  private static final Duration MOMENT = Duration.ofMillis(1);

  /// Starts near the end of what a long holds: elapsed time wraps around.
  private final AtomicLong ticks = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);

  private Instant wall = Instant.parse("2026-03-01T12:00:00.123456789Z");
  private final FakeLease lease = new FakeLease();
  private final Election a = election("a");
  private final Election b = election("b");

  private Election election(String identity) {
    var settings =
        new ElectionSettings(
            "microscale", "pool", identity, LEASE, DEADLINE, Duration.ofSeconds(2));
    return new Election(settings, lease, ticks::get, () -> wall);
  }

  private void pass(Duration time) {
    ticks.addAndGet(time.toNanos());
  }

  @Test
  void theFirstLeads() {
    a.attempt();
    b.attempt();

    assertThat(a.term()).contains(new Term(0, "a"));
    assertThat(b.term()).isEmpty();
    assertThat(b.why()).isEqualTo("a leads");
  }

  @Test
  void theLeaseSaysWhoLeadsAsClientGoWritesIt() {
    a.attempt();
    pass(Duration.ofSeconds(2));
    wall = wall.plusSeconds(2);
    a.attempt();

    var spec = lease.lease().getSpec();
    assertThat(spec.getHolderIdentity()).isEqualTo("a");
    assertThat(spec.getLeaseDurationSeconds()).isEqualTo(15);
    assertThat(spec.getLeaseTransitions()).isZero();
    assertThat(spec.getAcquireTime())
        .isEqualTo(Instant.parse("2026-03-01T12:00:00.123456Z").atZone(ZoneOffset.UTC));
    assertThat(spec.getRenewTime())
        .isEqualTo(Instant.parse("2026-03-01T12:00:02.123456Z").atZone(ZoneOffset.UTC));
  }

  @Test
  void aLeaderThatRenewsGoesOnInTheSameTerm() {
    a.attempt();
    for (int i = 0; i < 20; i++) {
      pass(Duration.ofSeconds(2));
      a.attempt();
      b.attempt();
      assertThat(a.term()).contains(new Term(0, "a"));
      assertThat(b.term()).isEmpty();
    }
  }

  @Test
  void aLeaderThatDoesNotRenewEndsByItselfAtTheDeadline() {
    a.attempt();
    pass(DEADLINE.minus(MOMENT));
    assertThat(a.term()).isPresent();
    assertThat(a.left()).contains(MOMENT.toNanos());
    pass(MOMENT);

    assertThat(a.term()).isEmpty();
    assertThat(a.left()).isEmpty();
    assertThat(a.why()).isEqualTo("the Lease could not be renewed for 10.0 s");
  }

  @Test
  void anAnswerThatWasLongOnItsWayGivesNoTimeAway() {
    lease.onTheWay = () -> lease.onTheWay = () -> pass(Duration.ofSeconds(4));
    a.attempt();

    assertThat(a.left()).contains(DEADLINE.minusSeconds(4).toNanos());

    lease.onTheWay = () -> pass(Duration.ofSeconds(3));
    a.attempt();
    assertThat(a.left()).contains(DEADLINE.minusSeconds(3).toNanos());
  }

  @Test
  void aRenewalThatIsAnsweredAfterTheDeadlineComesTooLate() {
    a.attempt();
    pass(DEADLINE.minusSeconds(1));
    lease.onTheWay = () -> pass(Duration.ofSeconds(2));
    a.attempt();
    assertThat(a.term()).isEmpty();

    a.attempt();
    assertThat(a.term()).as("a new term, not the old one").contains(new Term(1, "a"));
  }

  @Test
  void anotherTakesOverWhenTheLeaseHasNotChangedForItsDuration() {
    a.attempt();
    pass(Duration.ofSeconds(3));
    assertThat(b.attempt()).contains(LEASE.toNanos());
    pass(LEASE.minus(MOMENT));
    assertThat(b.attempt()).contains(MOMENT.toNanos());
    assertThat(b.term()).isEmpty();
    pass(MOMENT);
    b.attempt();

    assertThat(b.term()).contains(new Term(1, "b"));
    assertThat(lease.lease().getSpec().getHolderIdentity()).isEqualTo("b");
  }

  @Test
  void nobodyTakesOverWhileTheLeaderBelieves() {
    a.attempt();
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofMillis(250));
      b.attempt();
      assertThat(a.term().isPresent() && b.term().isPresent()).isFalse();
    }
    assertThat(b.term()).isPresent();
  }

  @Test
  void noClockDecides() {
    a.attempt();
    b.attempt();
    wall = wall.plus(Duration.ofDays(365));
    assertThat(a.term()).as("a step forward ends no term").isPresent();
    b.attempt();
    assertThat(b.term()).as("and gives nobody the Lease").isEmpty();

    wall = wall.minus(Duration.ofDays(2 * 365));
    pass(DEADLINE);
    assertThat(a.term()).as("a step back prolongs no term").isEmpty();
    pass(LEASE.minus(DEADLINE));
    b.attempt();
    assertThat(b.term()).as("and keeps nobody from the Lease").isPresent();
  }

  @Test
  void aLeaderThatSleptThroughItsTermBeginsANewOneOrFollows() {
    a.attempt();
    b.attempt();
    pass(LEASE);
    b.attempt();
    assertThat(a.term()).isEmpty();
    a.attempt();
    assertThat(a.term()).isEmpty();
    a.attempt();
    assertThat(a.term()).isEmpty();
    assertThat(a.why()).isEqualTo("b leads");
    assertThat(b.term()).contains(new Term(1, "b"));
  }

  @Test
  void aLeaderWhoseLeaseWasTakenNoticesAtTheNextRenewal() {
    a.attempt();
    lease.edit(l -> l.editSpec().withHolderIdentity("b").withLeaseTransitions(1).endSpec());
    pass(Duration.ofSeconds(2));
    a.attempt();

    assertThat(a.term()).isEmpty();
    assertThat(a.why()).isEqualTo("b leads");
  }

  @Test
  void whatElseIsChangedInTheLeaseDoesNotMatter() {
    a.attempt();
    b.attempt();
    for (int i = 0; i < 14; i++) {
      var label = Map.of("touched", "" + i);
      lease.edit(l -> l.editMetadata().withLabels(label).endMetadata());
      pass(Duration.ofSeconds(1));
      b.attempt();
    }
    lease.edit(l -> l.editMetadata().withLabels(Map.of("touched", "last")).endMetadata());
    pass(Duration.ofSeconds(1));
    b.attempt();
    assertThat(b.term()).as("a label is no sign of life").isPresent();

    lease.edit(l -> l.editMetadata().withLabels(Map.of("by", "a person")).endMetadata());
    b.attempt();
    assertThat(b.term()).as("nor does it end a term").contains(new Term(1, "b"));
    assertThat(lease.lease().getMetadata().getLabels()).containsEntry("by", "a person");
  }

  @Test
  void aLeaderWhoseLeaseWasDeletedEnds() {
    a.attempt();
    lease.delete();
    a.attempt();

    assertThat(a.term()).isEmpty();
    assertThat(a.why()).isEqualTo("the Lease was deleted");
    a.attempt();
    assertThat(a.term()).isPresent();
  }

  @Test
  void aDeletedLeaseIsNotTakenWhileItsLeaderMayBelieve() {
    a.attempt();
    b.attempt();
    lease.delete();
    b.attempt();
    assertThat(b.term()).isEmpty();
    pass(LEASE);
    b.attempt();
    assertThat(b.term()).isPresent();
  }

  @Test
  void aReleasedLeaseIsTakenAtOnce() {
    a.attempt();
    b.attempt();
    a.giveUp("closed");
    a.release();
    assertThat(lease.lease().getSpec().getHolderIdentity()).isEmpty();
    b.attempt();

    assertThat(b.term()).contains(new Term(1, "b"));
    assertThat(a.term()).isEmpty();
    assertThat(a.why()).isEqualTo("closed");
  }

  @Test
  void onlyItsOwnLeaseIsReleased() {
    a.attempt();
    b.attempt();
    b.release();
    assertThat(lease.lease().getSpec().getHolderIdentity()).isEqualTo("a");
  }

  @Test
  void ofTwoThatSeeAFreeLeaseOneTakesIt() {
    a.attempt();
    a.release();
    a.giveUp("closed");
    lease.onTheWay = () -> election("c").attempt();
    b.attempt();

    assertThat(b.term()).isEmpty();
    assertThat(b.why()).isEqualTo("another engine was faster");
    assertThat(lease.lease().getSpec().getHolderIdentity()).isEqualTo("c");
  }

  @Test
  void aTermThatWasGivenUpWhileItWasRenewedStaysSo() {
    a.attempt();
    lease.onTheWay = () -> a.giveUp("closed");
    a.attempt();
    assertThat(a.term()).isEmpty();
  }

  @Test
  void whenTheServerFailsNothingIsDecided() {
    a.attempt();
    b.attempt();
    lease.failure = new IllegalStateException("no answer");
    assertThatThrownBy(a::attempt).hasMessage("no answer");
    assertThatThrownBy(b::attempt).hasMessage("no answer");
    assertThat(a.term()).isPresent();
    assertThat(b.term()).isEmpty();
    pass(DEADLINE);
    assertThat(a.term()).isEmpty();

    lease.failure = null;
    a.attempt();
    assertThat(a.term()).as("the attempt that ends a term begins none").isEmpty();
    a.attempt();
    assertThat(a.term()).as("the Lease is still its own").contains(new Term(1, "a"));
  }

  @Test
  void aLeaseThatSaysNothingIsFree() {
    a.attempt();
    lease.edit(l -> l.withSpec(null));
    b.attempt();
    assertThat(b.term()).contains(new Term(0, "b"));
  }

  @Test
  void aLeaseHoldsForWhatItsHolderPromised() {
    a.attempt();
    lease.edit(l -> l.editSpec().withLeaseDurationSeconds(60).endSpec());
    b.attempt();
    pass(LEASE.plusSeconds(1));
    b.attempt();
    assertThat(b.term()).isEmpty();
    pass(Duration.ofSeconds(60));
    b.attempt();
    assertThat(b.term()).isPresent();
  }
}
