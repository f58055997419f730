package io.microscale.core.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// One container, task, pod or process.
///
/// @param resources what it may use while it runs, less than its service's while throttled
/// @param whilePaused what it holds while it is paused; empty for all but the processor and the
///   slot, which pausing frees
/// @param started when it was started
/// @param savedAt up to when its work is safe (its last checkpoint); `started` if it never saved
///   any
/// @param idle whether the service told that it has nothing to do right now
public record Replica(
    ReplicaId id,
    ServiceId service,
    NodeId node,
    ReplicaState state,
    Resources resources,
    Optional<Resources> whilePaused,
    Instant started,
    Instant savedAt,
    boolean idle) {

  public static Replica of(
      ReplicaId id,
      ServiceId service,
      NodeId node,
      ReplicaState state,
      Resources resources,
      Instant started) {
    return new Replica(
        id, service, node, state, resources, Optional.empty(), started, started, false);
  }

  /// What it holds of its node now.
  public Resources holds() {
    return state == ReplicaState.PAUSED ? heldWhilePaused() : resources;
  }

  /// What it holds once it is paused.
  public Resources heldWhilePaused() {
    return whilePaused.orElseGet(resources::heldWhilePaused);
  }

  /// The work that would be lost if it stopped at `now`; an idle one loses none.
  public Duration workAtRisk(Instant now) {
    if (idle || now.isBefore(savedAt)) {
      return Duration.ZERO;
    }
    return Duration.between(savedAt, now);
  }

  /// On its way out. One that was paused does not get its processor back for that: it holds what it
  /// held.
  public Replica stopping() {
    return using(holds()).in(ReplicaState.STOPPING);
  }

  public Replica in(ReplicaState other) {
    return new Replica(id, service, node, other, resources, whilePaused, started, savedAt, idle);
  }

  public Replica using(Resources other) {
    return new Replica(id, service, node, state, other, whilePaused, started, savedAt, idle);
  }
}
