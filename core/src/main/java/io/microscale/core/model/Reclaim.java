package io.microscale.core.model;

/// A rung of the reclaim ladder: how a replica gives up room. Cheapest first.
public enum Reclaim {
  /// Less processor, down to the service's floor; it goes on, slower.
  THROTTLE,
  /// No processor; memory and progress stay.
  PAUSE,
  /// Everything; work since the last checkpoint is lost.
  STOP
}
