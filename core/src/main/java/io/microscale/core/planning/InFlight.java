package io.microscale.core.planning;

import io.microscale.core.orchestrator.Action;
import java.time.Instant;
import java.util.Optional;

/// An action that was asked for and has not been seen in a snapshot.
///
/// @param accepted when the orchestrator took it, empty while it has not answered
public record InFlight(Action action, Instant asked, Optional<Instant> accepted) {}
