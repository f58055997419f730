package io.microscale.app;

import java.time.Instant;
import java.time.InstantSource;

/// The clock of a live engine: the wall clock as it was when the clock was made, carried on by the
/// time that has passed since.
///
/// It never goes back and never jumps, whatever happens to the wall clock: a hold or a deadline
/// must not end early because somebody set the date. The price is that it keeps an error that the
/// wall clock had at the start, and that time in which the host was suspended is missing.
public final class MonotonicClock implements InstantSource {
  private final Instant start = Instant.now();
  private final long origin = System.nanoTime();

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - origin);
  }
}
