package io.microscale.core.orchestrator;

import io.microscale.core.model.Backoff;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// How long a service that ends by itself again and again waits before its next start.
///
/// The first end costs nothing, so that what was killed is replaced at once; then 100 ms, twice as
/// long with each, at most 30 s. What ends together counts once: a replica that was started before
/// the last end was counted tells nothing new. A replica that lives for 10 s ends the series. Not
/// to be shared between threads.
public final class CrashLoop {
  /// How long a replica has to live to count as one that works.
  public static final Duration PROVEN = Duration.ofSeconds(10);

  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private int inARow;
  private long countedNanos;
  private Instant until = Instant.MIN;
  private String last = "";

  /// One that has seen nothing end.
  public CrashLoop() {}

  /// A replica has ended that was not told to.
  ///
  /// @param bornNanos when it was started, likewise `nowNanos`, on the same clock of elapsed time
  /// @param proven whether one that was started after the last end has lived long enough
  public void ended(long bornNanos, long nowNanos, Instant now, String why, boolean proven) {
    if (proven || nowNanos - bornNanos >= PROVEN.toNanos()) {
      inARow = 0;
    } else if (inARow > 0 && bornNanos < countedNanos) {
      return;
    }
    inARow++;
    countedNanos = nowNanos;
    var delay = inARow == 1 ? Duration.ZERO : FIRST.multipliedBy(1L << Math.min(inARow - 2, 20));
    until = now.plus(delay.compareTo(LONGEST) < 0 ? delay : LONGEST);
    last = why;
  }

  /// More is known of why the last one ended.
  public void because(String why) {
    last = why;
  }

  /// Whether a replica started at `bornNanos` would, by living long enough, end the series.
  public boolean isNewer(long bornNanos) {
    return bornNanos >= countedNanos;
  }

  /// What holds up the next start now, if anything.
  public Optional<Backoff> at(Instant now) {
    if (!now.isBefore(until)) {
      return Optional.empty();
    }
    var reason =
        "%d ended within %d s in a row, the last: %s".formatted(inARow, PROVEN.toSeconds(), last);
    return Optional.of(new Backoff(until, reason));
  }
}
