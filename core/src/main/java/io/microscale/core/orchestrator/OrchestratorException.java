package io.microscale.core.orchestrator;

/// Why an orchestrator could not answer or act, sorted by what the caller can do about it.
public final class OrchestratorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public enum Kind {
    /// It cannot be reached or is busy; nothing was done: try again.
    UNAVAILABLE,
    /// It was asked and gave no answer in time: it may or may not have done it.
    UNCERTAIN,
    /// It says no, and will say so again: a person has to change something.
    REJECTED,
    /// Nobody told it of this service or replica.
    UNKNOWN,
    /// It cannot do that at all.
    UNSUPPORTED
  }

  private final Kind kind;

  public OrchestratorException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public OrchestratorException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
