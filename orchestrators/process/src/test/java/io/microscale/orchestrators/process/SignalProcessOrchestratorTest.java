package io.microscale.orchestrators.process;

import java.time.InstantSource;

/// The contract with signals and `nice`.
class SignalProcessOrchestratorTest extends ProcessContract {
  @Override
  ProcessOrchestrator open(ProcessSettings settings) {
    return ProcessOrchestrator.open(
        settings.pausing(Pausing.SIGNAL).throttling(Throttling.NICE), InstantSource.system());
  }
}
