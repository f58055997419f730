package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.ReplicaId;
import org.junit.jupiter.api.Test;

class BatchBookTest {
  private static final ReplicaId A = new ReplicaId("transcode-a");

  private final BatchBook book = new BatchBook();

  @Test
  void aStopLosesTheTimeSinceTheLastBlock() {
    book.running(A, 100);
    book.finished(A, true, 400);
    book.running(A, 450);
    book.gone(A, 500);
    assertThat(book.done()).isEqualTo(1);
    assertThat(book.lostNanos()).isEqualTo(100);
    assertThat(book.known()).isEmpty();
  }

  @Test
  void aPauseLosesNothingAndItsTimeIsNoWork() {
    book.running(A, 0);
    book.halted(A, 10);
    book.halted(A, 50);
    book.running(A, 1000);
    assertThat(book.lostNanos()).isZero();
    book.gone(A, 1005);
    assertThat(book.lostNanos()).isEqualTo(15);
  }

  @Test
  void aBlockReportedAfterThePauseIsSafe() {
    book.running(A, 0);
    book.halted(A, 10);
    book.finished(A, true, 11);
    book.gone(A, 20);
    assertThat(book.lostNanos()).isZero();
  }

  @Test
  void aWrongBlockIsNotDone() {
    book.running(A, 0);
    book.finished(A, false, 10);
    assertThat(book.done()).isZero();
    assertThat(book.wrong()).isEqualTo(1);
  }

  @Test
  void whoNeverRanLosesNothing() {
    book.gone(A, 10);
    book.halted(A, 10);
    book.gone(A, 20);
    assertThat(book.lostNanos()).isZero();
  }
}
