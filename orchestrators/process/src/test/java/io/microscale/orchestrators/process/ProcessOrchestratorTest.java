package io.microscale.orchestrators.process;

import java.time.InstantSource;

/// The contract with the best levers that this host has.
class ProcessOrchestratorTest extends ProcessContract {
  @Override
  ProcessOrchestrator open(ProcessSettings settings) {
    return ProcessOrchestrator.open(settings, InstantSource.system());
  }
}
