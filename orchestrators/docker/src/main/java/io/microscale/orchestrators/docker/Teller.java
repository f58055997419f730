package io.microscale.orchestrators.docker;

import io.microscale.core.orchestrator.Watches;
import java.util.concurrent.Semaphore;

/// Tells watchers of changes on a thread of its own; several that come quickly are told as one.
final class Teller {
  private final Watches watches;
  private final Semaphore changes = new Semaphore(0);
  private final Thread thread =
      Thread.ofVirtual().name("changes of containers").unstarted(this::run);

  Teller(Watches watches) {
    this.watches = watches;
  }

  void start() {
    thread.start();
  }

  void changed() {
    changes.release();
  }

  private void run() {
    try {
      while (true) {
        changes.acquire();
        changes.drainPermits();
        watches.tell();
      }
    } catch (InterruptedException _) {
      // Closed.
    }
  }

  void close() {
    thread.interrupt();
  }
}
