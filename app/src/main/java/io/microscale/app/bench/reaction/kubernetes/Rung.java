package io.microscale.app.bench.reaction.kubernetes;

import java.util.Locale;

/// How batch gives way and where the replicas that answer a step come from.
public enum Rung {
  /// Batch pods are ended, new ones start.
  STOP,
  /// Batch pods get less processor, pods that stand by get theirs.
  THROTTLE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
