package io.microscale.orchestrators.docker.engine;

import io.microscale.core.orchestrator.OrchestratorException;
import java.util.OptionalInt;

/// That an engine answered with an error: the cause of the [OrchestratorException] that tells of
/// it, for those who need the HTTP status.
public final class EngineRefusal extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  EngineRefusal(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /// The HTTP status behind a failure; empty if the engine did not answer.
  public static OptionalInt statusOf(OrchestratorException failure) {
    return failure.getCause() instanceof EngineRefusal refusal
        ? OptionalInt.of(refusal.status)
        : OptionalInt.empty();
  }
}
