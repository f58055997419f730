package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalsTest {
  private static final long SECOND = 1_000_000_000;

  @Test
  void nothingArrivesWithoutARate() {
    var arrivals = new Arrivals(0);
    assertThat(arrivals.due(10 * SECOND)).isZero();
    assertThat(arrivals.next()).isEmpty();
  }

  @Test
  void theyArriveEvenlyAndWhenTheySay() {
    var arrivals = new Arrivals(0);
    arrivals.rate(8, 0);
    int all = 0;
    long now = 0;
    while (now < SECOND) {
      now = arrivals.next().orElseThrow();
      int due = arrivals.due(now);
      assertThat(due).isEqualTo(1);
      all += due;
    }
    assertThat(all).isEqualTo(8);
  }

  @Test
  void aChangeOfTheRateKeepsWhatHadCome() {
    var arrivals = new Arrivals(0);
    arrivals.rate(1, 0);
    arrivals.rate(2, SECOND / 2);
    assertThat(arrivals.next()).hasValue(3 * SECOND / 4);
    arrivals.rate(0, SECOND / 2);
    assertThat(arrivals.next()).isEmpty();
    arrivals.rate(1, 9 * SECOND);
    assertThat(arrivals.next()).hasValue(9 * SECOND + SECOND / 2);
  }

  @Test
  void thoseThatWereSleptThroughAreAllDue() {
    var arrivals = new Arrivals(0);
    arrivals.rate(10, 0);
    assertThat(arrivals.due(SECOND)).isEqualTo(10);
    assertThat(arrivals.due(SECOND)).isZero();
  }
}
