package io.microscale.core.allocation;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What every service is granted and where; both lists are in the order of the pool's services.
///
/// @param wakeAt when it may come out better with no other change: a replica is no longer protected
///   by its `minRuntime`
public record Allocation(
    List<Grant> grants, List<Placement> placements, Optional<Instant> wakeAt) {}
