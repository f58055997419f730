package io.microscale.core.orchestrator;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.List;

/// One thing asked of an orchestrator. Each says what should be, not what to change, so that asking
/// twice is the same as asking once.
public sealed interface Action {
  ServiceId service();

  /// What it is asked of, by name: a replica, or the service. At most one action is in flight for
  /// each.
  String subject();

  /// One lower-case word for people and metrics.
  default String verb() {
    return switch (this) {
      case Start _ -> "start";
      case Stop _ -> "stop";
      case Pause _ -> "pause";
      case Resume _ -> "resume";
      case Resize _ -> "resize";
      case Scale _ -> "scale";
    };
  }

  /// Asked of one replica.
  sealed interface OfReplica extends Action {
    ReplicaId replica();

    @Override
    default String subject() {
      return replica().value();
    }
  }

  /// There is a replica of this name, using `resources`, on `node` where the orchestrator lets that
  /// be chosen.
  record Start(ServiceId service, ReplicaId replica, NodeId node, Resources resources)
      implements OfReplica {}

  /// There is no replica of this name; it gets its grace period.
  record Stop(ServiceId service, ReplicaId replica) implements OfReplica {}

  /// It uses no processor and keeps its memory.
  record Pause(ServiceId service, ReplicaId replica) implements OfReplica {}

  /// It runs again. Nothing happens to one that is not paused.
  record Resume(ServiceId service, ReplicaId replica) implements OfReplica {}

  /// It may use `resources`, no more.
  record Resize(ServiceId service, ReplicaId replica, Resources resources) implements OfReplica {}

  /// The service has so many replicas; the orchestrator names and places them. Only for those with
  /// the ability `SCALES`, which take it in place of starts and stops.
  ///
  /// @param victims who is to go before all others, where the orchestrator picks victims; no more
  ///   than the number falls by
  record Scale(ServiceId service, int replicas, List<ReplicaId> victims) implements Action {
    public Scale {
      victims = List.copyOf(victims);
      if (replicas < 0) {
        throw new IllegalArgumentException(service + ": need replicas >= 0, got " + replicas);
      }
    }

    public Scale(ServiceId service, int replicas) {
      this(service, replicas, List.of());
    }

    @Override
    public String subject() {
      return service.value();
    }
  }
}
