package io.microscale.app.config;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a configuration file says, valid as a whole.
///
/// @param orchestrator with what each service runs on it
/// @param slots what the pool counts in, if it counts in slots; else its capacity is what the
///   orchestrator's nodes report
/// @param demands of every service but the remainder services
/// @param warnings what is allowed and probably not meant
public record Configuration(
    PoolSpec pool,
    OrchestratorConfig orchestrator,
    Optional<Resources> slots,
    Map<ServiceId, DemandConfig> demands,
    ServerConfig server,
    List<Mistake> warnings) {}
