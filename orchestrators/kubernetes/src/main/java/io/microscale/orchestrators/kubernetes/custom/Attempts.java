package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/// One kind of writes: after one that failed there is a pause, longer each time, and people are
/// told at most once a minute.
///
/// Not thread-safe.
final class Attempts {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration QUIET = Duration.ofMinutes(1);

  private final String what;
  private final Consumer<String> problems;
  private Instant pausedUntil = Instant.MIN;
  private Duration pause = FIRST_PAUSE;
  private Instant told = Instant.MIN;

  /// @param what is written, in the plural, for people
  /// @param problems takes a line for people
  Attempts(String what, Consumer<String> problems) {
    this.what = what;
    this.problems = problems;
  }

  void attempt(Instant now, Runnable writes) {
    if (now.isBefore(pausedUntil)) {
      return;
    }
    try {
      writes.run();
      pause = FIRST_PAUSE;
    } catch (OrchestratorException e) {
      pausedUntil = now.plus(pause);
      var longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
      if (!now.isBefore(told)) {
        told = now.plus(QUIET);
        problems.accept("%s are not written for now: %s".formatted(what, e.getMessage()));
      }
    }
  }
}
