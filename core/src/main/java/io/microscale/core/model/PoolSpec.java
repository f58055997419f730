package io.microscale.core.model;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;

/// The pool and the services that share it.
///
/// @param services ordered by priority, highest first, then by name; this is the order of every
///   decision
/// @param stopsPerMinute how many replicas may be stopped for another service within a minute;
///   empty for no limit
/// @param actionsInFlight how many actions may be under way at once
/// @param actionDeadline after how long an action that shows no effect is given up and asked anew
/// @param resync how often a pass is made when nothing has changed
public record PoolSpec(
    String name,
    List<ServiceSpec> services,
    OptionalInt stopsPerMinute,
    int actionsInFlight,
    Duration actionDeadline,
    Duration resync) {

  /// The order in which services are served: by priority, highest first, then by name.
  public static final Comparator<ServiceSpec> BY_PRIORITY =
      Comparator.comparingInt(ServiceSpec::priority).reversed().thenComparing(ServiceSpec::id);

  public PoolSpec {
    Names.requireLabel("pool.name", name);
    services = services.stream().sorted(BY_PRIORITY).toList();
    var seen = new HashSet<ServiceId>();
    for (var service : services) {
      if (!seen.add(service.id())) {
        throw new IllegalArgumentException(
            "services: need one name each, got '%s' twice".formatted(service.id()));
      }
    }
    if (services.isEmpty()) {
      throw new IllegalArgumentException("services: need at least one, got none");
    }
    int lowestClaiming =
        services.stream()
            .filter(s -> !s.remainder())
            .mapToInt(ServiceSpec::priority)
            .min()
            .orElse(Integer.MAX_VALUE);
    for (var service : services) {
      // Otherwise "the remainder comes last" and "nothing is reclaimed for a lower priority"
      // contradict each other.
      if (service.remainder() && service.priority() >= lowestClaiming) {
        throw new IllegalArgumentException(
            "%s: a remainder service needs a priority below every service with a demand (lowest: %d), got %d"
                .formatted(service.id(), lowestClaiming, service.priority()));
      }
    }
    if (stopsPerMinute.isPresent() && stopsPerMinute.getAsInt() < 0) {
      throw new IllegalArgumentException(
          "pool.stopsPerMinute: need >= 0, got " + stopsPerMinute.getAsInt());
    }
    if (actionsInFlight < 1) {
      throw new IllegalArgumentException("pool.actionsInFlight: need >= 1, got " + actionsInFlight);
    }
    if (!actionDeadline.isPositive()) {
      throw new IllegalArgumentException("pool.actionDeadline: need > 0s, got " + actionDeadline);
    }
    if (!resync.isPositive()) {
      throw new IllegalArgumentException("pool.resync: need > 0s, got " + resync);
    }
    Times.requireBounded("pool.actionDeadline", actionDeadline);
    Times.requireBounded("pool.resync", resync);
  }

  public static PoolSpec of(String name, List<ServiceSpec> services) {
    return new PoolSpec(
        name, services, OptionalInt.empty(), 64, Duration.ofSeconds(30), Duration.ofSeconds(10));
  }

  public PoolSpec withoutPausing() {
    return new PoolSpec(
        name,
        services.stream().map(ServiceSpec::withoutPausing).toList(),
        stopsPerMinute,
        actionsInFlight,
        actionDeadline,
        resync);
  }

  public PoolSpec stopsPerMinute(int limit) {
    return new PoolSpec(
        name, services, OptionalInt.of(limit), actionsInFlight, actionDeadline, resync);
  }
}
