package io.microscale.core.planning;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What the planner remembers from one pass to the next.
///
/// @param run tells the replicas of this run of the engine from those of others; part of their
///   names
/// @param started replicas named so far in this run
/// @param stops when replicas were stopped for another service, within the last minute; bounded by
///   the stop budget
public record PlanMemory(String run, long started, List<Instant> stops) {
  static final Duration BUDGET_PERIOD = Duration.ofMinutes(1);

  public PlanMemory {
    stops = List.copyOf(stops);
  }

  public static PlanMemory of(String run) {
    return new PlanMemory(run, 0, List.of());
  }

  ReplicaId nextName(ServiceId service) {
    return new ReplicaId(service + "-" + run + "-" + Long.toString(started + 1, 36));
  }

  PlanMemory named() {
    return new PlanMemory(run, started + 1, stops);
  }

  PlanMemory at(Instant now) {
    return new PlanMemory(
        run, started, stops.stream().filter(t -> now.isBefore(t.plus(BUDGET_PERIOD))).toList());
  }

  PlanMemory stopped(Instant now) {
    var all = new ArrayList<>(stops);
    all.add(now);
    return new PlanMemory(run, started, all);
  }
}
