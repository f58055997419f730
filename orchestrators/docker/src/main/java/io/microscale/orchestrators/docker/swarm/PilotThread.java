package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The thread on which a [Pilot] works, and one that listens to events for it. What it has found
/// out is there for any thread to read.
final class PilotThread {
  /// What events lead to.
  interface Listener {
    void servicesChanged();

    void nodesChanged();
  }

  /// A way to listen to events until they end.
  @FunctionalInterface
  interface Events {
    /// Listens.
    ///
    /// @param listening called when events come from now on
    /// @return why they ended
    OrchestratorException listen(Runnable listening, Listener listener);
  }

  private static final int MOST_CALLS = 256;
  private static final Duration CALL_WITHIN = Duration.ofSeconds(30);
  private static final Duration KNOWN_FOR = Duration.ofSeconds(10);
  private static final Duration END_WITHIN = Duration.ofSeconds(5);
  private static final Duration FIRST_RETRY = Duration.ofMillis(100);
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);

  private final String name;
  private final Pilot pilot;
  private final Events events;
  private final Runnable changed;
  private final Consumer<String> notices;
  private final BlockingQueue<Runnable> calls = new ArrayBlockingQueue<>(MOST_CALLS);
  private final AtomicBoolean servicesChanged = new AtomicBoolean();
  private final AtomicBoolean nodesChanged = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Thread worker;
  private final Thread listener;
  private volatile Known known = new Known(null, System.nanoTime(), "is being opened");

  /// What is known of Swarm; without a snapshot the reason why nothing is.
  private record Known(@Nullable Snapshot snapshot, long nanos, String why) {}

  PilotThread(String name, Pilot pilot, Events events, Runnable changed, Consumer<String> notices) {
    this.name = name;
    this.pilot = pilot;
    this.events = events;
    this.changed = changed;
    this.notices = notices;
    this.worker = Thread.ofVirtual().name(name).unstarted(this::work);
    this.listener = Thread.ofVirtual().name(name + ", events").unstarted(this::listen);
  }

  /// Takes the first look on the thread of the caller, so that nothing is unknown afterwards.
  void start() {
    pilot.look();
    publish();
    worker.start();
    listener.start();
  }

  Snapshot observe() {
    var now = known;
    if (closed.get()) {
      throw unavailable("is closed");
    }
    if (now.snapshot == null) {
      throw unavailable(now.why);
    }
    if (System.nanoTime() - now.nanos > KNOWN_FOR.toNanos()) {
      throw unavailable("has not answered for " + KNOWN_FOR.toSeconds() + " s");
    }
    return now.snapshot;
  }

  private OrchestratorException unavailable(String why) {
    return new OrchestratorException(Kind.UNAVAILABLE, name + ": " + why);
  }

  /// Has the pilot do something, and waits until it is done.
  ///
  /// @throws OrchestratorException what it fails with; `UNAVAILABLE` if it was not begun in time
  void call(String what, Consumer<Pilot> work) {
    observe();
    var begun = new AtomicBoolean();
    var task =
        new FutureTask<Void>(
            () -> {
              if (begun.compareAndSet(false, true)) {
                perform(work);
              }
            },
            null);
    if (!calls.offer(task)) {
      throw unavailable(what + ": " + MOST_CALLS + " calls are waiting");
    }
    try {
      task.get(CALL_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OrchestratorException known
          ? known
          : new OrchestratorException(Kind.UNCERTAIN, what + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw givenUp(begun, what, "not done within " + CALL_WITHIN.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw givenUp(begun, what, "interrupted", e);
    }
  }

  private OrchestratorException givenUp(
      AtomicBoolean begun, String what, String why, Exception cause) {
    var kind = begun.compareAndSet(false, true) ? Kind.UNAVAILABLE : Kind.UNCERTAIN;
    return new OrchestratorException(kind, "%s: %s: %s".formatted(name, what, why), cause);
  }

  private void perform(Consumer<Pilot> work) {
    if (closed.get()) {
      throw unavailable("is closed");
    }
    var before = known;
    if (before.snapshot == null) {
      throw unavailable(before.why);
    }
    work.accept(pilot);
    // Who asked sees it as soon as this returns.
    publish();
  }

  private void work() {
    var retry = FIRST_RETRY;
    var wait = pilot.untilNextLook();
    long lookAt = System.nanoTime() + wait.toNanos();
    while (!closed.get()) {
      try {
        var call = calls.poll(Math.max(0, lookAt - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (closed.get()) {
          break;
        }
        if (call != null) {
          call.run();
          var soon = System.nanoTime() + pilot.untilNextLook().toNanos();
          lookAt = known.snapshot == null || lookAt - soon < 0 ? lookAt : soon;
        }
        if (servicesChanged.getAndSet(false)) {
          pilot.servicesChanged();
          lookAt = System.nanoTime();
        }
        if (nodesChanged.getAndSet(false)) {
          pilot.nodesChanged();
          lookAt = System.nanoTime();
        }
        if (System.nanoTime() - lookAt < 0) {
          continue;
        }
        pilot.look();
        publish();
        retry = FIRST_RETRY;
        lookAt = System.nanoTime() + pilot.untilNextLook().toNanos();
      } catch (OrchestratorException e) {
        lost(String.valueOf(e.getMessage()));
        lookAt = System.nanoTime() + retry.toNanos();
        retry =
            retry.multipliedBy(2).compareTo(LAST_RETRY) < 0 ? retry.multipliedBy(2) : LAST_RETRY;
      } catch (InterruptedException _) {
        break;
      } catch (RuntimeException e) {
        notices.accept(name + ": cannot be understood: " + e);
        lost("cannot be understood: " + e);
        lookAt = System.nanoTime() + LAST_RETRY.toNanos();
      }
    }
    for (var call = calls.poll(); call != null; call = calls.poll()) {
      call.run();
    }
  }

  private void publish() {
    var before = known.snapshot;
    var next = pilot.snapshot();
    known = new Known(next, System.nanoTime(), "");
    if (before == null
        || !before.nodes().equals(next.nodes())
        || !before.services().equals(next.services())
        || !before.standings().equals(next.standings())) {
      changed.run();
    }
  }

  private void lost(String why) {
    if (closed.get()) {
      return;
    }
    pilot.lost();
    boolean news = known.snapshot != null;
    known = new Known(null, System.nanoTime(), why);
    if (news) {
      notices.accept(name + ": " + why);
      changed.run();
    }
  }

  private void listen() {
    var retry = FIRST_RETRY;
    while (!closed.get()) {
      var begun = System.nanoTime();
      events.listen(
          this::allChanged,
          new Listener() {
            @Override
            public void servicesChanged() {
              servicesChanged.set(true);
              wake();
            }

            @Override
            public void nodesChanged() {
              nodesChanged.set(true);
              wake();
            }
          });
      if (closed.get()) {
        return;
      }
      // The end of the events is the first that is heard of a manager that went away.
      allChanged();
      boolean lasted = System.nanoTime() - begun > LAST_RETRY.toNanos();
      retry = lasted ? FIRST_RETRY : retry.multipliedBy(2);
      retry = retry.compareTo(LAST_RETRY) < 0 ? retry : LAST_RETRY;
      try {
        Thread.sleep(retry);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void allChanged() {
    servicesChanged.set(true);
    nodesChanged.set(true);
    wake();
  }

  private void wake() {
    // A full queue wakes the thread as well.
    calls.offer(() -> {});
  }

  /// Ends both threads.
  ///
  /// @return false if that was asked for before
  boolean close() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    listener.interrupt();
    wake();
    try {
      if (!worker.join(Duration.ofMillis(200))) {
        worker.interrupt();
        worker.join(END_WITHIN);
      }
      listener.join(END_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return true;
  }
}
