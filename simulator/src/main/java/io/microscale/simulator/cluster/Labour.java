package io.microscale.simulator.cluster;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What each replica has done, how much of it is safe, and what is lost when it ends.
final class Labour {
  private final ClusterSettings settings;
  private final EventQueue queue;
  private final Consumer<ReplicaId> checkpoints;
  private final Map<ReplicaId, Progress> progress = new HashMap<>();

  /// In nanoseconds of work.
  private static final class Progress {
    long worked;
    long safe;
    long since;
    long run; // which uninterrupted stretch of work this is; checkpoints of an earlier one are void
  }

  /// Nothing is done yet.
  ///
  /// @param checkpoints told of each checkpoint when it is made
  Labour(ClusterSettings settings, EventQueue queue, Consumer<ReplicaId> checkpoints) {
    this.settings = settings;
    this.queue = queue;
    this.checkpoints = checkpoints;
  }

  /// A replica has become another; either is null if there is none.
  ///
  /// @return the work that is lost by that, in nanoseconds
  long changed(@Nullable Replica before, @Nullable Replica after) {
    var one = before == null ? after : before;
    if (one == null) {
      return 0;
    }
    var work = settings.workOf(one.service());
    boolean worked = before != null && before.state() == ReplicaState.RUNNING;
    boolean works = after != null && after.state() == ReplicaState.RUNNING;
    boolean was = before != null && before.state() != ReplicaState.STOPPING;
    boolean is = after != null && after.state() != ReplicaState.STOPPING;
    if (work.loss() instanceof Work.Loss.Fixed(var each)) {
      return was && !is && !one.idle() ? each.toNanos() : 0;
    }
    if (works && !worked) {
      resume(one);
    } else if (worked && !works) {
      pause(one.id());
    }
    if (was && !is) {
      var done = progress.remove(one.id());
      return done == null || one.idle() ? 0 : done.worked - done.safe;
    }
    return 0;
  }

  private void resume(Replica replica) {
    var its = progress.computeIfAbsent(replica.id(), _ -> new Progress());
    its.since = queue.now();
    its.run++;
    var every = settings.checkpointEvery(replica.service());
    if (!every.isZero()) {
      long run = its.run;
      queue.after(every.toNanos() - (its.worked - its.safe), () -> save(replica.id(), every, run));
    }
  }

  private void pause(ReplicaId id) {
    var its = progress.get(id);
    if (its != null) {
      its.worked += queue.now() - its.since;
      its.run++;
    }
  }

  private void save(ReplicaId id, Duration every, long run) {
    var its = progress.get(id);
    if (its == null || its.run != run) {
      return;
    }
    its.worked += queue.now() - its.since;
    its.since = queue.now();
    its.safe = its.worked;
    checkpoints.accept(id);
    queue.after(every.toNanos(), () -> save(id, every, run));
  }
}
