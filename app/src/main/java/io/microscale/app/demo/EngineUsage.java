package io.microscale.app.demo;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/// What this process uses: the engine with its server and the users that it simulates, without the
/// workers.
final class EngineUsage {
  private static final Path STATUS = Path.of("/proc/self/status");

  private EngineUsage() {}

  /// Processor time so far, in steps of a clock tick. Cheap.
  static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /// Processor time so far, exact. The first call loads the management classes.
  static Duration exactProcessorTime() {
    return Duration.ofNanos(
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime());
  }

  /// When the JVM started. The first call loads the management classes.
  static Instant startedAt() {
    return Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
  }

  /// Memory in megabytes (10^6 bytes).
  ///
  /// @param peak the most so far
  record Memory(double resident, double peak) {
    static final Memory UNKNOWN = new Memory(0, 0);
  }

  static Memory memory() {
    try {
      double resident = 0;
      double peak = 0;
      for (var line : Files.readAllLines(STATUS)) {
        if (line.startsWith("VmRSS:")) {
          resident = megabytes(line);
        } else if (line.startsWith("VmHWM:")) {
          peak = megabytes(line);
        }
      }
      return new Memory(resident, peak);
    } catch (IOException | NumberFormatException e) {
      return Memory.UNKNOWN;
    }
  }

  private static double megabytes(String line) {
    return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
  }
}
