package io.microscale.orchestrators.kubernetes.election;

import java.time.Duration;

/// Settings for tests.
final class Elections {
  private Elections() {}

  static ElectionSettings quick(String namespace, String lease, String process) {
    return ElectionSettings.of(namespace, lease, process)
        .paced(Duration.ofSeconds(2), Duration.ofMillis(1500), Duration.ofMillis(300));
  }

  /// So slow that a Lease which is not released keeps a test waiting until it fails.
  static ElectionSettings patient(String namespace, String lease, String process) {
    return ElectionSettings.of(namespace, lease, process)
        .paced(Duration.ofSeconds(600), Duration.ofSeconds(500), Duration.ofMillis(300));
  }
}
