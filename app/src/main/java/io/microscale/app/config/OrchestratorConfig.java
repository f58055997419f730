package io.microscale.app.config;

import io.microscale.orchestrators.process.Pausing;
import io.microscale.orchestrators.process.Throttling;
import java.nio.file.Path;
import java.util.Optional;

/// The orchestrators to choose from: one case each. A new one is a case here, a reader, and a case
/// of the switch that opens it.
public sealed interface OrchestratorConfig {
  /// As in the file.
  default String kind() {
    return switch (this) {
      case LocalProcess _ -> "process";
    };
  }

  /// Plain processes on this host.
  ///
  /// @param stateDirectory what it must know after a restart; empty for the default
  record LocalProcess(Optional<Path> stateDirectory, Pausing pausing, Throttling throttling)
      implements OrchestratorConfig {}
}
