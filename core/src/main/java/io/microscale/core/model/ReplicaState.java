package io.microscale.core.model;

/// Where a replica is in its life. Only `RUNNING` is ready; a `PAUSED` one holds memory and no
/// processor; a `STOPPING` one holds its room until it is gone.
public enum ReplicaState {
  STARTING,
  RUNNING,
  PAUSED,
  STOPPING;

  /// Starting or running: what counts towards an allocation.
  public boolean isActive() {
    return this == STARTING || this == RUNNING;
  }
}
