package io.microscale.app;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Prints lines on a thread of its own, so that who says something never waits for whoever reads
/// it. What does not fit is counted and told.
final class Lines implements Consumer<String>, AutoCloseable {
  private static final int MOST = 256;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(MOST);
  private final AtomicLong leftOut = new AtomicLong();
  private final Consumer<String> printer;
  private final Thread thread;
  private volatile boolean closed;

  Lines(Consumer<String> printer) {
    this.printer = printer;
    this.thread = Thread.ofVirtual().name("lines").start(this::run);
  }

  @Override
  public void accept(String line) {
    if (!queue.offer(line)) {
      leftOut.incrementAndGet();
    }
  }

  private void run() {
    try {
      while (!closed) {
        printer.accept(queue.take());
        tellLeftOut();
      }
    } catch (InterruptedException e) {
      // Closed: what is there is printed, then it ends.
    }
    for (var line = queue.poll(); line != null; line = queue.poll()) {
      printer.accept(line);
    }
    tellLeftOut();
  }

  private void tellLeftOut() {
    long count = leftOut.getAndSet(0);
    if (count > 0) {
      printer.accept("… and " + count + " more lines that came too fast");
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(PATIENCE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
