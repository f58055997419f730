package io.microscale.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits for SIGINT or SIGTERM and keeps the JVM from ending before the command has cleaned up.
///
/// Once told to end, the JVM waits until this is closed and ends with 0, where by itself it would
/// end with 128 + signal; with 1 if that takes longer than 20 s.
public final class StopSignal implements AutoCloseable {
  private static final int CLOSING_SECONDS = 20;

  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread hook = Thread.ofPlatform().name("stop").unstarted(this::end);

  public StopSignal() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  public void await() throws InterruptedException {
    told.await();
  }

  /// Waits at most so long.
  ///
  /// @return whether the signal came
  public boolean await(Duration longest) throws InterruptedException {
    return told.await(longest.toNanos(), TimeUnit.NANOSECONDS);
  }

  /// Interrupts a thread when the signal comes, until that is closed.
  public Interest interrupting(Thread thread) {
    var watcher =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    await();
                    thread.interrupt();
                  } catch (InterruptedException _) {
                    // Nobody is interested any more.
                  }
                });
    return watcher::interrupt;
  }

  /// Ends what [#interrupting] began.
  public interface Interest extends AutoCloseable {
    @Override
    void close();
  }

  private void end() {
    told.countDown();
    boolean inTime = false;
    try {
      inTime = over.await(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(inTime ? 0 : 1);
  }

  /// Everything is cleaned up.
  @Override
  public void close() {
    over.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook runs.
    }
  }
}
