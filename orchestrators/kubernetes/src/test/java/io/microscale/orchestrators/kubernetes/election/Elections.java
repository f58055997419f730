package io.microscale.orchestrators.kubernetes.election;

import java.time.Duration;

/// Settings for tests.
final class Elections {
  private Elections() {}

  /// A Lease that runs out soon, for tests that wait for that.
  static ElectionSettings quick(String namespace, String lease, String process) {
    return ElectionSettings.of(namespace, lease, process)
        .paced(Duration.ofSeconds(3), Duration.ofMillis(2400), Duration.ofMillis(300));
  }

  /// A Lease that does not run out because the machine is busy.
  static ElectionSettings steady(String namespace, String lease, String process) {
    return ElectionSettings.of(namespace, lease, process)
        .paced(Duration.ofSeconds(10), Duration.ofSeconds(8), Duration.ofMillis(300));
  }

  /// So slow that a Lease which is not released keeps a test waiting until it fails.
  static ElectionSettings patient(String namespace, String lease, String process) {
    return ElectionSettings.of(namespace, lease, process)
        .paced(Duration.ofSeconds(600), Duration.ofSeconds(500), Duration.ofMillis(300));
  }
}
