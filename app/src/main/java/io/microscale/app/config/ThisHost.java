package io.microscale.app.config;

import io.microscale.core.model.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/// What this machine has, for defaults and warnings only: what counts when the engine runs is what
/// its orchestrator reports.
final class ThisHost {
  private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d{1,15}) kB");

  private ThisHost() {}

  static Resources capacity() {
    return Resources.cpuAndMemory(Runtime.getRuntime().availableProcessors() * 1000L, memory());
  }

  private static long memory() {
    try {
      var total = TOTAL.matcher(Files.readString(Path.of("/proc/meminfo")));
      return total.find() ? Long.parseLong(total.group(1)) << 10 : Long.MAX_VALUE;
    } catch (IOException e) {
      // Not a Linux: nothing is known, so nothing is warned of.
      return Long.MAX_VALUE;
    }
  }
}
