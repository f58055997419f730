package io.microscale.core.demand;

import java.time.Duration;
import java.util.Optional;

/// A made-up or recorded demand: a pure function of the time since its start. The same moment gives
/// the same value, in whatever order moments are asked for.
public interface Generator {
  /// The demand at a moment.
  ///
  /// @param elapsed time since the start, not negative
  /// @return a finite number >= 0
  double valueAt(Duration elapsed);

  /// When the demand may next be another.
  ///
  /// @return later than `elapsed`; empty if it stays as it is for ever
  Optional<Duration> changesAfter(Duration elapsed);

  /// This demand as a source that starts when it is first read.
  default DemandSource source() {
    return new Schedule(this);
  }
}
