package io.microscale.orchestrators.docker.swarm;

import java.time.Duration;

/// How many replicas a service is to have in the end, and how many Swarm was told. For one thread
/// alone.
final class Scaled {
  /// How long a fall waits at most for tasks that are being started.
  private static final Duration FALL_WITHIN = Duration.ofSeconds(3);

  private int target;
  private int told;
  private long toldNanos;
  private long fallNanos;

  /// One that is as it should be.
  Scaled(int replicas, long nowNanos) {
    target = replicas;
    told(replicas, nowNanos);
  }

  int target() {
    return target;
  }

  int told() {
    return told;
  }

  long toldNanos() {
    return toldNanos;
  }

  void aim(int replicas, long nowNanos) {
    if (target >= told) {
      fallNanos = nowNanos;
    }
    target = replicas;
  }

  void told(int replicas, long nowNanos) {
    told = replicas;
    toldNanos = nowNanos;
  }

  /// Whether Swarm is to be told of a fall now.
  ///
  /// It would take away first what it is just starting. A process that gets its stop signal before
  /// it has a handler for it ignores it, as the first process of a container does, and is killed
  /// only after its whole grace. So what is being started is let through, which takes a second, not
  /// ten.
  ///
  /// @param starting whether tasks of the service are being started, or were a moment ago
  boolean isToFall(boolean starting, long nowNanos) {
    return target < told && (!starting || nowNanos - fallNanos >= FALL_WITHIN.toNanos());
  }
}
