package io.microscale.core.loop;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Measures reaction times: how long a replica that is called for has been missing when it becomes
/// ready.
///
/// What is missing when a service is looked at for the first time is the start of the engine, not a
/// change of demand, and is not measured.
///
/// A queue for each service holds, for every missing replica, since when it is missing: one entry
/// for each, so at most `max`.
final class Reactions {
  private static final Instant NOT_MEASURED = Instant.MIN;

  private final Map<ServiceId, ArrayDeque<Instant>> missing = new HashMap<>();

  /// Takes in what one pass saw of a service.
  ///
  /// @param claimed replicas called for now
  /// @param ready replicas ready now
  /// @param newlyReady those of them that were not ready before
  /// @param known when the demand became known that is looked at now
  List<LoopEvent.Reacted> follow(
      ServiceId service,
      int claimed,
      int ready,
      List<Replica> newlyReady,
      Instant known,
      Instant now) {
    boolean first = !missing.containsKey(service);
    var queue = missing.computeIfAbsent(service, _ -> new ArrayDeque<>());
    var reacted = new ArrayList<LoopEvent.Reacted>();
    int open = Math.max(0, claimed - ready);
    for (var replica : newlyReady) {
      if (queue.size() > open) {
        var since = queue.removeFirst();
        if (!since.equals(NOT_MEASURED)) {
          reacted.add(
              new LoopEvent.Reacted(now, service, replica.id(), Duration.between(since, now)));
        }
      }
    }
    while (queue.size() > open) {
      queue.removeLast(); // no longer called for
    }
    while (queue.size() < open) {
      queue.addLast(first ? NOT_MEASURED : known);
    }
    return reacted;
  }
}
