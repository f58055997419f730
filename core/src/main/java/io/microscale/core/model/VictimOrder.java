package io.microscale.core.model;

import java.time.Instant;
import java.util.Comparator;

/// Who gives up room first, among the replicas of one service: not yet ready before ready, idle
/// before busy, then the least work at risk, then by name.
///
/// Both the allocator, which decides on which nodes replicas stay, and the planner, which names
/// them, go by this one order.
public final class VictimOrder {
  private VictimOrder() {}

  public static Comparator<Replica> at(Instant now) {
    return Comparator.<Replica>comparingInt(r -> r.state() == ReplicaState.STARTING ? 0 : 1)
        .thenComparingInt(r -> r.idle() ? 0 : 1)
        .thenComparing(r -> r.workAtRisk(now))
        .thenComparing(Replica::id);
  }
}
