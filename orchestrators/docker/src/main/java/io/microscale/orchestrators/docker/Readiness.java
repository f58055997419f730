package io.microscale.orchestrators.docker;

import java.time.Duration;

/// When a started container counts as ready. One that is not ready in time is stopped, and that
/// counts as a crash. After a pause it is ready again at once, or with a [Tcp] once that passes.
public sealed interface Readiness {
  /// How long that may take unless told otherwise.
  Duration WITHIN = Duration.ofSeconds(30);

  /// As soon as the engine says that it runs.
  record Started() implements Readiness {}

  /// Once the health check of its image, or of the container that it is like, has passed. If it
  /// becomes unhealthy later, it is stopped, and that counts as a crash. Podman makes health checks
  /// only where systemd runs.
  record HealthCheck(Duration within) implements Readiness {
    public HealthCheck {
      requireWithin(within);
    }
  }

  /// Once it takes connections on a port of its own: at its address in its network, or with the
  /// network `host` at that of the node. Must be reachable from here.
  ///
  /// @param port 1 to 65535
  record Tcp(int port, Duration within) implements Readiness {
    public Tcp {
      requireWithin(within);
      if (port < 1 || port > 65_535) {
        throw new IllegalArgumentException("readiness.tcpPort: need 1 to 65535, got " + port);
      }
    }
  }

  private static void requireWithin(Duration within) {
    if (!within.isPositive() || within.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException(
          "readiness.within: need more than 0s and at most 1h, got " + within);
    }
  }
}
