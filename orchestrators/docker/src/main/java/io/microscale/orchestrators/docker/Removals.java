package io.microscale.orchestrators.docker;

import io.microscale.orchestrators.docker.engine.EngineCall;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/// Removes containers that have ended. Nobody waits for that, and it costs an engine as much as a
/// stop, so it is done one by one, in gaps between actions or after three seconds.
///
/// What cannot be removed, or finds the queue full, is found again by the next listing.
final class Removals {
  private static final int MOST = 4096;
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
  private static final int QUIET = 4; // looks: between a stop and the start that it made room for

  private record Ended(String container, long sinceNanos) {}

  private final Engine engine;
  private final BooleanSupplier busy;
  private final BlockingQueue<Ended> queue = new ArrayBlockingQueue<>(MOST);
  private final Set<String> queued = ConcurrentHashMap.newKeySet();
  private final Set<String> told = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;
  private final Thread thread = Thread.ofVirtual().name("removals").unstarted(this::run);

  /// @param busy whether something is being asked of the engine
  Removals(Engine engine, BooleanSupplier busy) {
    this.engine = engine;
    this.busy = busy;
  }

  void start() {
    thread.start();
  }

  void add(String container) {
    if (queued.add(container) && !queue.offer(new Ended(container, System.nanoTime()))) {
      queued.remove(container);
    }
  }

  private void run() {
    try {
      while (true) {
        var next = queue.take();
        awaitGap(next);
        remove(next.container);
        queued.remove(next.container);
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  private void awaitGap(Ended next) throws InterruptedException {
    int quiet = 0;
    while (quiet < QUIET && System.nanoTime() - next.sinceNanos < PATIENCE.toNanos()) {
      Thread.sleep(LOOK_AGAIN);
      quiet = busy.getAsBoolean() ? 0 : quiet + 1;
    }
  }

  private void remove(String container) {
    try {
      // With its anonymous volumes.
      var answer =
          engine
              .client()
              .send(EngineCall.delete("/containers/" + container).query(Map.of("v", "1")));
      if (!answer.isError() || engine.dialect().isRemoved(answer)) {
        told.remove(container);
        return;
      }
      tell(container, answer.message());
    } catch (RuntimeException e) {
      tell(container, String.valueOf(e.getMessage()));
    }
  }

  private void tell(String container, String why) {
    if (!closed && told.size() < MOST && told.add(container)) {
      engine.notices().accept("container %s: cannot be removed yet: %s".formatted(container, why));
    }
  }

  void close() {
    closed = true;
    thread.interrupt();
  }
}
