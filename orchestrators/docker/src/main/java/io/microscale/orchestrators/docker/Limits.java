package io.microscale.orchestrators.docker;

import java.util.OptionalLong;

/// What one container may use where the resources of its service say nothing of it, as in a pool of
/// slots.
///
/// @param milliCpu thousandths of a core, at least 10
/// @param memoryBytes at least 6 MiB, which is the least that engines take
public record Limits(OptionalLong milliCpu, OptionalLong memoryBytes) {
  public static final Limits NONE = new Limits(OptionalLong.empty(), OptionalLong.empty());
  static final long LEAST_MILLI_CPU = 10;
  static final long LEAST_MEMORY = 6 << 20;

  public Limits {
    if (milliCpu.isPresent() && milliCpu.getAsLong() < LEAST_MILLI_CPU) {
      throw new IllegalArgumentException(
          "workload.limits.cpu: need at least 10m, got %dm".formatted(milliCpu.getAsLong()));
    }
    if (memoryBytes.isPresent() && memoryBytes.getAsLong() < LEAST_MEMORY) {
      throw new IllegalArgumentException(
          "workload.limits.memory: need at least 6Mi, got %d".formatted(memoryBytes.getAsLong()));
    }
  }
}
