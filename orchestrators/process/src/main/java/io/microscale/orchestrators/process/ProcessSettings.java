package io.microscale.orchestrators.process;

import io.microscale.core.model.Names;
import io.microscale.core.model.ServiceId;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// What [ProcessOrchestrator] needs to know.
///
/// @param pool a DNS label; part of the names of control groups
/// @param stateDirectory where it keeps what it must know after a restart, and the output of
///   replicas; made if missing, readable by its owner only. One engine at a time
/// @param workloads what each service runs
/// @param slots the pool is one node with so many slots; empty for one with the processors and the
///   memory of this host
/// @param notices takes a line for people about what the port has no word for: what ended by itself
///   and its last words, what was killed after its grace, what was adopted. Must not block
public record ProcessSettings(
    String pool,
    Path stateDirectory,
    Map<ServiceId, Workload> workloads,
    OptionalLong slots,
    Pausing pausing,
    Throttling throttling,
    Consumer<String> notices) {
  public ProcessSettings {
    workloads = Map.copyOf(workloads);
    Names.requireLabel("pool", pool);
    if (slots.isPresent() && slots.getAsLong() < 1) {
      throw new IllegalArgumentException("slots: need >= 1, got " + slots.getAsLong());
    }
  }

  /// Settings with the defaults: the host's processors and memory, the best levers there are, no
  /// notices.
  public static ProcessSettings of(
      String pool, Path stateDirectory, Map<ServiceId, Workload> workloads) {
    return new ProcessSettings(
        pool,
        stateDirectory,
        workloads,
        OptionalLong.empty(),
        Pausing.AUTO,
        Throttling.AUTO,
        line -> {});
  }

  public ProcessSettings slots(long value) {
    return new ProcessSettings(
        pool, stateDirectory, workloads, OptionalLong.of(value), pausing, throttling, notices);
  }

  public ProcessSettings pausing(Pausing value) {
    return new ProcessSettings(pool, stateDirectory, workloads, slots, value, throttling, notices);
  }

  public ProcessSettings throttling(Throttling value) {
    return new ProcessSettings(pool, stateDirectory, workloads, slots, pausing, value, notices);
  }

  public ProcessSettings notices(Consumer<String> value) {
    return new ProcessSettings(pool, stateDirectory, workloads, slots, pausing, throttling, value);
  }

  /// Where the state of a pool is kept unless told otherwise: `$XDG_STATE_HOME/microscale/POOL`,
  /// else `~/.local/state/microscale/POOL`.
  public static Path defaultStateDirectory(String pool, Map<String, String> environment) {
    var base = environment.getOrDefault("XDG_STATE_HOME", "");
    // The XDG specification: a relative path is invalid and to be ignored.
    var home =
        base.startsWith("/")
            ? Path.of(base)
            : Path.of(
                environment.getOrDefault("HOME", System.getProperty("user.home")),
                ".local",
                "state");
    return home.resolve("microscale").resolve(pool);
  }
}
