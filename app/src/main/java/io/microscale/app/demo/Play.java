package io.microscale.app.demo;

import io.microscale.core.demand.DemandSource;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LoopEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/// A demand with a beginning and an end: none until the pool is filled and stands by, so that what
/// is measured is how it is re-divided, not how it is filled; then that of a source; and from
/// [#freeze] on it stays as it is.
final class Play implements DemandSource, Consumer<LoopEvent> {
  private static final Duration LOOK = Duration.ofMillis(50);
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final DemandSource source;
  private volatile Instant until = Instant.MAX;
  private volatile boolean begun;
  private volatile Optional<Instant> frozenAt = Optional.empty();

  Play(DemandSource source) {
    this.source = source;
  }

  /// Waits for a pass that finds everything in place.
  @Override
  public void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.Started started -> until = started.at().plus(PATIENCE);
      case LoopEvent.Passed passed when !begun && passed.number() > 1 ->
          begun =
              passed.plan().steps().isEmpty()
                  && passed.plan().waiting().isEmpty()
                  && passed.decisions().stream()
                      .allMatch(d -> d.starting() == 0 && d.stopping() == 0);
      default -> {}
    }
  }

  void freeze(Instant at) {
    frozenAt = Optional.of(at);
  }

  @Override
  public Reading read(Instant now) {
    return isOpening(now)
        ? new Reading.Value(0, now)
        : source.read(frozenAt.filter(at -> at.isBefore(now)).orElse(now));
  }

  @Override
  public Optional<Instant> next(Instant now) {
    if (isOpening(now)) {
      return Optional.of(now.plus(LOOK));
    }
    return frozenAt.isPresent() ? Optional.empty() : source.next(now);
  }

  private boolean isOpening(Instant now) {
    if (!begun && !now.isBefore(until)) {
      begun = true;
    }
    return !begun;
  }
}
