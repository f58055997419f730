package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MonotonicClockTest {
  @Test
  void itStartsWithTheWallClockAndNeverGoesBack() {
    var clock = new MonotonicClock();
    var last = clock.instant();
    assertThat(Duration.between(last, Instant.now()).abs()).isLessThan(Duration.ofSeconds(5));
    for (int i = 0; i < 100_000; i++) {
      var next = clock.instant();
      assertThat(next.isBefore(last)).isFalse();
      last = next;
    }
  }
}
