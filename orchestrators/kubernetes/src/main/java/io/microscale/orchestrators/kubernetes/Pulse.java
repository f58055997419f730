package io.microscale.orchestrators.kubernetes;

import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Asks the API server again and again whether it is ready: a watch that hangs looks like one on
/// which nothing happens.
final class Pulse implements AutoCloseable {
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final Duration HURRIED = Duration.ofMillis(200);
  private static final Duration ANSWER = Duration.ofSeconds(2);

  private final Api api;
  private final Duration bound;
  private final Runnable lost;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Object lock = new Object();
  private boolean silent; // guarded by lock
  private long silentSinceNanos; // guarded by lock

  /// @param bound after how long a silence is a loss
  /// @param lost called once in each loss, and before its end is told
  Pulse(Api api, Duration bound, Runnable lost) {
    this.api = api;
    this.bound = bound;
    this.lost = lost;
  }

  void start() {
    Thread.ofVirtual().name("pulse of " + api.server()).start(this::run);
  }

  /// For how long it has not answered; zero if it does.
  Duration silentFor() {
    synchronized (lock) {
      return silent ? Duration.ofNanos(System.nanoTime() - silentSinceNanos) : Duration.ZERO;
    }
  }

  /// Something came from it, by another way.
  void heard() {
    synchronized (lock) {
      silent = false;
    }
  }

  private void run() {
    boolean told = false;
    try {
      while (!closed.await(pause().toMillis(), TimeUnit.MILLISECONDS)) {
        long asked = System.nanoTime();
        if (answers()) {
          heard();
          told = false;
          continue;
        }
        synchronized (lock) {
          if (!silent) {
            silent = true;
            silentSinceNanos = asked;
          }
        }
        if (!told && silentFor().compareTo(bound) > 0) {
          lost.run();
          told = true;
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration pause() {
    return silentFor().isZero() ? PERIOD : HURRIED;
  }

  private boolean answers() {
    try {
      return api.get("/readyz", ANSWER).ok();
    } catch (OrchestratorException _) {
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
