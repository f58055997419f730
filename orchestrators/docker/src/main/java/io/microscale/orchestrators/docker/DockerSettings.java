package io.microscale.orchestrators.docker;

import io.microscale.core.model.Names;
import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// What [DockerOrchestrator] needs to know.
///
/// @param pool a DNS label; part of the names of containers
/// @param workloads what each service runs
/// @param slots the pool is one node with so many slots; empty for one with the processors and the
///   memory of the engine's machine, less what others have reserved there by limits
/// @param nodeAddress where the engine's machine is reached from here; empty for the loopback
///   address or, with `tcp://`, its host. Used by [Readiness.Tcp] with the network `host`
/// @param onlyLooks change nothing, for a dry run
/// @param limits how long calls to the engine may take
/// @param notices takes a line for people about what the port has no word for: what ended by itself
///   and its last words, what was adopted, what a copy leaves out. Must not block
public record DockerSettings(
    String pool,
    EngineAddress address,
    Map<ServiceId, Workload> workloads,
    OptionalLong slots,
    Optional<String> nodeAddress,
    boolean onlyLooks,
    EngineClient.Limits limits,
    Consumer<String> notices) {
  public DockerSettings {
    workloads = Map.copyOf(workloads);
    Names.requireLabel("pool", pool);
    if (slots.isPresent() && slots.getAsLong() < 1) {
      throw new IllegalArgumentException("slots: need >= 1, got " + slots.getAsLong());
    }
  }

  /// Settings with the defaults: the machine's processors and memory, the usual limits, no notices.
  public static DockerSettings of(
      String pool, EngineAddress address, Map<ServiceId, Workload> workloads) {
    return new DockerSettings(
        pool,
        address,
        workloads,
        OptionalLong.empty(),
        Optional.empty(),
        false,
        EngineClient.Limits.USUAL,
        line -> {});
  }

  public DockerSettings slots(long value) {
    return new DockerSettings(
        pool, address, workloads, OptionalLong.of(value), nodeAddress, onlyLooks, limits, notices);
  }

  public DockerSettings nodeAddress(String value) {
    return new DockerSettings(
        pool, address, workloads, slots, Optional.of(value), onlyLooks, limits, notices);
  }

  public DockerSettings limits(EngineClient.Limits value) {
    return new DockerSettings(
        pool, address, workloads, slots, nodeAddress, onlyLooks, value, notices);
  }

  public DockerSettings notices(Consumer<String> value) {
    return new DockerSettings(
        pool, address, workloads, slots, nodeAddress, onlyLooks, limits, value);
  }
}
