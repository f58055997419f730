package io.microscale.core.planning;

import io.microscale.core.model.ServiceId;
import java.time.Instant;
import java.util.Optional;

/// What a service does not get yet: how many replicas, why, and until when if that is known.
public record Waiting(ServiceId service, int replicas, String reason, Optional<Instant> until) {}
