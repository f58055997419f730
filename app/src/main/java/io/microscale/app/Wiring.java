package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.DemandConfig;
import io.microscale.app.config.OrchestratorConfig;
import io.microscale.core.demand.DemandSource;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
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
  /// @param notices takes what it has to tell people, without waiting
  /// @throws CommandException if it cannot be opened
  static Orchestrator open(
      Configuration configuration,
      Optional<Path> stateDirectory,
      InstantSource clock,
      Consumer<String> notices) {
    try {
      return switch (configuration.orchestrator()) {
        case OrchestratorConfig.LocalProcess process ->
            ProcessOrchestrator.open(
                new ProcessSettings(
                    configuration.pool().name(),
                    stateDirectory.orElseGet(() -> stateDirectory(configuration, process)),
                    configuration.workloads(),
                    configuration
                        .slots()
                        .map(slots -> OptionalLong.of(slots.get(Resources.SLOTS)))
                        .orElse(OptionalLong.empty()),
                    process.pausing(),
                    process.throttling(),
                    notices),
                clock);
      };
    } catch (OrchestratorException e) {
      throw CommandException.failed("pool.orchestrator: " + e.getMessage());
    }
  }

  /// Whether an engine has run this pool here before.
  static boolean hasState(Configuration configuration) {
    return switch (configuration.orchestrator()) {
      case OrchestratorConfig.LocalProcess process ->
          Files.exists(stateDirectory(configuration, process));
    };
  }

  private static Path stateDirectory(
      Configuration configuration, OrchestratorConfig.LocalProcess process) {
    var pool = configuration.pool().name();
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
