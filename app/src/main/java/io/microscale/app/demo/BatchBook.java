package io.microscale.app.demo;

import io.microscale.core.model.ReplicaId;
import java.util.HashMap;
import java.util.Map;

/// Counts the blocks that batch replicas finish, and what is thrown away when one ends: the time
/// that it ran since its last finished block, pauses left out.
///
/// Time comes in as nanoseconds of any clock that never goes back. One thread calls it.
final class BatchBook {
  private final Map<ReplicaId, Unfinished> unfinished = new HashMap<>();
  private long done;
  private long wrong;
  private long lostNanos;

  /// What is known of the block that a replica is at.
  private static final class Unfinished {
    long nanos;
    long since;
    boolean running;

    void run(long now) {
      if (!running) {
        running = true;
        since = now;
      }
    }

    void halt(long now) {
      if (running) {
        running = false;
        nanos += now - since;
      }
    }
  }

  void running(ReplicaId id, long now) {
    unfinished.computeIfAbsent(id, _ -> new Unfinished()).run(now);
  }

  /// It makes no progress at present.
  void halted(ReplicaId id, long now) {
    unfinished.computeIfAbsent(id, _ -> new Unfinished()).halt(now);
  }

  void gone(ReplicaId id, long now) {
    var block = unfinished.remove(id);
    if (block != null) {
      block.halt(now);
      lostNanos += block.nanos;
    }
  }

  void finished(ReplicaId id, boolean right, long now) {
    if (right) {
      done++;
    } else {
      wrong++;
    }
    var block = unfinished.get(id);
    if (block != null) {
      block.nanos = 0;
      block.since = now;
    }
  }

  Map<ReplicaId, ?> known() {
    return Map.copyOf(unfinished);
  }

  long done() {
    return done;
  }

  /// Blocks with a wrong result; they are not done.
  long wrong() {
    return wrong;
  }

  long lostNanos() {
    return lostNanos;
  }
}
