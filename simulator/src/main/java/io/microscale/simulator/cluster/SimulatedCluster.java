package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator.Watch;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A cluster in memory under a virtual clock, with orchestrators to open on it.
///
/// Time passes only in [#advance]; latencies, failures and losses follow from one seed, so a run in
/// one thread is the same each time. It keeps the promises of every orchestrator whatever its
/// settings, apart from the faults that were asked for. May be used from any thread.
public final class SimulatedCluster implements InstantSource {
  private final ClusterSettings settings;
  private final EventQueue queue = new EventQueue();
  private final Machines machines;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();
  private final List<Machines.Changes> observers = new CopyOnWriteArrayList<>();
  private long noticed;
  private boolean cut;

  public SimulatedCluster(ClusterSettings settings) {
    this.settings = settings;
    this.machines = new Machines(settings, queue, this::changed);
  }

  /// An orchestrator on this cluster; any number may be open.
  public SimulatedOrchestrator open() {
    return new SimulatedOrchestrator(this, settings.abilities());
  }

  // What a test does to the cluster.

  @Override
  public synchronized Instant instant() {
    return queue.instant();
  }

  /// Lets time pass, and everything happen that is due, in order. Watchers are called on the thread
  /// that calls this.
  public void advance(Duration duration) {
    long until;
    synchronized (this) {
      until = Math.addExact(queue.now(), duration.toNanos());
    }
    while (step(until)) {}
  }

  /// Lets the next event happen that is due by `until`, else time pass up to then.
  ///
  /// @param until nanoseconds since the cluster's first moment
  boolean step(long until) {
    boolean happened;
    synchronized (this) {
      happened = queue.step(until);
    }
    notice();
    return happened;
  }

  /// Makes the cluster unreachable, or reachable again.
  public void cut(boolean lost) {
    synchronized (this) {
      cut = lost;
    }
    tell();
  }

  /// Ends a replica at once, as a crash does.
  public void kill(ReplicaId replica) {
    synchronized (this) {
      machines.crash(replica, "was killed");
    }
    notice();
  }

  /// Loses a node with all that runs there.
  ///
  /// @throws IllegalArgumentException if it is not there, or the only one
  public void lose(NodeId node) {
    synchronized (this) {
      machines.lose(node);
    }
    notice();
  }

  /// A lost node is back, empty.
  ///
  /// @throws IllegalArgumentException if it was not lost
  public void restore(NodeId node) {
    synchronized (this) {
      machines.restore(node);
    }
    notice();
  }

  /// From now on the replicas of a service tell that they have nothing to do, or that they have.
  public void idle(ServiceId service, boolean nothingToDo) {
    synchronized (this) {
      machines.idle(service, nothingToDo);
    }
    notice();
  }

  /// What is true now, whatever has been reported.
  public synchronized Snapshot truth() {
    return machines.truth();
  }

  /// How many starts came when there was no room.
  public synchronized int refusedForRoom() {
    return machines.refusedForRoom();
  }

  /// The first node that holds more than it has, nothing if all is well.
  public synchronized Optional<String> oversubscribed() {
    return machines.oversubscribed();
  }

  // What simulations need.

  /// Nanoseconds since the cluster's first moment.
  synchronized long now() {
    return queue.now();
  }

  /// When the next event is due, or `Long.MAX_VALUE`.
  synchronized long next() {
    return queue.next();
  }

  /// Lets time pass up to a moment before which nothing is due.
  synchronized void passTo(long nanos) {
    queue.passTo(nanos);
  }

  /// Puts in what is to happen at a moment, in nanoseconds.
  synchronized void at(long nanos, Runnable effect) {
    queue.at(nanos, effect);
  }

  /// Tells an observer of every change of a replica, when it happens and whatever is reported.
  void observe(Machines.Changes observer) {
    observers.add(observer);
  }

  private void changed(@Nullable Replica before, @Nullable Replica after, long lost, long now) {
    for (var observer : observers) {
      observer.changed(before, after, lost, now);
    }
  }

  // What its orchestrators need.

  synchronized Snapshot observed() {
    requireReachable();
    return machines.observed();
  }

  void perform(Action action) {
    try {
      synchronized (this) {
        requireReachable();
        machines.perform(action);
      }
    } finally {
      notice(); // what ends uncertain may have been done
    }
  }

  /// Calls `then` as long from now as the answer to an action takes, or at once.
  void whenAnswered(Action action, Runnable then) {
    synchronized (this) {
      long nanos = settings.timing().answerTo(action).draw(machines.random());
      if (nanos > 0) {
        queue.after(nanos, then);
        return;
      }
    }
    then.run();
  }

  private void requireReachable() {
    if (cut) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "the cluster cannot be reached");
    }
  }

  Watch watch(Runnable changed) {
    // A wrapper of its own, so that closing one watch does not end another of the same listener.
    Runnable watcher = () -> changed.run();
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  /// If something was reported, the watchers are told: at once, late or not at all.
  private void notice() {
    synchronized (this) {
      if (noticed == machines.reportedChanges()) {
        return;
      }
      noticed = machines.reportedChanges();
      double unnoticed = settings.faults().unnoticed();
      if (unnoticed > 0 && machines.random().nextDouble() < unnoticed) {
        return;
      }
      long late = settings.timing().notice().draw(machines.random());
      if (late > 0) {
        queue.after(late, this::tell);
        return;
      }
    }
    tell();
  }

  private void tell() {
    watchers.forEach(Runnable::run);
  }

  /// The services of these names.
  public static Set<ServiceId> services(String... names) {
    var services = new HashSet<ServiceId>();
    for (var name : names) {
      services.add(new ServiceId(name));
    }
    return services;
  }

  /// Nodes of equal capacity, named `node-1` and so on.
  public static List<Node> nodes(int count, Map<String, Long> capacity) {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> Node.of("node-" + i, Resources.of(capacity)))
        .toList();
  }
}
