package io.microscale.orchestrators.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Looks whether pauses have come to be, and tells those that have not after some six seconds.
///
/// A process that waits for a disk, or that others keep from the processor, comes to a halt late;
/// until then it does not run either. So nothing waits for this.
final class PauseCheck {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final int ROUNDS = 7; // doubling: 6.3 s until the last

  private final EventThread thread;
  private final Consumer<String> notices;
  private final Predicate<LocalProcess> lives;

  /// @param lives whether a process has not ended
  PauseCheck(EventThread thread, Consumer<String> notices, Predicate<LocalProcess> lives) {
    this.thread = thread;
    this.notices = notices;
    this.lives = lives;
  }

  /// Begins with a process that was just told to pause.
  void begin(LocalProcess process) {
    look(process, process.pauses(), 1, FIRST);
  }

  private void look(LocalProcess process, int pause, int round, Duration wait) {
    thread.after(
        wait,
        () -> {
          if (!isPaused(process, pause) || hasHalted(process)) {
            return;
          }
          if (round < ROUNDS) {
            look(process, pause, round + 1, wait.multipliedBy(2));
          } else {
            notices.accept(process.id() + ": was told to pause and has not come to a halt");
          }
        });
  }

  /// Whether it is in the same pause still.
  private boolean isPaused(LocalProcess process, int pause) {
    return lives.test(process)
        && process.pauses() == pause
        && process.record().paused()
        && !process.record().stopping();
  }

  private static boolean hasHalted(LocalProcess process) {
    try {
      return process.isSuspended();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
