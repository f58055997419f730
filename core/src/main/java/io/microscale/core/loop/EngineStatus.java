package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.planning.Plan;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is, as of the last pass. Immutable.
///
/// @param readings the latest reading of each service, with what was set by hand laid over it
/// @param snapshot empty until the orchestrator has answered once
/// @param blind why the orchestrator cannot be seen, empty when it can
/// @param passes passes made since the start
public record EngineStatus(
    Instant at,
    Instant startedAt,
    PoolSpec pool,
    String orchestrator,
    Set<Ability> abilities,
    Map<ServiceId, Reading> readings,
    Map<ServiceId, ManualOverride> overrides,
    Optional<Snapshot> snapshot,
    Optional<String> blind,
    List<Decision> decisions,
    Plan plan,
    int actionsInFlight,
    long passes) {}
