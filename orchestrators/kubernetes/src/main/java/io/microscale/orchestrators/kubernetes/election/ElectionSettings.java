package io.microscale.orchestrators.kubernetes.election;

import io.microscale.core.model.Names;
import java.time.Duration;
import java.util.UUID;
import java.util.regex.Pattern;

/// Which Lease decides, and how fast. The durations mean what they mean in Kubernetes' own
/// components and have the same defaults.
///
/// @param namespace the Lease's
/// @param lease the Lease's name; all engines of one pool have the same
/// @param identity who this engine is in the Lease; no two processes may share it, see [#of]
/// @param leaseDuration how long after the last renewal that it saw another engine waits before it
///   takes over; whole seconds
/// @param renewDeadline how long after the start of its last successful renewal a leader leads.
///   What is left of `leaseDuration` covers clocks that do not run equally fast
/// @param retryPeriod how often a leader renews and another looks
public record ElectionSettings(
    String namespace,
    String lease,
    String identity,
    Duration leaseDuration,
    Duration renewDeadline,
    Duration retryPeriod) {
  private static final String FIELD_MANAGER_PREFIX = "microscale-";

  /// The API server takes 128 characters as a field manager.
  private static final int LONGEST_IDENTITY = 128 - FIELD_MANAGER_PREFIX.length();

  private static final Pattern IDENTITY = Pattern.compile("[A-Za-z0-9._-]+");

  private static final Duration SHORTEST_RETRY = Duration.ofMillis(50);

  /// A retry may come up to a fifth later than its period.
  static final double JITTER = 0.2;

  public ElectionSettings {
    Names.requireLabel("namespace", namespace);
    Names.requireLabel("lease", lease);
    if (identity.length() > LONGEST_IDENTITY || !IDENTITY.matcher(identity).matches()) {
      throw new IllegalArgumentException(
          "identity: need 1 to %d letters, digits and . _ -, got \"%s\""
              .formatted(LONGEST_IDENTITY, identity));
    }
    if (leaseDuration.compareTo(Duration.ofSeconds(1)) < 0 || leaseDuration.toNanosPart() != 0) {
      throw new IllegalArgumentException(
          "leaseDuration: need whole seconds, at least 1, got " + leaseDuration);
    }
    if (retryPeriod.compareTo(SHORTEST_RETRY) < 0) {
      throw new IllegalArgumentException(
          "retryPeriod: need >= %s, got %s".formatted(SHORTEST_RETRY, retryPeriod));
    }
    if (renewDeadline.toMillis() <= retryPeriod.toMillis() * (1 + JITTER)) {
      throw new IllegalArgumentException(
          "renewDeadline: need more than %s times the retryPeriod of %s, got %s"
              .formatted(1 + JITTER, retryPeriod, renewDeadline));
    }
    if (renewDeadline.toMillis() > leaseDuration.toMillis() * 9 / 10) {
      throw new IllegalArgumentException(
          "renewDeadline: need at most nine tenths of the leaseDuration of %s, got %s"
              .formatted(leaseDuration, renewDeadline));
    }
  }

  /// The defaults, 15 s, 10 s and 2 s, and an identity that begins with what people know the
  /// process by, such as the name of its pod, and is new for each call.
  public static ElectionSettings of(String namespace, String lease, String process) {
    var suffix = "_" + UUID.randomUUID().toString().substring(0, 8);
    var name = process.replaceAll("[^A-Za-z0-9._-]", "-");
    int longest = LONGEST_IDENTITY - suffix.length();
    // The end of a pod's name is what tells it from others.
    var end = name.substring(Math.max(0, name.length() - longest));
    return new ElectionSettings(
        namespace,
        lease,
        end + suffix,
        Duration.ofSeconds(15),
        Duration.ofSeconds(10),
        Duration.ofSeconds(2));
  }

  /// The same, faster or slower.
  public ElectionSettings paced(
      Duration leaseDuration, Duration renewDeadline, Duration retryPeriod) {
    return new ElectionSettings(
        namespace, lease, identity, leaseDuration, renewDeadline, retryPeriod);
  }

  /// The name under which this engine's writes are made.
  public String fieldManager() {
    return FIELD_MANAGER_PREFIX + identity;
  }

  /// The longest that one request may take: a second one has to fit into the deadline.
  Duration requestTimeout() {
    return renewDeadline.dividedBy(2);
  }
}
