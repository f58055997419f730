package io.microscale.core.orchestrator;

import io.microscale.core.orchestrator.Orchestrator.Watch;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// Who wants to be told of changes, in the order in which they came. May be used from any thread.
public final class Watches {
  private final Map<Long, Runnable> watchers = new ConcurrentSkipListMap<>();
  private final AtomicLong next = new AtomicLong();
  private final Consumer<String> notices;

  /// @param notices told of a watcher that failed
  public Watches(Consumer<String> notices) {
    this.notices = notices;
  }

  public Watch add(Runnable changed) {
    long key = next.incrementAndGet();
    watchers.put(key, changed);
    return () -> watchers.remove(key);
  }

  /// Calls each, whether the one before failed or not.
  public void tell() {
    for (var changed : watchers.values()) {
      try {
        changed.run();
      } catch (RuntimeException e) {
        notices.accept("a watcher failed: " + e);
      }
    }
  }

  public void clear() {
    watchers.clear();
  }
}
