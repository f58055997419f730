package io.microscale.core.orchestrator;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class CrashLoopTest {
  private static final Instant T0 = Instant.parse("2026-01-01T00:00:00Z");

  private static Instant at(long millis) {
    return T0.plusMillis(millis);
  }

  private static void ended(CrashLoop loop, long bornMillis, long nowMillis) {
    loop.ended(bornMillis * 1_000_000, nowMillis * 1_000_000, at(nowMillis), "exit 1", false);
  }

  private static long delay(CrashLoop loop, long nowMillis) {
    return loop.at(at(nowMillis))
        .map(Backoff::until)
        .map(until -> Duration.between(at(nowMillis), until).toMillis())
        .orElse(0L);
  }

  @Test
  void firstEndCostsNothingThenTheDelayDoublesUpToThirtySeconds() {
    var loop = new CrashLoop();
    var delays = new ArrayList<Long>();
    long now = 0;
    for (int i = 0; i < 12; i++) {
      ended(loop, now, now + 10);
      now += 10;
      long delay = delay(loop, now);
      delays.add(delay);
      now += delay;
    }
    assertThat(delays)
        .containsExactly(
            0L, 100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12_800L, 25_600L, 30_000L, 30_000L);
  }

  @Test
  void whatEndsTogetherCountsOnce() {
    var loop = new CrashLoop();
    for (int i = 0; i < 5; i++) {
      ended(loop, i, 100 + i);
    }
    assertThat(delay(loop, 105)).isZero();
    ended(loop, 106, 200);
    assertThat(delay(loop, 200)).isEqualTo(100);
  }

  @Test
  void longLifeEndsTheSeries() {
    var loop = new CrashLoop();
    ended(loop, 0, 10);
    ended(loop, 11, 20);
    ended(loop, 121, 130);
    assertThat(delay(loop, 130)).isEqualTo(200);
    ended(loop, 400, 10_400);
    assertThat(delay(loop, 10_400)).isZero();
  }

  @Test
  void anotherThatLivesEndsTheSeriesToo() {
    var loop = new CrashLoop();
    ended(loop, 0, 10);
    ended(loop, 11, 20);
    loop.ended(130_000_000, 140_000_000, at(140), "exit 1", true);
    assertThat(delay(loop, 140)).isZero();
  }
}
