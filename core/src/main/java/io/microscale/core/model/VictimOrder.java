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
    // Written out, since whole pools are sorted in every pass that takes room.
    return (a, b) -> {
      int order = Integer.compare(rank(a), rank(b));
      if (order == 0 && !a.idle()) {
        order = safeUntil(b, now).compareTo(safeUntil(a, now));
      }
      return order == 0 ? a.id().compareTo(b.id()) : order;
    };
  }

  private static int rank(Replica replica) {
    return (replica.state() == ReplicaState.STARTING ? 0 : 2) + (replica.idle() ? 0 : 1);
  }

  /// The later, the less work is at risk.
  private static Instant safeUntil(Replica replica, Instant now) {
    return replica.savedAt().isAfter(now) ? now : replica.savedAt();
  }
}
