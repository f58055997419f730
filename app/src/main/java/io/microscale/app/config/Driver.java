package io.microscale.app.config;

import io.microscale.app.engine.Engines;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import io.microscale.orchestrators.process.Pausing;
import io.microscale.orchestrators.process.Throttling;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// One kind of orchestrator while a file is read: how it reads what a service runs, and what it
/// becomes with that.
///
/// @param capacity what it has where that is known without asking it
/// @param onlyStops whether it can neither pause nor throttle
/// @param pausedCpu what a paused replica still holds, in thousandths of a core
/// @param otherCapacity reads `pool.capacity` where that is something only this kind knows; tells
///   whether it was
/// @param completed a service with what the orchestrator knows of it and the file does not say;
///   told whether the pool counts in slots
record Driver<W>(
    Optional<Resources> capacity,
    boolean onlyStops,
    long pausedCpu,
    Predicate<Section> otherCapacity,
    BiFunction<Section, Boolean, Section> completed,
    BiFunction<Section, ServiceSpec, W> workload,
    Function<Map<ServiceId, W>, OrchestratorConfig> configured) {
  private Driver(
      Optional<Resources> capacity,
      boolean onlyStops,
      BiFunction<Section, ServiceSpec, W> workload,
      Function<Map<ServiceId, W>, OrchestratorConfig> configured) {
    this(capacity, onlyStops, 0, _ -> false, (section, _) -> section, workload, configured);
  }

  /// The orchestrators of this version by their keys.
  ///
  /// @param folder that of the file
  /// @param environment where engines are looked for unless the file tells
  static Map<String, Function<Section, Driver<?>>> menu(
      Path folder, Map<String, String> environment) {
    var menu = new LinkedHashMap<String, Function<Section, Driver<?>>>();
    menu.put("process", section -> process(section, folder));
    menu.put(
        "docker",
        section -> containers("docker", section, folder, () -> EngineAddress.of(environment)));
    menu.put(
        "podman",
        section -> containers("podman", section, folder, () -> Engines.podman(environment)));
    menu.put("swarm", section -> swarm(section, folder, () -> EngineAddress.of(environment)));
    menu.put("kubernetes", section -> KubernetesReader.driver(section, folder));
    return menu;
  }

  /// What all services run.
  OrchestratorConfig read(Map<Section, ServiceSpec> services) {
    var workloads = new LinkedHashMap<ServiceId, W>();
    services.forEach((section, spec) -> workloads.put(spec.id(), workload.apply(section, spec)));
    return configured.apply(workloads);
  }

  /// Stands in for one that could not be read.
  static Driver<?> none(Path folder) {
    return processes(folder, Optional.empty(), Pausing.AUTO, Throttling.AUTO);
  }

  private static Driver<?> process(Section process, Path folder) {
    return processes(
        folder,
        process.made("stateDirectory", path -> folder.resolve(path).normalize()),
        process.choice("pausing", Pausing.class).orElse(Pausing.AUTO),
        process.choice("throttling", Throttling.class).orElse(Throttling.AUTO));
  }

  private static Driver<?> processes(
      Path folder, Optional<Path> state, Pausing pausing, Throttling throttling) {
    return new Driver<>(
        Optional.of(ThisHost.capacity()),
        false,
        (service, _) -> new WorkloadReader(service, folder).read(),
        workloads -> new OrchestratorConfig.LocalProcess(state, pausing, throttling, workloads));
  }

  private static Driver<?> containers(
      String kind, Section section, Path folder, Supplier<EngineAddress> usual) {
    var address = address(section, folder, usual);
    var node = section.text("nodeAddress");
    return new Driver<>(
        local(address),
        false,
        (service, _) -> new ContainerReader(service).read(),
        workloads -> new OrchestratorConfig.Containers(kind, address, node, workloads));
  }

  private static Driver<SwarmWorkload> swarm(
      Section section, Path folder, Supplier<EngineAddress> usual) {
    var address = address(section, folder, usual);
    var stack = section.text("stack");
    return new Driver<>(
        Optional.empty(),
        true,
        (service, spec) -> new SwarmReader(service, spec.resources(), stack.isPresent()).read(),
        workloads -> new OrchestratorConfig.Swarm(address, stack, workloads));
  }

  private static EngineAddress address(
      Section section, Path folder, Supplier<EngineAddress> usual) {
    var tls = section.made("tls", path -> folder.resolve(path).normalize());
    var host =
        section
            .made("host", text -> EngineAddress.parse(text, tls))
            .or(() -> section.has("host") ? Optional.empty() : usual(section, usual))
            .orElse(EngineAddress.LOCAL);
    if (section.has("tls") && !(host instanceof EngineAddress.Tcp)) {
      section.mistake("tls", "need a host with tcp://", host.toString());
    }
    return host;
  }

  /// What the environment says, which may be wrong as well.
  private static Optional<EngineAddress> usual(Section section, Supplier<EngineAddress> usual) {
    try {
      return Optional.of(usual.get());
    } catch (IllegalArgumentException e) {
      section.mistakeHere(
          "need a host, since the environment is of no use", String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<Resources> local(EngineAddress address) {
    return address instanceof EngineAddress.Unix
        ? Optional.of(ThisHost.capacity())
        : Optional.empty();
  }
}
