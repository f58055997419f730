package io.microscale.app.replay;

import io.microscale.core.loop.RerunPass;
import java.time.Instant;

/// A place from which on it is not known what the engine remembered, and what came of that.
final class Gap {
  private final String why;
  private final String place;
  private long passes;
  private long different;
  private long lastDifferent;
  private Instant lastDifferentAt = Instant.EPOCH;

  /// @param why what is missing, as `12 events are lost`
  /// @param place where in the files, as `FILE:LINE`
  Gap(String why, String place) {
    this.why = why;
    this.place = place;
  }

  void take(RerunPass pass) {
    passes++;
    if (!pass.same()) {
      different++;
      lastDifferent = pass.recorded().number();
      lastDifferentAt = pass.recorded().at();
    }
  }

  String why() {
    return why;
  }

  String place() {
    return place;
  }

  /// Passes from the gap to the next one or the end.
  long passes() {
    return passes;
  }

  /// How many of them came out otherwise.
  long different() {
    return different;
  }

  /// The number of the last pass that came out otherwise; 0 if none did.
  long lastDifferent() {
    return lastDifferent;
  }

  Instant lastDifferentAt() {
    return lastDifferentAt;
  }
}
