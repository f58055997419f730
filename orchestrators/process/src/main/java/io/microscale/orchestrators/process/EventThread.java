package io.microscale.orchestrators.process;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The one thread on which everything of an orchestrator happens: ends of processes, output that is
/// waited for, what callers ask for, what is due. It sleeps in the kernel until there is one of
/// these, whatever the number of processes.
///
/// After each turn it first publishes what has changed, then answers the caller, then tells the
/// listeners: so whoever is answered or told finds it published.
final class EventThread {
  /// What is driven by it.
  interface Driven extends Poller.Listener {
    /// Makes what has changed in this turn visible.
    ///
    /// @return whether anything has
    boolean publish();

    /// Tells of it.
    void tell();
  }

  private record Alarm(long dueNanos, Runnable task) {}

  private record Command<T>(Callable<T> task, CompletableFuture<T> result) {
    Runnable run() {
      try {
        var value = task.call();
        return () -> result.complete(value);
      } catch (Exception | Error e) {
        return () -> result.completeExceptionally(e);
      }
    }
  }

  private static final int MOST_COMMANDS = 4096;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final int LONGEST_MILLIS = 60_000;

  private final BlockingQueue<Command<?>> commands = new ArrayBlockingQueue<>(MOST_COMMANDS);
  private final PriorityQueue<Alarm> alarms =
      new PriorityQueue<>((a, b) -> Long.signum(a.dueNanos - b.dueNanos));
  private final Poller poller = new Poller();
  private final ReentrantLock lock = new ReentrantLock();
  private final String owner;
  private final Consumer<String> notices;
  private @Nullable Thread thread;
  private volatile boolean closed; // written under the lock, so that nobody wakes a closed poller

  /// @param owner whose thread it is, for messages
  EventThread(String owner, Consumer<String> notices) {
    this.owner = owner;
    this.notices = notices;
  }

  void start(Driven driven) {
    thread = Thread.ofPlatform().daemon().name(owner).start(() -> run(driven));
  }

  Poller poller() {
    return poller;
  }

  /// Runs a task after a while; on the thread itself only.
  void after(Duration delay, Runnable task) {
    alarms.add(new Alarm(System.nanoTime() + delay.toNanos(), task));
  }

  /// Runs a task on the thread and waits for its result.
  ///
  /// @throws OrchestratorException from the task; `UNAVAILABLE` if it will not be run, `UNCERTAIN`
  ///   if it was not done in time
  <T> T call(Callable<T> task) {
    if (Thread.currentThread() == thread) {
      throw new IllegalStateException(
          owner + ": a listener must not act, it would wait for itself");
    }
    var result = new CompletableFuture<T>();
    lock.lock();
    try {
      if (closed) {
        throw unavailable("is closed");
      }
      if (!commands.offer(new Command<>(task, result))) {
        throw unavailable("is busy with %d actions".formatted(MOST_COMMANDS));
      }
      poller.wake();
    } finally {
      lock.unlock();
    }
    try {
      return result.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OrchestratorException known) {
        throw known;
      }
      throw new OrchestratorException(Kind.UNCERTAIN, owner + ": " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new OrchestratorException(
          Kind.UNCERTAIN, "%s: not done within %s".formatted(owner, PATIENCE), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OrchestratorException(Kind.UNCERTAIN, owner + ": interrupted while it acted", e);
    }
  }

  OrchestratorException unavailable(String why) {
    return new OrchestratorException(Kind.UNAVAILABLE, owner + " " + why);
  }

  boolean isRunning() {
    return !closed;
  }

  private void run(Driven driven) {
    try {
      while (isRunning()) {
        poller.await(commands.isEmpty() ? untilNextAlarm() : 0, guarded(driven));
        // One at a time: an end or a line of output never waits behind a queue of starts.
        var command = commands.poll();
        var answer = command == null ? null : command.run();
        runAlarms();
        boolean changed = driven.publish();
        if (answer != null) {
          answer.run();
        }
        if (changed) {
          driven.tell();
        }
      }
    } catch (RuntimeException | Error e) {
      notices.accept("%s: failed, and acts no more: %s".formatted(owner, e));
    } finally {
      lock.lock();
      try {
        closed = true;
        poller.close();
      } finally {
        lock.unlock();
      }
      for (var left = commands.poll(); left != null; left = commands.poll()) {
        left.result.completeExceptionally(unavailable("is closed"));
      }
    }
  }

  /// What goes wrong with one process must not end the thread, which all others need.
  private Poller.Listener guarded(Driven driven) {
    return new Poller.Listener() {
      @Override
      public void ended(long key) {
        attempt(() -> driven.ended(key));
      }

      @Override
      public void written(long key) {
        attempt(() -> driven.written(key));
      }
    };
  }

  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      notices.accept("%s: %s".formatted(owner, e));
    }
  }

  private void runAlarms() {
    long now = System.nanoTime();
    for (var next = alarms.peek(); next != null && next.dueNanos - now <= 0; next = alarms.peek()) {
      alarms.remove();
      attempt(next.task);
    }
  }

  private int untilNextAlarm() {
    var next = alarms.peek();
    if (next == null) {
      return -1;
    }
    long nanos = Math.max(0, next.dueNanos - System.nanoTime());
    return (int) Math.min(LONGEST_MILLIS, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
  }

  /// Ends the thread after the turn that it is in. Waiting calls are told.
  void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        poller.wake();
      }
    } finally {
      lock.unlock();
    }
    var running = thread;
    if (running == null || running == Thread.currentThread()) {
      return;
    }
    try {
      running.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
