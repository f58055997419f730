package io.microscale.orchestrators.kubernetes.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CandidateTest {
  private static final Term TERM = new Term(1, "a");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void calm() {
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void anEngineRunsForEachTerm() {
    var candidate =
        Candidate.runs(
            () -> {
              log.add("started");
              return () -> log.add("closed");
            });
    for (int i = 0; i < 2; i++) {
      candidate.elected(TERM);
      candidate.deposed(TERM, "closed");
    }
    assertThat(log).containsExactly("started", "closed", "started", "closed");
  }

  @Test
  void anEngineThatDidNotStartIsNotClosed() {
    var candidate =
        Candidate.runs(
            () -> {
              throw new IllegalStateException("no cluster");
            });
    assertThatThrownBy(() -> candidate.elected(TERM)).hasMessage("no cluster");
    assertThatCode(() -> candidate.deposed(TERM, "it could not begin")).doesNotThrowAnyException();
  }

  @Test
  void whatWentWrongAtTheEndIsTold() {
    var candidate =
        Candidate.runs(
            () ->
                () -> {
                  throw new IOException("disk full");
                });
    candidate.elected(TERM);
    assertThatThrownBy(() -> candidate.deposed(TERM, "closed"))
        .hasMessage("the engine did not close: disk full")
        .hasCauseInstanceOf(IOException.class);
    assertThatCode(() -> candidate.deposed(TERM, "closed")).doesNotThrowAnyException();
  }

  @Test
  void anInterruptIsKept() {
    var candidate =
        Candidate.runs(
            () ->
                () -> {
                  throw new InterruptedException("now");
                });
    candidate.elected(TERM);
    assertThatThrownBy(() -> candidate.deposed(TERM, "closed"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(Thread.interrupted()).isTrue();
  }
}
