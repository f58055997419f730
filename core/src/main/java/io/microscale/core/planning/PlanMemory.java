package io.microscale.core.planning;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// What the planner remembers from one pass to the next.
///
/// @param run tells the replicas of this run of the engine from those of others; part of their
///   names
/// @param started replicas named so far in this run
/// @param stops when replicas were stopped for another service, within the last minute; bounded by
///   the stop budget
public record PlanMemory(String run, long started, List<Instant> stops) {
  static final Duration BUDGET_PERIOD = Duration.ofMinutes(1);
  private static final int RADIX = 36;

  public PlanMemory {
    stops = List.copyOf(stops);
  }

  public static PlanMemory of(String run) {
    return new PlanMemory(run, 0, List.of());
  }

  ReplicaId nextName(ServiceId service) {
    return new ReplicaId(prefix(service) + Long.toString(started + 1, RADIX));
  }

  private String prefix(ServiceId service) {
    return service + "-" + run + "-";
  }

  /// How many replicas had been named in this run, with this one; empty if its name was not given
  /// in this run.
  public OptionalLong numberOf(ServiceId service, ReplicaId replica) {
    var prefix = prefix(service);
    if (!replica.value().startsWith(prefix)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(replica.value().substring(prefix.length()), RADIX));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  /// As if so many replicas had been named.
  public PlanMemory named(long replicas) {
    return new PlanMemory(run, replicas, stops);
  }

  PlanMemory named() {
    return new PlanMemory(run, started + 1, stops);
  }

  /// Without the stops that are longer ago than the budget counts.
  public PlanMemory at(Instant now) {
    return new PlanMemory(
        run, started, stops.stream().filter(t -> now.isBefore(t.plus(BUDGET_PERIOD))).toList());
  }

  /// One more replica was stopped for another service.
  public PlanMemory stopped(Instant now) {
    var all = new ArrayList<>(stops);
    all.add(now);
    return new PlanMemory(run, started, all);
  }
}
