package io.microscale.core.orchestrator;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// Time stamps that never go back, also when the host's clock does. May be used from any thread.
public final class Clock {
  private final InstantSource source;
  private final AtomicReference<Instant> latest = new AtomicReference<>(Instant.MIN);

  public Clock(InstantSource source) {
    this.source = source;
  }

  public Instant now() {
    return latest.accumulateAndGet(source.instant(), (a, b) -> a.isAfter(b) ? a : b);
  }
}
