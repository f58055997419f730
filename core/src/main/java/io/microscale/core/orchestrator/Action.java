package io.microscale.core.orchestrator;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;

/// One thing asked of an orchestrator. Each says what should be, not what to change, so that asking
/// twice is the same as asking once.
public sealed interface Action {
  ServiceId service();

  ReplicaId replica();

  /// One lower-case word for people and metrics.
  default String verb() {
    return switch (this) {
      case Start _ -> "start";
      case Stop _ -> "stop";
      case Pause _ -> "pause";
      case Resume _ -> "resume";
      case Resize _ -> "resize";
    };
  }

  /// There is a replica of this name, using `resources`, on `node` where the orchestrator lets that
  /// be chosen.
  record Start(ServiceId service, ReplicaId replica, NodeId node, Resources resources)
      implements Action {}

  /// There is no replica of this name; it gets its grace period.
  record Stop(ServiceId service, ReplicaId replica) implements Action {}

  /// It uses no processor and keeps its memory.
  record Pause(ServiceId service, ReplicaId replica) implements Action {}

  /// It runs again. Nothing happens to one that is not paused.
  record Resume(ServiceId service, ReplicaId replica) implements Action {}

  /// It may use `resources`, no more.
  record Resize(ServiceId service, ReplicaId replica, Resources resources) implements Action {}
}
