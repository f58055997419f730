package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LearningTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int MOST = 100;
  private static final int EARLY = 8;
  private static final int PATIENCE = 30;

  private static final String ONE_STEP_AHEAD = " for the demand of the next 2s, as learned";

  private Learning learning = Learning.of(Headroom.Learned.DEFAULT, 10);
  private Outlook outlook = stoppingAfter(1_000);
  private Instant now = START;

  private static Outlook stoppingAfter(long millis) {
    return Outlook.stopping(Duration.ofMillis(millis));
  }

  private static Learning take(Learning learning, Instant at, double demand, Outlook outlook) {
    return learning.take(new Reading.Value(demand, at), demand, outlook, MOST);
  }

  private void read(long millisLater, double demand) {
    now = now.plusMillis(millisLater);
    learning = take(learning, now, demand, outlook);
  }

  private void readEverySecond(int times) {
    for (int i = 0; i < times; i++) {
      read(1_000, 10 + i % 3);
    }
  }

  /// Reads until something else is claimed for, at most `times`.
  private int readsUntilOther(int times) {
    var why = learning.why();
    for (int i = 1; i <= times; i++) {
      readEverySecond(1);
      if (!learning.why().equals(why)) {
        return i;
      }
    }
    return 0;
  }

  // Steps.

  @ParameterizedTest
  @CsvSource({
    "200, 0, 1.2s",
    "1000, 0, 2s",
    "1030, 0, 2s",
    "1030, 60, 2s",
    "15000, 0, 15s",
    "15000, 900, 15s",
    "300000, 0, 5m"
  })
  void stepsAreAboutAsLongAsReadingsAreApart(long millis, int jitter, String ahead) {
    var random = new SplittableRandom(millis + jitter);
    for (int i = 0; i < 200; i++) {
      read(millis + random.nextInt(-jitter, jitter + 1), 10);
      assertThat(learning.why())
          .as("reading %d", i + 1)
          .isEqualTo(
              i < EARLY - 1
                  ? ", too little seen yet to learn from"
                  : " for the demand of the next " + ahead + ", as learned");
    }
  }

  @Test
  void stepsAreSoLongThatTheTimeToReadyCanBeLearned() {
    outlook = stoppingAfter(600_000);
    readEverySecond(EARLY);
    assertThat(learning.why()).contains("10m5s");
  }

  @Test
  void everyOutlookCanBeLearnedFor() {
    var month = Duration.ofDays(30);
    outlook = new Outlook(month, month, month);
    readEverySecond(100);
    assertThat(learning.claim()).isBetween(10, MOST);
  }

  @Test
  void stepsDoNotFlickerWhereTwoLengthsAreAsGood() {
    var random = new SplittableRandom(4);
    int changes = 0;
    var why = "";
    for (int i = 0; i < 5_000; i++) {
      // 1.11 s is where it goes from steps of one second to steps of two.
      read(1_111 + random.nextInt(-200, 201), 10);
      changes += learning.why().equals(why) ? 0 : 1;
      why = learning.why();
    }
    assertThat(changes).as("with the one from too little").isLessThanOrEqualTo(3);
  }

  @Test
  void slowerSourceIsNoticed() {
    readEverySecond(100);
    for (int i = 0; i < 100; i++) {
      read(15_000, 10);
    }
    assertThat(learning.why()).contains(" 15s,");
  }

  // Several readings in one step, and none.

  @Test
  void highestOfAStepCountsAtOnce() {
    readEverySecond(500);
    int before = learning.claim();
    var once = take(learning, now.plusMillis(1_300), 40, outlook);
    read(1_000, 11);
    assertThat(learning.claim()).isLessThan(before + 5);
    read(300, 40);
    assertThat(learning.claim()).as("as if it had been the only one").isEqualTo(once.claim());
    assertThat(learning.claim()).isGreaterThan(30);
    read(300, 2);
    assertThat(learning.claim()).as("a lower one changes nothing").isEqualTo(once.claim());
    read(400, 11);
    once = take(once, now, 11, outlook);
    assertThat(learning.claim()).as("nor later").isEqualTo(once.claim());
    var random = new SplittableRandom(3);
    for (int i = 0; i < 100; i++) {
      double demand = random.nextInt(40);
      read(1_000, demand);
      once = take(once, now, demand, outlook);
      assertThat(learning.claim()).as("nor %d steps later", i).isEqualTo(once.claim());
    }
  }

  @Test
  void gapIsTakenAsUnchangedDemandForEightSteps() {
    readEverySecond(60);
    var read = learning;
    for (int i = 1; i <= 8; i++) {
      read = take(read, now.plusSeconds(i), 12, outlook);
    }
    var nine = now.plusSeconds(9);
    var filled = take(learning, nine, 30, outlook);
    var hour = now.plusSeconds(3_600);
    var longAgo = take(learning, hour, 30, outlook);
    read = take(read, nine, 30, outlook);
    var random = new SplittableRandom(8);
    for (int i = 1; i < 300; i++) {
      assertThat(filled.claim()).as("step %d", i).isEqualTo(read.claim());
      assertThat(longAgo.claim()).as("step %d", i).isEqualTo(read.claim());
      double demand = random.nextInt(40);
      read = take(read, nine.plusSeconds(i), demand, outlook);
      filled = take(filled, nine.plusSeconds(i), demand, outlook);
      longAgo = take(longAgo, hour.plusSeconds(i), demand, outlook);
    }
  }

  /// A source that was away has not become slower: what was learned stays.
  @ParameterizedTest
  @ValueSource(ints = {20, 600, 86_400})
  void outageDoesNotChangeTheSteps(int seconds) {
    readEverySecond(500);
    read(seconds * 1_000L, 10);
    for (int i = 0; i < 200; i++) {
      assertThat(learning.why()).isEqualTo(ONE_STEP_AHEAD);
      readEverySecond(1);
    }
  }

  @Test
  void readingThatIsNotNewerChangesNothing() {
    for (int readings : new int[] {3, 300}) {
      readEverySecond(readings);
      assertThat(take(learning, now, 90, outlook)).isSameAs(learning);
      assertThat(take(learning, now.minusMillis(1), 90, outlook)).isSameAs(learning);
    }
  }

  // The beginning.

  @Test
  void whatIsThereIsHeldWhileTooLittleWasSeen() {
    assertThat(learning.claim()).isEqualTo(10);
    for (int i = 1; i < EARLY; i++) {
      read(1_000, 2);
      assertThat(learning.claim()).isEqualTo(10);
    }
  }

  @Test
  void whatIsSafeForMostIsClaimedWhileTooLittleWasSeen() {
    read(1_000, 20);
    assertThat(learning.claim()).isEqualTo(26);
    read(1_000, 99);
    assertThat(learning.claim()).as("within most").isEqualTo(MOST);
  }

  // The outlook changes.

  @Test
  void otherTimeToReadyIsBelievedAfterSomeReadings() {
    readEverySecond(1_000);
    assertThat(learning.why()).isEqualTo(ONE_STEP_AHEAD);
    outlook = stoppingAfter(5_000);
    assertThat(readsUntilOther(100)).isEqualTo(PATIENCE);
    assertThat(learning.why()).contains(" 6s,");
    // It knows from the past how demand goes.
    assertThat(learning.claim()).isBetween(12, 20);
  }

  @Test
  void blipOfTheTimeToReadyIsNotBelieved() {
    readEverySecond(100);
    for (int i = 0; i < 20; i++) {
      outlook = stoppingAfter(5_000);
      readEverySecond(PATIENCE - 1);
      assertThat(learning.why()).isEqualTo(ONE_STEP_AHEAD);
      outlook = stoppingAfter(1_000);
      readEverySecond(1);
    }
  }

  @Test
  void horizonThatIsAboutRightStays() {
    readEverySecond(20);
    outlook = stoppingAfter(1_490);
    assertThat(readsUntilOther(100)).isZero();
    outlook = stoppingAfter(1_510);
    assertThat(readsUntilOther(100)).isEqualTo(PATIENCE);
    assertThat(learning.why()).contains(" 3s,");
    outlook = stoppingAfter(800);
    assertThat(readsUntilOther(100)).isZero();
    outlook = stoppingAfter(740);
    assertThat(readsUntilOther(100)).isEqualTo(PATIENCE);
    assertThat(learning.why()).isEqualTo(ONE_STEP_AHEAD);
  }

  @Test
  void longHorizonStaysWhileItIsAboutRight() {
    outlook = stoppingAfter(60_000);
    readEverySecond(EARLY);
    outlook = stoppingAfter(65_900);
    assertThat(readsUntilOther(100)).isZero();
    outlook = stoppingAfter(48_500);
    assertThat(readsUntilOther(100)).isZero();
    outlook = stoppingAfter(47_000);
    assertThat(readsUntilOther(100)).isEqualTo(PATIENCE);
    assertThat(learning.why()).contains(" 48s,");
  }

  @Test
  void otherRiskIsLearnedForFromTheSamePast() {
    learning = Learning.of(new Headroom.Learned(0.1), 10);
    var random = new SplittableRandom(6);
    for (int i = 0; i < 2_000; i++) {
      read(1_000, random.nextInt(20));
    }
    var bold = learning;
    learning = learning.at(new Headroom.Learned(0.0001));
    assertThat(learning.claim()).as("not at once").isEqualTo(bold.claim());
    assertThat(learning.at(new Headroom.Learned(0.0001))).isSameAs(learning);
    double careful = 0;
    double before = 0;
    for (int i = 0; i < 500; i++) {
      double demand = random.nextInt(20);
      read(1_000, demand);
      bold = take(bold, now, demand, outlook);
      careful += learning.claim();
      before += bold.claim();
    }
    assertThat(careful).isGreaterThan(before + 500);
  }
}
