package io.microscale.core.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  /// Answers of an orchestrator that works on `cores` actions at a time, each taking `alone`: what
  /// is asked beyond that waits.
  private static Pace after(int rounds, int cores, Duration alone) {
    var pace = Pace.UNKNOWN;
    var now = NOW;
    for (int i = 0; i < rounds; i++) {
      int underWay = i == 0 ? 1 : pace.limit();
      var took = alone.multipliedBy(Math.max(underWay, cores)).dividedBy(cores);
      for (int j = 0; j < underWay; j++) {
        pace = pace.answered("start", took, underWay, now);
      }
      now = now.plus(took);
    }
    return pace;
  }

  @Test
  @DisplayName("an orchestrator that is soon busy is asked for little more than it can do at once")
  void findsWhatABusyOrchestratorCanDo() {
    assertThat(after(300, 2, Duration.ofMillis(400)).limit()).isBetween(2, 4);
    assertThat(after(300, 8, Duration.ofMillis(400)).limit()).isBetween(8, 10);
    assertThat(after(1000, 64, Duration.ofMillis(400)).limit()).isBetween(60, 66);
  }

  @Test
  @DisplayName("where all together wait less than some milliseconds, nothing is held back")
  void quickOnesAreNotHeldBack() {
    assertThat(after(100, 1, Duration.ofNanos(100_000)).limit()).isGreaterThan(60);
  }

  @Test
  @DisplayName("so many as together take no longer than that are allowed from the first answer on")
  void quickOnesAreAllowedAtOnce() {
    var pace = Pace.UNKNOWN.answered("pause", Duration.ofNanos(200_000), 1, NOW);
    assertThat(pace.limit()).isEqualTo(50);
    assertThat(pace.answered("start", Duration.ofMillis(400), 1, NOW).limit()).isEqualTo(50);
    assertThat(Pace.UNKNOWN.answered("start", Duration.ofMillis(400), 1, NOW).limit())
        .isEqualTo(Pace.UNKNOWN.limit());
  }

  @Test
  @DisplayName("what was not tried out does not raise the limit")
  void risesOnlyWhereItIsUsed() {
    var pace = Pace.UNKNOWN;
    for (int i = 0; i < 100; i++) {
      pace = pace.answered("pause", Duration.ofMillis(30), 1, NOW);
    }
    assertThat(pace.limit()).isEqualTo(Pace.UNKNOWN.limit());
  }

  @Test
  @DisplayName("refusals of one burst halve it once, later ones again, and some remains")
  void refusalsHalve() {
    var pace = Pace.of(32);
    for (int i = 0; i < 10; i++) {
      pace = pace.refused(NOW, NOW.plusMillis(i + 1));
    }
    assertThat(pace.limit()).isEqualTo(16);
    for (int i = 1; i < 20; i++) {
      pace = pace.refused(NOW.plusSeconds(i), NOW.plusSeconds(i));
    }
    assertThat(pace.limit()).isEqualTo(Pace.LEAST);
  }

  @Test
  @DisplayName("one that hangs does not keep others waiting")
  void whatHangsIsNotCounted() {
    var stop = new Action.Stop(new ServiceId("web"), new ReplicaId("web-1"));
    var ledger = Ledger.EMPTY.asked(stop, NOW);
    assertThat(Pace.UNKNOWN.underWay(ledger, NOW)).isEqualTo(1);
    var hangs = Pace.UNKNOWN.nextHanging(ledger, NOW).orElseThrow();
    assertThat(Pace.UNKNOWN.underWay(ledger, hangs)).isZero();
    assertThat(Pace.UNKNOWN.underWay(ledger.accepted(stop, NOW), NOW)).isZero();

    var slow = Pace.UNKNOWN.answered("stop", Duration.ofSeconds(2), 1, NOW);
    assertThat(slow.nextHanging(ledger, NOW).orElseThrow()).isAfter(NOW.plusSeconds(10));
  }
}
