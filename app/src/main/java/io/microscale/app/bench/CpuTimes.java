package io.microscale.app.bench;

import java.util.OptionalDouble;

/// What all processors together have done since the machine started, in clock ticks.
///
/// @param idle doing nothing, or nothing but waiting for a disk
/// @param all everything, time that the hypervisor gave to others included
public record CpuTimes(long idle, long all) {
  private static final int FIELDS = 9;
  private static final int IDLE = 4;
  private static final int IO_WAIT = 5;

  /// Reads the first line of `/proc/stat`: `cpu user nice system idle iowait irq softirq steal …`;
  /// what follows those is contained in them.
  ///
  /// @throws IllegalArgumentException if it is not such a text
  public static CpuTimes parse(String stat) {
    var line = stat.lines().findFirst().orElse("");
    var fields = line.split(" +", -1);
    if (fields.length < FIELDS || !fields[0].equals("cpu")) {
      throw new IllegalArgumentException("/proc/stat: need 'cpu' and 8 numbers, got: " + line);
    }
    try {
      long all = 0;
      for (int i = 1; i < FIELDS; i++) {
        all += Long.parseLong(fields[i]);
      }
      return new CpuTimes(Long.parseLong(fields[IDLE]) + Long.parseLong(fields[IO_WAIT]), all);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("/proc/stat: need numbers, got: " + line, e);
    }
  }

  /// How much of the time since `before` was idle, 0 to 100 %; nothing if no tick has passed.
  public OptionalDouble idlePercentSince(CpuTimes before) {
    long passed = all - before.all;
    return passed > 0
        ? OptionalDouble.of(Math.clamp(100.0 * (idle - before.idle) / passed, 0, 100))
        : OptionalDouble.empty();
  }
}
