package io.microscale.orchestrators.docker;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is known of the pool's containers. Any thread may read and change it; the lock is held for
/// as long as that takes and never while the engine is asked.
///
/// What we did ourselves is known when the engine has answered. What the engine tells or lists is
/// only older or the same, and is not believed while something is asked, but for one thing: a
/// container that has ended has ended, since none is ever started again.
final class Containers {
  private static final int REMEMBERED = 4096;

  /// A replica that is no more.
  ///
  /// @param crash why, if nobody had asked for it
  record Ending(Held held, Optional<String> crash) {}

  private final Clock clock;
  private final Runnable told;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ReplicaId, Held> byId = new HashMap<>();
  private final LinkedHashMap<ReplicaId, Long> ended = new LinkedHashMap<>(); // and the change
  private final Crashes crashes = new Crashes();
  private Node node;
  private long changes;
  private volatile Snapshot snapshot;
  private volatile @Nullable String unknown = "not asked yet";
  private volatile boolean closed;

  /// @param told called after each change, on any thread
  Containers(Node node, Clock clock, Runnable told) {
    this.node = node;
    this.clock = clock;
    this.told = told;
    this.snapshot = Snapshot.of(clock.now(), List.of(node), List.of());
  }

  Snapshot observe() {
    requireKnown();
    return snapshot.edit().at(clock.now());
  }

