package io.microscale.orchestrators.docker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs things now or later, each on a virtual thread of its own, so that none waits for another.
final class Timers {
  private final ScheduledThreadPoolExecutor schedule;
  private final InstantSource clock;
  private final Consumer<String> notices;

  Timers(String owner, InstantSource clock, Consumer<String> notices) {
    this.clock = clock;
    this.notices = notices;
    this.schedule =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("timers of " + owner).factory());
    schedule.setRemoveOnCancelPolicy(true);
    schedule.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  void now(Runnable task) {
    Thread.ofVirtual().name("engine work").start(() -> attempt(task));
  }

  void after(Duration delay, Runnable task) {
    try {
      var _ = schedule.schedule(() -> now(task), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException _) {
      // Closed.
    }
  }

  /// Just after a moment of the clock.
  void at(Instant when, Runnable task) {
    after(Duration.between(clock.instant(), when).plusMillis(1), task);
  }

  /// Again and again, with so much time in between.
  void every(Duration pause, Runnable task) {
    after(
        pause,
        () -> {
          attempt(task);
          every(pause, task);
        });
  }

  private void attempt(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      if (!schedule.isShutdown()) {
        notices.accept("containers: " + e);
      }
    }
  }

  void close() {
    schedule.shutdownNow();
  }
}
