package io.microscale.core.demand;

import java.time.Instant;
import java.util.Optional;

/// Where the demand of one service comes from, asked anew and anew. Sources of which nothing has to
/// be asked (a push) hand their readings to the engine themselves.
public interface DemandSource extends AutoCloseable {
  /// Reads the demand now; may block until its own deadline and answers with [Reading.Missing] if
  /// it has no good answer. Never throws for a bad answer.
  Reading read(Instant now);

  /// When it is worth asking again after a reading at `now`; empty if this one was the last (a
  /// trace that has ended).
  Optional<Instant> next(Instant now);

  @Override
  default void close() {}
}
