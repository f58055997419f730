package io.microscale.app.bench.reaction.kubernetes;

import java.util.Locale;

/// How a HorizontalPodAutoscaler may raise the number of replicas.
public enum Behaviour {
  /// By four or to the double in 15 s, whichever is more: what it does unless told otherwise.
  DEFAULT,
  /// By any number at once.
  UNLIMITED;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
