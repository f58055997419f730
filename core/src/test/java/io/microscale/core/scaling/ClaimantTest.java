package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import io.microscale.core.scaling.Claim.Basis;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClaimantTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private Instant now = START;
  private Claimant.Memory memory = Claimant.Memory.NONE;
  private Optional<Instant> wakeAt = Optional.empty();
  private Outlook outlook = Outlook.stopping(Outlook.START);
  private int kept;
  private int ready;

  static LongStream seeds() {
    return LongStream.range(0, 200);
  }

  private static ServiceSpec.Builder web() {
    return ServiceSpec.named("web").replicas(1, 20);
  }

  /// The claim after `seconds` more.
  private Claim claim(ServiceSpec spec, double seconds, Optional<Reading> reading) {
    now = now.plusNanos((long) (seconds * 1e9));
    var result = Claimant.claim(spec, memory, reading, outlook, ready, kept, now);
    memory = result.memory();
    wakeAt = result.wakeAt();
    return result.claim();
  }

  private Claim read(ServiceSpec spec, double seconds, double value) {
    return claim(
        spec,
        seconds,
        Optional.of(new Reading.Value(value, now.plusNanos((long) (seconds * 1e9)))));
  }

  private Claim missed(ServiceSpec spec, double seconds) {
    return claim(spec, seconds, Optional.of(new Reading.Missing("no answer", now)));
  }

  private static void assertClaim(Claim claim, int replicas, Basis basis) {
    assertThat(claim.replicas()).as(claim.reason()).isEqualTo(replicas);
    assertThat(claim.basis()).as(claim.reason()).isEqualTo(basis);
    assertThat(claim.reason()).isNotBlank();
  }

  @Test
  void demandWithHeadroomIsClaimedAtOnce() {
    var spec = web().headroom(new Headroom.Fixed(25, 1)).hold(Duration.ofSeconds(60)).build();
    assertClaim(read(spec, 0, 4), 6, Basis.READING);
    assertClaim(read(spec, 0.001, 12), 16, Basis.READING);
    assertThat(wakeAt).isEmpty();
  }

  @Test
  void claimStaysWithinMinAndMax() {
    var spec = web().replicas(3, 8).build();
    assertClaim(read(spec, 0, 0), 3, Basis.READING);
    var most = read(spec, 1, 100);
    assertClaim(most, 8, Basis.READING);
    assertThat(most.demand()).isEqualTo(100);
    assertThat(most.reason()).contains("its max");
  }

  // Rule 6: take at once, give back slowly.

  @Test
  void roomGoesBackOnlyAfterDemandHasStayedDownForTheHold() {
    var spec = web().hold(Duration.ofSeconds(10)).build();
    read(spec, 0, 9);
    assertClaim(read(spec, 5, 4), 9, Basis.HOLD);
    // It was called for up to the reading of 4.
    assertThat(wakeAt).contains(START.plusSeconds(15));
    assertClaim(read(spec, 9.9, 4), 9, Basis.HOLD);
    assertClaim(claim(spec, 0.1, memory.applied().map(v -> v)), 4, Basis.READING);
  }

  @Test
  void lowerHoldsFollowHigherOnes() {
    var spec = web().hold(Duration.ofSeconds(10)).build();
    read(spec, 0, 9);
    read(spec, 1, 6);
    read(spec, 1, 3);
    assertThat(wakeAt).contains(START.plusSeconds(11));
    assertClaim(read(spec, 9, 3), 6, Basis.HOLD);
    assertThat(wakeAt).contains(START.plusSeconds(12));
    assertClaim(read(spec, 1, 3), 3, Basis.READING);
  }

  @Test
  void demandThatComesBackEndsTheHold() {
    var spec = web().hold(Duration.ofSeconds(10)).build();
    read(spec, 0, 9);
    read(spec, 1, 4);
    assertClaim(read(spec, 5, 9), 9, Basis.READING);
    assertClaim(read(spec, 9, 4), 9, Basis.HOLD);
    assertThat(wakeAt).contains(START.plusSeconds(25));
  }

  @Test
  void withoutHoldRoomGoesBackAtOnce() {
    var spec = web().build();
    read(spec, 0, 9);
    assertClaim(read(spec, 0, 4), 4, Basis.READING);
  }

  /// The sliding maximum, against one that keeps everything.
  @ParameterizedTest
  @MethodSource("seeds")
  void claimIsTheLargestOfTheHold(long seed) {
    var random = new SplittableRandom(seed);
    var hold = Duration.ofMillis(random.nextInt(5_000));
    var spec = web().replicas(0, 15).hold(hold).build();
    record Was(int wanted, Instant from, Instant until) {}
    var all = new ArrayList<Was>();
    for (int i = 0; i < 100; i++) {
      int demand = random.nextInt(20);
      int wanted = Math.min(15, demand);
      var claim = read(spec, random.nextInt(2_000) / 1e3, demand);
      if (!all.isEmpty()) {
        var last = all.removeLast();
        all.add(new Was(last.wanted, last.from, now));
      }
      all.add(new Was(wanted, now, now));
      int expected = wanted;
      for (var was : all) {
        if (now.isBefore(was.until.plus(hold))) {
          expected = Math.max(expected, was.wanted);
        }
      }
      assertThat(claim.replicas()).as("pass %d", i).isEqualTo(expected);
      assertThat(memory.recent().size()).isLessThanOrEqualTo(16);
    }
  }

  // Rule 7: fail static.

  @Test
  void missingReadingHoldsTheLastClaim() {
    var spec = web().build();
    read(spec, 0, 7);
    for (int i = 0; i < 100; i++) {
      var claim = missed(spec, 1_000);
      assertClaim(claim, 7, Basis.LAST_KNOWN);
      assertThat(claim.reason()).contains("no answer").contains("7");
    }
    assertClaim(read(spec, 1, 2), 2, Basis.READING);
  }

  @Test
  void beforeAnythingIsKnownWhatIsThereIsHeld() {
    var spec = web().replicas(1, 5).build();
    kept = 4;
    assertClaim(claim(spec, 0, Optional.empty()), 4, Basis.LAST_KNOWN);
    kept = 2;
    assertClaim(missed(spec, 1), 4, Basis.LAST_KNOWN);

    memory = Claimant.Memory.NONE;
    kept = 9;
    assertClaim(claim(spec, 0, Optional.empty()), 5, Basis.LAST_KNOWN);
    memory = Claimant.Memory.NONE;
    kept = 0;
    assertClaim(claim(spec, 0, Optional.empty()), 1, Basis.LAST_KNOWN);
  }

  @Test
  void fallbackIsForDemandThatIsUnknownTooLong() {
    var spec = web().fallback(Duration.ofSeconds(30), 10).build();
    read(spec, 0, 3);
    assertClaim(missed(spec, 10), 3, Basis.LAST_KNOWN);
    assertThat(wakeAt).contains(START.plusSeconds(30));
    assertClaim(missed(spec, 19.9), 3, Basis.LAST_KNOWN);
    assertClaim(missed(spec, 0.1), 10, Basis.FALLBACK);
    assertClaim(read(spec, 1, 12), 12, Basis.READING);
  }

  @Test
  void readingThatGrowsOldIsAsGoodAsMissing() {
    var spec = web().fallback(Duration.ofSeconds(30), 10).build();
    Optional<Reading> old = Optional.of(new Reading.Value(3, now));
    assertClaim(claim(spec, 29.9, old), 3, Basis.READING);
    assertThat(wakeAt).contains(START.plusSeconds(30));
    var claim = claim(spec, 0.1, old);
    assertClaim(claim, 10, Basis.FALLBACK);
    assertThat(claim.reason()).contains(START.toString());
  }

  @Test
  void fallbackOfAServiceNeverHeardOfStartsWithItsFirstPass() {
    var spec = web().fallback(Duration.ofSeconds(30), 10).build();
    kept = 2;
    assertClaim(claim(spec, 0, Optional.empty()), 2, Basis.LAST_KNOWN);
    assertClaim(claim(spec, 29, Optional.empty()), 2, Basis.LAST_KNOWN);
    assertClaim(claim(spec, 1, Optional.empty()), 10, Basis.FALLBACK);
  }

  /// What was claimed before the outage is long over when the demand is known again.
  @Test
  void claimFromBeforeTheFallbackIsNotHeldAfterIt() {
    var spec = web().hold(Duration.ofSeconds(60)).fallback(Duration.ofSeconds(30), 4).build();
    read(spec, 0, 15);
    assertClaim(missed(spec, 30), 4, Basis.FALLBACK);
    assertClaim(missed(spec, 3_600), 4, Basis.FALLBACK);
    assertClaim(read(spec, 1, 3), 4, Basis.HOLD);
    assertClaim(read(spec, 59, 3), 4, Basis.HOLD);
    assertClaim(read(spec, 1, 3), 3, Basis.READING);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void missingReadingsNeverScaleIn(long seed) {
    var random = new SplittableRandom(seed);
    var spec =
        web()
            .hold(Duration.ofSeconds(random.nextInt(5)))
            .scaling(
                List.of(
                        new ScalingPolicy.RawReplicas(),
                        new ScalingPolicy.PerReplicaTarget(2),
                        new ScalingPolicy.QueueDrainTime(1, Duration.ofSeconds(5)))
                    .get(random.nextInt(3)))
            .build();
    int last = 0;
    for (int i = 0; i < 200; i++) {
      double seconds = random.nextInt(3_000) / 1e3;
      if (random.nextInt(3) == 0) {
        last = read(spec, seconds, random.nextInt(25)).replicas();
      } else {
        int claimed = missed(spec, seconds).replicas();
        assertThat(claimed).as("pass %d", i).isGreaterThanOrEqualTo(last);
        last = claimed;
      }
      assertThat(last).isBetween(1, 20);
    }
  }

  /// A pass that is made for another reason takes no reading in twice.
  @Test
  void readingIsTakenInOnce() {
    var spec = web().scaling(new ScalingPolicy.TargetUtilisation(0.5, 0.1)).build();
    ready = 4;
    assertClaim(read(spec, 0, 0.75), 6, Basis.READING);
    ready = 6;
    assertClaim(claim(spec, 0.2, memory.applied().map(v -> v)), 6, Basis.READING);
  }

  @Test
  void remainderServiceClaimsItsMax() {
    var batch = ServiceSpec.named("batch").remainder().replicas(0, 50).build();
    assertClaim(claim(batch, 0, Optional.empty()), 50, Basis.REMAINDER);
  }

  @Test
  void standbyByItselfLeadsBackToThePeakOfTheLastHour() {
    var spec = web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(Standby.auto(20)).build();
    assertThat(read(spec, 0, 4).standby()).as("nothing higher is known").isEqualTo(1);
    assertThat(read(spec, 10, 12).standby()).isEqualTo(1);
    assertThat(read(spec, 10, 3).standby()).isEqualTo(9);
    assertThat(missed(spec, 10).standby()).isEqualTo(9);
    assertThat(read(spec, 1800, 7).standby()).isEqualTo(5);
    assertThat(read(spec, 1801, 3).standby()).as("the peak of 12 is forgotten").isEqualTo(4);
    assertThat(read(spec, 1, 20).standby()).as("within max").isZero();
  }

  @Test
  void standbyOfAGivenNumberStaysWithinMax() {
    var spec = web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(3).build();
    assertThat(read(spec, 0, 4).standby()).isEqualTo(3);
    assertThat(read(spec, 1, 19).standby()).isEqualTo(1);
  }

  // Learned headroom.

  private static ServiceSpec.Builder learned() {
    return web().headroom(Headroom.Learned.DEFAULT);
  }

  private Claim readEverySecond(ServiceSpec spec, int times) {
    Claim claim = read(spec, 1, 6);
    for (int i = 1; i < times; i++) {
      claim = read(spec, 1, 6 + i % 3);
    }
    return claim;
  }

  @Test
  void whatIsThereIsKeptUntilSomethingIsLearned() {
    kept = 15;
    var early = read(learned().build(), 1, 4);
    assertClaim(early, 15, Basis.READING);
    assertThat(early.reason()).contains("claims 15, too little seen yet to learn from");
    var later = readEverySecond(learned().build(), 300);
    assertThat(later.replicas()).isBetween(8, 12);
    assertThat(later.demand()).isEqualTo(8);
    assertThat(later.reason())
        .contains("claims " + later.replicas() + " for the demand of the next 2s, as learned");
    assertThat(wakeAt).as("without a hold").isEmpty();
  }

  @Test
  void learnedClaimStaysWithinMinAndMax() {
    var spec = learned().replicas(9, 10).build();
    for (int i = 0; i < 300; i++) {
      int demand = i % 50;
      assertThat(read(spec, 1, demand).replicas()).isBetween(9, 10);
    }
    assertThat(read(learned().replicas(0, 3).build(), 1, 30).replicas()).isEqualTo(3);
  }

  @Test
  void holdComesOnTopOfWhatIsLearned() {
    var spec = learned().hold(Duration.ofSeconds(60)).build();
    readEverySecond(spec, 300);
    int high = read(spec, 1, 18).replicas();
    assertThat(high).isGreaterThan(15);
    for (int i = 0; i < 59; i++) {
      assertThat(read(spec, 1, 6).replicas()).isGreaterThanOrEqualTo(high);
    }
  }

  @Test
  void missingReadingsHoldWhatWasLearned() {
    var spec = learned().build();
    var claim = readEverySecond(spec, 300);
    var before = memory.learned();
    for (int i = 0; i < 100; i++) {
      assertClaim(missed(spec, 1), claim.replicas(), Basis.LAST_KNOWN);
    }
    assertThat(memory.learned()).isEqualTo(before);
  }

  @Test
  void learningGoesOnAfterAFallback() {
    var spec = learned().fallback(Duration.ofSeconds(30), 17).build();
    var claim = readEverySecond(spec, 300);
    missed(spec, 1);
    assertClaim(missed(spec, 40), 17, Basis.FALLBACK);
    var after = readEverySecond(spec, 60);
    assertThat(after.basis()).isEqualTo(Basis.READING);
    assertThat(after.replicas()).isBetween(claim.replicas() - 2, claim.replicas() + 2);
    assertThat(after.reason()).as("as before").contains("next 2s, as learned");
  }

  @Test
  void readingThatIsTakenInAgainTeachesNothing() {
    var spec = learned().build();
    readEverySecond(spec, 300);
    var before = memory.learned();
    claim(spec, 5, memory.applied().map(v -> v));
    assertThat(memory.learned()).isEqualTo(before);
  }

  @Test
  void headroomThatBecomesALearnedOneScalesNothingIn() {
    read(web().headroom(new Headroom.Fixed(25, 1)).build(), 0, 8);
    assertClaim(claim(learned().build(), 0.1, memory.applied().map(v -> v)), 11, Basis.READING);
    assertClaim(read(web().build(), 1, 8), 8, Basis.READING);
    assertThat(memory.learned()).as("nothing is learned for a fixed one").isEmpty();
  }

  @Test
  void otherRiskIsLearnedFor() {
    var bold = learned().headroom(new Headroom.Learned(0.1)).build();
    var careful = learned().headroom(new Headroom.Learned(0.0001)).build();
    var random = new SplittableRandom(1);
    for (int i = 0; i < 1_500; i++) {
      read(bold, 1, random.nextInt(12));
    }
    double before = 0;
    double after = 0;
    for (int i = 0; i < 200; i++) {
      before += read(bold, 1, random.nextInt(12)).replicas();
    }
    for (int i = 0; i < 230; i++) {
      int replicas = read(careful, 1, random.nextInt(12)).replicas();
      after += i < 30 ? 0 : replicas;
    }
    assertThat(after).isGreaterThan(before + 200);
  }

  @Test
  void memoryIsAValue() {
    var spec = learned().build();
    readEverySecond(spec, 300);
    var before = memory;
    var then = now;
    var first = new ArrayList<Integer>();
    for (int i = 0; i < 50; i++) {
      first.add(read(spec, 1, i % 15).replicas());
    }
    memory = before;
    now = then;
    for (int i = 0; i < 50; i++) {
      assertThat(read(spec, 1, i % 15).replicas()).as("reading %d", i).isEqualTo(first.get(i));
    }
  }
}
