package io.microscale.orchestrators.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.InstantSource;
import java.util.EnumSet;

/// The contract with control groups of version 2 alone.
class UnifiedProcessOrchestratorTest extends ProcessContract {
  @Override
  ProcessOrchestrator open(ProcessSettings settings) {
    var opened =
        ProcessOrchestrator.open(
            settings, InstantSource.system(), EnumSet.of(ControlGroups.Version.V2));
    if (!opened.levers().contains("V2")) {
      opened.close();
      assumeTrue(false, "no writable control groups of version 2");
    }
    return opened;
  }
}
