package io.microscale.orchestrators.process;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.core.orchestrator.Watches;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/// Runs replicas as processes of this host, each the leader of a session and process group of its
/// own. Needs Linux 5.3 and glibc 2.34, and no privileges; with control groups that it may write it
/// can do more.
/// * A start returns when the program runs. A replica is `running` when its [Readiness] says so.
/// * A stop is SIGTERM to the whole group, the grace of the [Workload], then SIGKILL. When the
///   first process of a replica ends, the rest of its group is killed.
/// * A pause is effective when it returns: the kernel has accepted it, and a task with a freeze or
///   a stop pending executes no more of its program, though it may be scheduled only later to say
///   so. So `paused` is not made to wait for that. Whether it came to a halt is looked at
///   afterwards, and a notice says if it did not within six seconds.
/// * A resize limits the processor, see [Throttling]; memory is not limited.
/// * Replicas outlive the orchestrator. The next one on the same state directory adopts those whose
///   process number, start time and boot are the recorded ones, and touches nothing else.
/// * A service whose replicas end by themselves again and again is reported as backing off, and its
///   starts are refused meanwhile: at once after the first time, then 100 ms, doubling up to 30 s,
///   until a replica has lived for 10 s. What ends together counts once.
public final class ProcessOrchestrator implements Orchestrator {
  private static final Duration AFTER_KILL = Duration.ofSeconds(5);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(2);

  private final StateDirectory state;
  private final ControlGroups groups;
  private final EventThread thread;
  private final Published published;
  private final Watches watches;
  private final Replicas replicas;
  private final Set<Ability> abilities;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ProcessOrchestrator(
      ProcessSettings settings, InstantSource time, StateDirectory state, ControlGroups groups) {
    var clock = new Clock(time);
    var node = Host.node(settings.slots());
    this.state = state;
    this.groups = groups;
    this.abilities = abilities(settings, groups);
    this.thread = new EventThread("processes of pool " + settings.pool(), settings.notices());
    this.published = new Published(node, clock);
    this.watches = new Watches(settings.notices());
    this.replicas = new Replicas(settings, node, state, groups, thread, clock, published);
  }

  /// Opens the pool's state directory and adopts what runs.
  ///
  /// @param time where time stamps come from
  /// @throws OrchestratorException `UNSUPPORTED` if this is no Linux with what is needed,
  ///   `REJECTED` if the state directory cannot be used or another engine uses it, or if settings
  ///   ask for a lever that this host does not have
  public static ProcessOrchestrator open(ProcessSettings settings, InstantSource time) {
    return open(settings, time, EnumSet.allOf(ControlGroups.Version.class));
  }

  static ProcessOrchestrator open(
      ProcessSettings settings, InstantSource time, Set<ControlGroups.Version> versions) {
    Host.requireSupport();
    var state = StateDirectory.open(settings.stateDirectory());
    ControlGroups groups = null;
    try {
      groups =
          ControlGroups.open(
              "microscale-%s-%s".formatted(settings.pool(), state.fingerprint()),
              settings.pausing() != Pausing.SIGNAL,
              settings.throttling() == Throttling.AUTO
                  || settings.throttling() == Throttling.CGROUP,
              versions);
      var opened = new ProcessOrchestrator(settings, time, state, groups);
      opened.begin();
      return opened;
    } catch (RuntimeException | Error e) {
      if (groups != null) {
        groups.close();
      }
      state.close();
      throw e;
    }
  }

  private static Set<Ability> abilities(ProcessSettings settings, ControlGroups groups) {
    if (settings.pausing() == Pausing.FREEZER && !groups.freezes()) {
      throw lacking("pausing FREEZER: needs a writable cgroup freezer");
    }
    if (settings.throttling() == Throttling.CGROUP && !groups.limits()) {
      throw lacking("throttling CGROUP: needs a writable cgroup with the cpu controller");
    }
    boolean niceEnough = groups.limits() || Host.canUndoNice();
    if (settings.throttling() == Throttling.NICE && !niceEnough) {
      throw lacking("throttling NICE: needs CAP_SYS_NICE, to undo it");
    }
    var all =
        EnumSet.of(
            Ability.WATCHES,
            Ability.PICKS_VICTIMS,
            Ability.PAUSES,
            Ability.REPORTS_NODES,
            Ability.READS_OWN_WRITES);
    if (niceEnough && settings.throttling() != Throttling.NONE) {
      all.add(Ability.RESIZES);
    }
    return Collections.unmodifiableSet(all);
  }

  private static OrchestratorException lacking(String what) {
    return new OrchestratorException(Kind.REJECTED, what + "; use AUTO to take what there is");
  }

  private void begin() {
    thread.start(
        new EventThread.Driven() {
          @Override
          public void ended(long key) {
            replicas.ended(key);
          }

          @Override
          public void written(long key) {
            replicas.written(key);
          }

          @Override
          public boolean publish() {
            return published.publish();
          }

          @Override
          public void tell() {
            watches.tell();
          }
        });
    try {
      thread.call(
          () -> {
            replicas.adopt();
            return true;
          });
    } catch (RuntimeException | Error e) {
      thread.close();
      throw e;
    }
  }

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  @Override
  public Snapshot observe() {
    if (!thread.isRunning()) {
      throw thread.unavailable("is closed");
    }
    return published.observe();
  }

  @Override
  public void perform(Action action) {
    if (!(action instanceof Action.OfReplica one)) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "scale %s: processes are started one by one".formatted(action.service()));
    }
    if (one instanceof Action.Resize && !abilities.contains(Ability.RESIZES)) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "resize %s: needs throttling, and a writable cgroup with the cpu controller or CAP_SYS_NICE"
              .formatted(one.replica()));
    }
    thread.call(
        () -> {
          replicas.perform(one);
          return true;
        });
  }

  /// Calls `changed` on the event thread. It must not act on this orchestrator.
  @Override
  public Watch watch(Runnable changed) {
    return watches.add(changed);
  }

  /// The process behind a replica; empty if there is none of this name.
  public Optional<ReplicaProcess> process(ReplicaId replica) {
    return published.process(replica);
  }

  /// For people: which levers are used.
  public String levers() {
    return groups.toString();
  }

  /// Ends all replicas, and starts none from now on: TERM, `grace`, KILL.
  ///
  /// @return whether none is left, nor any process of one in its control group; false after `grace`
  ///   and five more seconds
  public boolean terminateAll(Duration grace) {
    long deadline = System.nanoTime() + grace.plus(AFTER_KILL).toNanos();
    thread.call(
        () -> {
          replicas.endAll(grace);
          return true;
        });
    while (!thread.call(replicas::isEmpty)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      LockSupport.parkNanos(LOOK_AGAIN.toNanos());
    }
    return true;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      thread.close();
      watches.clear();
      replicas.close();
      groups.close();
      state.close();
    }
  }
}