  private void requireKnown() {
    var why = unknown;
    if (why != null) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "containers: " + why);
    }
  }

  boolean isKnown() {
    return unknown == null;
  }

  /// All is known from now on.
  void known() {
    if (!closed && unknown != null) {
      unknown = null;
      told.run();
    }
  }

  /// Nothing is known for certain until [#known] is called.
  void unknown(String why) {
    if (!closed) {
      unknown = why;
      told.run();
    }
  }

  void close() {
    closed = true;
    unknown = "the orchestrator is closed";
  }

  boolean isClosed() {
    return closed;
  }

  private <T> T locked(Supplier<T> work) {
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  private void publish(Consumer<Snapshot.Edit> change) {
    var edit = snapshot.edit();
    change.accept(edit);
    snapshot = edit.at(clock.now());
  }

  private void show(Held held) {
    held.changed = ++changes;
    if (held.shown) {
      publish(edit -> edit.put(held.replica(node)));
    }
  }

  /// Books the room for a replica, which is asked for from now on; its `acting` lock is held.
  ///
  /// @return empty if there is one of this name, or was
  /// @throws OrchestratorException if it cannot be now, or not at all
  Optional<Held> reserve(Action.Start start, long cpuLimit) {
    return locked(
        () -> {
          requireKnown();
          if (byId.containsKey(start.replica()) || ended.containsKey(start.replica())) {
            return Optional.empty();
          }
          admit(start);
          var held =
              new Held(
                  start.replica(),
                  start.service(),
                  start.resources(),
                  cpuLimit,
                  // As a label holds it, so that it reads the same after adoption.
                  Instant.ofEpochMilli(clock.now().toEpochMilli()),
                  System.nanoTime());
          held.reserved = start.resources();
          held.asking++;
          held.acting.lock();
          byId.put(held.id, held);
          return Optional.of(held);
        });
  }

  private void admit(Action.Start start) {
    if (!start.node().equals(node.id())) {
      throw refused(Kind.UNKNOWN, start, "the only node is " + node.id());
    }
    if (!start.resources().fitsIn(node.capacity())) {
      throw refused(
          Kind.REJECTED,
          start,
          "needs %s, the node has %s".formatted(start.resources(), node.capacity()));
    }
    if (!start.resources().fitsIn(free())) {
      throw refused(
          Kind.UNAVAILABLE, start, "needs %s, free are %s".formatted(start.resources(), free()));
    }
    var backoff = crashes.backoff(start.service(), clock.now());
    if (backoff.isPresent()) {
      throw refused(
          Kind.UNAVAILABLE,
          start,
          "not before %s: %s".formatted(backoff.get().until(), backoff.get().reason()));
    }
  }

  private Resources free() {
    var free = snapshot.free(0);
    for (var held : byId.values()) {
      free = free.minus(held.reserved);
    }
    return free;
  }

  static OrchestratorException refused(Kind kind, Action.OfReplica action, String why) {
    return new OrchestratorException(
        kind, "%s %s of %s: %s".formatted(action.verb(), action.replica(), action.service(), why));
  }

  /// Whether there is a replica that the engine has started, or was one.
  boolean has(ReplicaId id) {
    return locked(
        () ->
            ended.containsKey(id)
                || Optional.ofNullable(byId.get(id)).filter(h -> h.shown).isPresent());
  }

  boolean wasEnded(ReplicaId id) {
    return locked(() -> ended.containsKey(id));
  }

  /// The replica that an action names.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if nothing is known for certain
  Optional<Held> find(Action.OfReplica action) {
    return locked(
        () -> {
          requireKnown();
          return Optional.ofNullable(byId.get(action.replica()))
              .filter(held -> held.service.equals(action.service()));
        });
  }

  Optional<Held> find(ReplicaId id) {
    return locked(() -> Optional.ofNullable(byId.get(id)));
  }

  List<Held> all() {
    return locked(() -> List.copyOf(byId.values()));
  }

  /// Refuses what cannot be asked of a replica, else books the room that it needs beyond what it
  /// has. To be followed by [#answered].
  void asking(Held held, Action.OfReplica action, Resources wanted) {
    locked(
        () -> {
          requireKnown();
          if (held.gone || !held.shown) {
            throw refused(Kind.UNKNOWN, action, "no such replica");
          }
          if (held.stopping) {
            throw refused(Kind.REJECTED, action, "it is stopping");
          }
          var more = wanted.minus(held.resources).positivePart();
          if (!held.paused && !more.fitsIn(free())) {
            throw refused(
                Kind.UNAVAILABLE, action, "needs %s more, free are %s".formatted(more, free()));
          }
          held.reserved = held.paused ? Resources.NONE : more;
          held.asking++;
          return held;
        });
  }

  /// A call is over, and this is what it has changed.
  void answered(Held held, Runnable change) {
    locked(
        () -> {
          held.asking--;
          held.reserved = Resources.NONE;
          if (!held.gone) {
            change.run();
            show(held);
          }
          return held;
        });
    told.run();
  }

  /// The engine has made its container, and not started it yet.
  void created(Held held, String container) {
    locked(
        () -> {
          held.container = container;
          return held;
        });
  }

  /// The start of a replica has failed: there is none.
  void dropped(Held held) {
    locked(
        () -> {
          held.asking--;
          held.gone = true;
          byId.remove(held.id, held);
          return held;
        });
  }

  /// The engine has started it.
  ///
  /// @return its ending, if it has ended since
  Optional<Ending> started(Held held, boolean ready) {
    var ending =
        locked(
            () -> {
              held.asking--;
              held.reserved = Resources.NONE;
              held.shown = true;
              held.ready = ready;
              if (held.died.isPresent()) {
                return Optional.of(end(held, held.died.get()));
              }
              show(held);
              return Optional.<Ending>empty();
            });
    told.run();
    return ending;
  }

  /// Something about it is known from elsewhere than from what we asked.
  ///
  /// @return whether it was still there and not what it is now
  boolean learnt(Held held, Supplier<Boolean> change) {
    boolean changed =
        locked(
            () -> {
              if (held.gone || !change.get()) {
                return false;
              }
              show(held);
              return true;
            });
    if (changed) {
      told.run();
    }
    return changed;
  }

  /// Marks it as stopping, for a reason of ours or because it was asked for.
  ///
  /// @return false if it is already, or gone
  boolean stopping(Held held, Optional<String> failure) {
    return learnt(
        held,
        () -> {
          if (held.stopping) {
            return false;
          }
          held.stopping = true;
          held.failure = failure;
          held.asking++;
          return true;
        });
  }

  /// A container is found to run that we do not know, or held for ended by mistake.
  ///
  /// @param since what [#changes] said before the engine was asked
  /// @return false if its replica is known by now, or has ended since
  boolean adopted(Held held, long since) {
    boolean added =
        locked(
            () -> {
              if (ended.getOrDefault(held.id, 0L) > since
                  || byId.putIfAbsent(held.id, held) != null) {
                return false;
              }
              ended.remove(held.id);
              held.shown = true;
              show(held);
              return true;
            });
    if (added) {
      told.run();
    }
    return added;
  }

  /// A container has ended, or is not there any more.
  ///
  /// @param container its name at the engine
  /// @return empty if that was known, if it is another container of the replica, or if its start is
  ///   not answered yet
  Optional<Ending> ended(ReplicaId id, String container, String how) {
    var ending =
        locked(
            () -> {
              var held = byId.get(id);
              if (held == null || !held.container.equals(container)) {
                return Optional.<Ending>empty();
              }
              if (!held.shown) {
                held.died = Optional.of(how);
                return Optional.<Ending>empty();
              }
              return Optional.of(end(held, how));
            });
    if (ending.isPresent()) {
      told.run();
    }
    return ending;
  }

  private Ending end(Held held, String how) {
    held.gone = true;
    byId.remove(held.id, held);
    forget(held.id);
    publish(edit -> edit.remove(held.service, held.id));
    if (held.stopping && held.failure.isEmpty()) {
      return new Ending(held, Optional.empty());
    }
    var why = held.failure.orElse(how);
    crashes.ended(held, byId.values(), clock.now(), why);
    showBackoffs();
    return new Ending(held, Optional.of(why));
  }

  private void forget(ReplicaId id) {
    ended.put(id, ++changes);
    if (ended.size() > REMEMBERED) {
      ended.pollFirstEntry();
    }
  }

  /// A container of ours is found that had ended before we knew of it.
  void endedBefore(ReplicaId id) {
    locked(
        () -> {
          forget(id);
          return id;
        });
  }

  private void showBackoffs() {
    publish(edit -> edit.standings(Standings.of(crashes.backoffs(clock.now()))));
  }

  /// More is known of why the last of a service ended.
  ///
  /// @return until when it starts nothing, if it is to wait
  Optional<Backoff> explained(ServiceId service, String why) {
    var backoff =
        locked(
            () -> {
              crashes.because(service, why);
              showBackoffs();
              return crashes.backoff(service, clock.now());
            });
    told.run();
    return backoff;
  }

  /// Takes out of the snapshot what is over by now.
  void refreshBackoffs() {
    locked(
        () -> {
          showBackoffs();
          return true;
        });
    told.run();
  }

  /// What replicas of this pool may use of the node.
  void capacity(Resources capacity) {
    boolean changed =
        locked(
            () -> {
              if (capacity.equals(node.capacity())) {
                return false;
              }
              node = new Node(node.id(), capacity, true);
              var before = snapshot;
              snapshot =
                  Snapshot.of(clock.now(), List.of(node), before.replicas(), before.standings());
              return true;
            });
    if (changed) {
      told.run();
    }
  }

  /// How far we are; a replica with a higher number in [Held#changed] was changed by us since.
  long changes() {
    return locked(() -> changes);
  }

  /// Whether something is being asked of the engine.
  boolean isBusy() {
    return locked(() -> byId.values().stream().anyMatch(held -> held.asking > 0));
  }
}
