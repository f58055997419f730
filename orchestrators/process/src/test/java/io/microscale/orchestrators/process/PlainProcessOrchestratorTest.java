package io.microscale.orchestrators.process;

import java.time.InstantSource;

/// The contract as without privileges: signals, and no throttling.
class PlainProcessOrchestratorTest extends ProcessContract {
  @Override
  ProcessOrchestrator open(ProcessSettings settings) {
    return ProcessOrchestrator.open(
        settings.pausing(Pausing.SIGNAL).throttling(Throttling.NONE), InstantSource.system());
  }
}
