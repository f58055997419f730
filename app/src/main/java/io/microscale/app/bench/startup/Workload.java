package io.microscale.app.bench.startup;

import java.time.Duration;

/// What is started everywhere: a shell of busybox that says READY and then waits. It ends by itself
/// after ten minutes, should nobody be left to end it.
final class Workload {
  static final String READY = "READY";

  /// A start that takes longer than this has failed.
  static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String WAIT = "sleep 600";

  private Workload() {}

  /// Says READY on its output; `busybox` is the path of busybox there.
  static String script(String busybox) {
    return "echo %s; exec %s %s".formatted(READY, busybox, WAIT);
  }

  /// Says READY into a file, in an image that has the usual commands.
  static String scriptTo(String file) {
    return "echo %s > %s; exec %s".formatted(READY, file, WAIT);
  }
}
