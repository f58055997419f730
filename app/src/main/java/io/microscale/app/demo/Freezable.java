package io.microscale.app.demo;

import io.microscale.core.demand.DemandSource;
import io.microscale.core.demand.Reading;
import java.time.Instant;
import java.util.Optional;

/// A demand that can be made to stay as it is.
final class Freezable implements DemandSource {
  private final DemandSource source;
  private volatile Optional<Instant> frozenAt = Optional.empty();

  Freezable(DemandSource source) {
    this.source = source;
  }

  void freeze(Instant at) {
    frozenAt = Optional.of(at);
  }

  @Override
  public Reading read(Instant now) {
    return source.read(frozenAt.orElse(now));
  }

  @Override
  public Optional<Instant> next(Instant now) {
    return frozenAt.isPresent() ? Optional.empty() : source.next(now);
  }
}
