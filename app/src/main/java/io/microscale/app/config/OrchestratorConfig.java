package io.microscale.app.config;

import io.microscale.core.model.ServiceId;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import io.microscale.orchestrators.process.Pausing;
import io.microscale.orchestrators.process.Throttling;
import io.microscale.orchestrators.process.Workload;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The orchestrators to choose from, each with what it runs: one case each. A new one is a case
/// here, a [Driver] that reads it, and a case of the switch that opens it.
public sealed interface OrchestratorConfig
    permits OrchestratorConfig.LocalProcess,
        OrchestratorConfig.Containers,
        OrchestratorConfig.Swarm,
        KubernetesConfig {
  /// As in the file.
  default String kind() {
    return switch (this) {
      case LocalProcess _ -> "process";
      case Containers containers -> containers.kind;
      case Swarm _ -> "swarm";
      case KubernetesConfig _ -> "kubernetes";
    };
  }

  /// Plain processes on this host.
  ///
  /// @param stateDirectory what it must know after a restart; empty for the default
  record LocalProcess(
      Optional<Path> stateDirectory,
      Pausing pausing,
      Throttling throttling,
      Map<ServiceId, Workload> workloads)
      implements OrchestratorConfig {}

  /// Containers of one Docker or Podman.
  ///
  /// @param nodeAddress where the engine's machine is reached from here
  record Containers(
      String kind,
      EngineAddress address,
      Optional<String> nodeAddress,
      Map<ServiceId, io.microscale.orchestrators.docker.Workload> workloads)
      implements OrchestratorConfig {}

  /// Services of a Docker Swarm.
  ///
  /// @param address of a manager
  /// @param stack the stack whose services are meant
  record Swarm(
      EngineAddress address, Optional<String> stack, Map<ServiceId, SwarmWorkload> workloads)
      implements OrchestratorConfig {}
}
