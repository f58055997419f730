package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.DemandConfig;
import io.microscale.app.config.KubernetesConfig;
import io.microscale.app.config.OrchestratorConfig;
import io.microscale.core.demand.DemandSource;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.DockerOrchestrator;
import io.microscale.orchestrators.docker.DockerSettings;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.swarm.SwarmOrchestrator;
import io.microscale.orchestrators.docker.swarm.SwarmSettings;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesOrchestrator;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.process.ProcessOrchestrator;
import io.microscale.orchestrators.process.ProcessSettings;
import io.microscale.sources.http.HttpPoll;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Makes of a configuration what it names: here, and nowhere else, adapters are chosen.
final class Wiring {
  private Wiring() {}

  /// Opens the orchestrator.
  ///
  /// @param stateDirectory takes the place of the one that the configuration names
  /// @param dryRun nothing is to be changed
  /// @param fence passed by every write to a cluster in which several engines may run
  /// @param notices takes what it has to tell people, without waiting
  /// @throws CommandException if it cannot be opened
  static Orchestrator open(
      Configuration configuration,
      Optional<Path> stateDirectory,
      boolean dryRun,
      InstantSource clock,
      Fence fence,
      Consumer<String> notices) {
    var pool = configuration.pool().name();
    var slots =
        configuration
            .slots()
            .map(amount -> OptionalLong.of(amount.get(Resources.SLOTS)))
            .orElse(OptionalLong.empty());
    try {
      return switch (configuration.orchestrator()) {
        case OrchestratorConfig.LocalProcess process ->
            ProcessOrchestrator.open(
                new ProcessSettings(
                    pool,
                    stateDirectory.orElseGet(() -> stateDirectory(pool, process)),
                    process.workloads(),
                    slots,
                    process.pausing(),
                    process.throttling(),
                    notices),
                clock);
        case OrchestratorConfig.Containers containers ->
            DockerOrchestrator.open(
                new DockerSettings(
                    pool,
                    containers.address(),
                    containers.workloads(),
                    slots,
                    containers.nodeAddress(),
                    dryRun,
                    EngineClient.Limits.USUAL,
                    notices),
                clock);
        case OrchestratorConfig.Swarm swarm ->
            SwarmOrchestrator.open(
                new SwarmSettings(
                    pool,
                    swarm.address(),
                    swarm.stack(),
                    swarm.workloads(),
                    slots,
                    dryRun,
                    notices),
                clock);
        case KubernetesConfig kubernetes ->
            KubernetesOrchestrator.open(
                new KubernetesSettings(
                    pool,
                    kubernetes.access(),
                    slots.isPresent()
                        ? new Capacity.Slots(slots.getAsLong())
                        : kubernetes.capacity(),
                    kubernetes.pausedCpu(),
                    dryRun,
                    notices),
                kubernetes.workloads(),
                fence,
                clock);
      };
    } catch (OrchestratorException | IllegalArgumentException e) {
      throw CommandException.failed("pool.orchestrator: " + e.getMessage());
    }
  }

  /// Whether a dry run leaves nothing behind: an engine has run this pool here before, or it keeps
  /// nothing here.
  static boolean hasState(Configuration configuration) {
    return switch (configuration.orchestrator()) {
      case OrchestratorConfig.LocalProcess process ->
          Files.exists(stateDirectory(configuration.pool().name(), process));
      case OrchestratorConfig.Containers _, OrchestratorConfig.Swarm _, KubernetesConfig _ -> true;
    };
  }

  private static Path stateDirectory(String pool, OrchestratorConfig.LocalProcess process) {
    return process
        .stateDirectory()
        .orElseGet(() -> ProcessSettings.defaultStateDirectory(pool, System.getenv()));
  }

  /// The sources that have to be asked; a pushed demand has none.
  static Map<ServiceId, DemandSource> sources(Configuration configuration) {
    var sources = new LinkedHashMap<ServiceId, DemandSource>();
    configuration
        .demands()
        .forEach((service, demand) -> source(demand).ifPresent(s -> sources.put(service, s)));
    return sources;
  }

  private static Optional<DemandSource> source(DemandConfig demand) {
    return switch (demand) {
      case DemandConfig.Push() -> Optional.empty();
      case DemandConfig.Http(var settings) -> Optional.of(new HttpPoll(settings));
      case DemandConfig.Generated(var generator) -> Optional.of(generator.source());
    };
  }
}
