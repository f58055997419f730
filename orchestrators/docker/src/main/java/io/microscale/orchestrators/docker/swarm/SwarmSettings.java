package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Names;
import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// What [SwarmOrchestrator] needs to know.
///
/// @param pool a DNS label; marks the services that are made
/// @param address of a manager
/// @param stack the stack whose services are meant where a workload does not name its own; services
///   that are made are named in it too
/// @param slots the pool counts in slots, which are shared out evenly to the nodes on which a
///   service of it may run; empty where it counts what the nodes have
/// @param onlyLooks change nothing, for a dry run: services that are missing stay so
/// @param notices takes a line for people about what the port has no word for. Must not block
public record SwarmSettings(
    String pool,
    EngineAddress address,
    Optional<String> stack,
    Map<ServiceId, SwarmWorkload> workloads,
    OptionalLong slots,
    boolean onlyLooks,
    Consumer<String> notices) {
  public SwarmSettings {
    workloads = Collections.unmodifiableSortedMap(new TreeMap<>(workloads));
    Names.requireLabel("pool", pool);
    if (slots.isPresent() && slots.getAsLong() < 1) {
      throw new IllegalArgumentException("slots: need >= 1, got " + slots.getAsLong());
    }
    for (var entry : workloads.entrySet()) {
      if (entry.getValue() instanceof SwarmWorkload.Existing(var name, _)
          && name.isEmpty()
          && stack.isEmpty()) {
        throw new IllegalArgumentException(
            "services.%s.workload: need an image, a service's name, or a stack for the pool"
                .formatted(entry.getKey()));
      }
    }
    names(pool, stack, workloads);
  }

  /// Settings of a pool that counts what the nodes have, without a stack or notices.
  public static SwarmSettings of(
      String pool, EngineAddress address, Map<ServiceId, SwarmWorkload> workloads) {
    return new SwarmSettings(
        pool, address, Optional.empty(), workloads, OptionalLong.empty(), false, line -> {});
  }

  /// The same for the services of a stack.
  public static SwarmSettings ofStack(
      String pool, EngineAddress address, String stack, Map<ServiceId, SwarmWorkload> workloads) {
    return new SwarmSettings(
        pool, address, Optional.of(stack), workloads, OptionalLong.empty(), false, line -> {});
  }

  public SwarmSettings slots(long value) {
    return new SwarmSettings(
        pool, address, stack, workloads, OptionalLong.of(value), onlyLooks, notices);
  }

  public SwarmSettings notices(Consumer<String> value) {
    return new SwarmSettings(pool, address, stack, workloads, slots, onlyLooks, value);
  }

  /// What a service of the pool is called in Swarm.
  String nameOf(ServiceId service, SwarmWorkload workload) {
    return nameOf(pool, stack, service, workload);
  }

  private static String nameOf(
      String pool, Optional<String> stack, ServiceId service, SwarmWorkload workload) {
    if (workload instanceof SwarmWorkload.Existing(var name, _) && name.isPresent()) {
      return name.get();
    }
    return stack.orElse(pool) + "_" + service;
  }

  /// The services of the pool by their names in Swarm.
  SortedMap<String, ServiceId> names() {
    return names(pool, stack, workloads);
  }

  private static SortedMap<String, ServiceId> names(
      String pool, Optional<String> stack, Map<ServiceId, SwarmWorkload> workloads) {
    var names = new TreeMap<String, ServiceId>();
    workloads.forEach(
        (service, workload) -> {
          var name = nameOf(pool, stack, service, workload);
          var other = names.put(name, service);
          if (other != null) {
            throw new IllegalArgumentException(
                "services.%s.workload: need a Swarm service of its own, got '%s' of %s"
                    .formatted(service, name, other));
          }
        });
    return names;
  }
}
