package io.microscale.orchestrators.docker;

import io.microscale.core.model.Resources;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// What resources mean for a container: `cpu` is its processor limit and `memory` its memory limit,
/// both hard. In a pool of slots the limits are those of its workload, and a slot is its part of
/// the machine: of N slots on C cores, C/N cores. Only with fewer slots than it was started with is
/// a container limited to them.
///
/// @param slots of the pool; empty if it counts processors and memory
/// @param machineMilliCpu what the engine's machine has, in thousandths of a core
record Sizing(OptionalLong slots, long machineMilliCpu) {
  /// The processor limit at the start; 0 for none.
  long milliCpu(Resources started, long workloadMilliCpu) {
    long cpu = started.get(Resources.CPU);
    return cpu > 0 ? Math.max(cpu, Limits.LEAST_MILLI_CPU) : workloadMilliCpu;
  }

  /// The processor limit of a running container that may use `wanted` from now on. Engines cannot
  /// take a limit away: all of the machine is as good as none.
  ///
  /// @param started what it was started with
  /// @param limit the processor limit that it was started with, 0 for none
  long milliCpu(Resources started, long limit, Resources wanted) {
    if (started.get(Resources.CPU) > 0) {
      return Math.max(wanted.get(Resources.CPU), Limits.LEAST_MILLI_CPU);
    }
    long most = limit > 0 ? limit : machineMilliCpu;
    if (slots.isPresent() && wanted.get(Resources.SLOTS) < started.get(Resources.SLOTS)) {
      long part = wanted.get(Resources.SLOTS) * machineMilliCpu / slots.getAsLong();
      return Math.max(Limits.LEAST_MILLI_CPU, Math.min(most, part));
    }
    return most;
  }

  /// What a container that is found may use: what it was started with, but for limits that have
  /// been changed since.
  ///
  /// @param now the processor limit that it has, 0 for none
  /// @param memory the memory limit that it has, 0 for none
  Resources found(Resources started, long limit, long now, long memory) {
    var amounts = new TreeMap<>(started.asMap());
    if (started.get(Resources.CPU) > 0) {
      if (now != Math.max(started.get(Resources.CPU), Limits.LEAST_MILLI_CPU)) {
        amounts.put(Resources.CPU, now);
      }
    } else if (slots.isPresent() && now > 0 && now < (limit > 0 ? limit : machineMilliCpu)) {
      // To the nearest, since the limit was rounded down.
      long of = (now * slots.getAsLong() + machineMilliCpu / 2) / machineMilliCpu;
      amounts.computeIfPresent(Resources.SLOTS, (name, all) -> Math.min(all, of));
    }
    if (started.get(Resources.MEMORY) > 0 && memory > 0) {
      amounts.put(Resources.MEMORY, memory);
    }
    return Resources.of(amounts);
  }

  /// As a label holds it: `memory=1048576,slots=1`.
  static String written(Resources resources) {
    var text = new StringBuilder();
    resources
        .asMap()
        .forEach(
            (name, amount) ->
                text.append(text.isEmpty() ? "" : ",").append(name).append('=').append(amount));
    return text.toString();
  }

  /// What [#written] wrote.
  ///
  /// @throws IllegalArgumentException if it did not
  static Resources read(String text) {
    if (text.isEmpty()) {
      return Resources.NONE;
    }
    var amounts = new TreeMap<String, Long>();
    for (var part : text.split(",", -1)) {
      int equals = part.lastIndexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException("resources: need name=amount, got '" + part + "'");
      }
      amounts.put(part.substring(0, equals), Long.parseLong(part.substring(equals + 1)));
    }
    return Resources.of(Map.copyOf(amounts));
  }
}
