package io.microscale.core.demand;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Reads a [Generator] as time goes by, from the first reading on: at each change, at least once a
/// second so that no reading grows stale, and at most once a millisecond.
final class Schedule implements DemandSource {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofSeconds(1);

  private final Generator generator;
  private final AtomicReference<Optional<Instant>> start = new AtomicReference<>(Optional.empty());

  Schedule(Generator generator) {
    this.generator = generator;
  }

  @Override
  public Reading read(Instant now) {
    return Reading.of(generator.valueAt(elapsed(now)), now);
  }

  @Override
  public Optional<Instant> next(Instant now) {
    return generator
        .changesAfter(elapsed(now))
        .map(
            change -> {
              var wait = change.minus(elapsed(now));
              if (wait.compareTo(SHORTEST) < 0) {
                return now.plus(SHORTEST);
              }
              return now.plus(wait.compareTo(LONGEST) > 0 ? LONGEST : wait);
            });
  }

  private Duration elapsed(Instant now) {
    start.compareAndSet(Optional.empty(), Optional.of(now));
    var since = Duration.between(start.get().orElse(now), now);
    return since.isNegative() ? Duration.ZERO : since;
  }
}
