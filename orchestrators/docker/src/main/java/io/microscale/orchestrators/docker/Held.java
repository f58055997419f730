package io.microscale.orchestrators.docker;

import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// One replica and its container. What changes is changed under the lock of [Containers]; what
/// others wait for may be read without.
final class Held {
  final ReplicaId id;
  final ServiceId service;
  final Resources full; // what it was started with
  final long cpuLimit; // likewise, in thousandths of a core, 0 for none
  final Instant started;
  final long bornNanos;

  /// Held while the engine is asked for something, so that one thing at a time is asked for each
  /// replica.
  final ReentrantLock acting = new ReentrantLock();

  volatile String container = ""; // the engine's name for it, once it has one
  Resources resources;
  Resources reserved = Resources.NONE; // asked for and not granted yet
  volatile boolean shown; // the engine has started it
  volatile boolean ready;
  volatile boolean paused;
  volatile boolean stopping;
  volatile boolean gone;
  Optional<String> failure = Optional.empty(); // why it is stopped, if not because it was asked for
  Optional<String> died = Optional.empty(); // how it ended before its start was answered
  int asking; // calls under way that change it
  long switchedNanos; // when it was last paused or resumed by us, under `acting`
  long changed; // the number of the last change that we know of ourselves

  Held(
      ReplicaId id,
      ServiceId service,
      Resources full,
      long cpuLimit,
      Instant started,
      long bornNanos) {
    this.id = id;
    this.service = service;
    this.full = full;
    this.cpuLimit = cpuLimit;
    this.started = started;
    this.bornNanos = bornNanos;
    this.resources = full;
    this.switchedNanos = bornNanos;
  }

  Replica replica(Node node) {
    var state = paused ? ReplicaState.PAUSED : ready ? ReplicaState.RUNNING : ReplicaState.STARTING;
    var replica = Replica.of(id, service, node.id(), state, resources, started);
    return stopping ? replica.stopping() : replica;
  }

  /// Whether nothing was asked of it since then, so that what the engine says now is news.
  ///
  /// @param since what [Containers#changes] said before the engine was asked
  boolean isUntouched(long since) {
    return shown && asking == 0 && changed <= since;
  }
}
