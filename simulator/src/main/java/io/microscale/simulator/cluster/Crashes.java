package io.microscale.simulator.cluster;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.CrashLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Lets services back off whose replicas end by themselves again and again, and says so in the
/// standings.
final class Crashes {
  private final EventQueue queue;
  private final Picture truth;
  private final Consumer<Consumer<Picture>> changes;
  private final Map<ServiceId, CrashLoop> loops = new HashMap<>();

  /// Nothing has ended yet.
  ///
  /// @param changes takes a change of the truth, to be made and reported
  Crashes(EventQueue queue, Picture truth, Consumer<Consumer<Picture>> changes) {
    this.queue = queue;
    this.truth = truth;
    this.changes = changes;
  }

  /// A replica has ended that was not told to; the truth does not have it any more.
  void crashed(Replica replica, String why) {
    var service = replica.service();
    var loop = loops.computeIfAbsent(service, _ -> new CrashLoop());
    boolean proven =
        truth.at(queue.instant()).of(service).replicas().stream()
            .anyMatch(r -> r.state() == ReplicaState.RUNNING && isProof(loop, nanos(r.started())));
    loop.ended(nanos(replica.started()), queue.now(), queue.instant(), why, proven);
    tell(service, loop);
  }

  private boolean isProof(CrashLoop loop, long bornNanos) {
    return loop.isNewer(bornNanos) && queue.now() - bornNanos >= CrashLoop.PROVEN.toNanos();
  }

  private static long nanos(Instant instant) {
    return Duration.between(EventQueue.START, instant).toNanos();
  }

  private void tell(ServiceId service, CrashLoop loop) {
    Optional<Backoff> backoff = loop.at(queue.instant());
    var all = new TreeMap<>(truth.standings().backoffs());
    backoff.ifPresentOrElse(b -> all.put(service, b), () -> all.remove(service));
    if (!all.equals(truth.standings().backoffs())) {
      var next = truth.standings().backoffs(all);
      changes.accept(picture -> picture.standings(next));
      backoff.ifPresent(b -> queue.at(nanos(b.until()), () -> tell(service, loop)));
    }
  }
}
