package io.microscale.core.planning;

import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.util.Optional;

/// One action of a plan, and why.
///
/// @param inFavourOf the service that gets the room, where this one gives it up for another
/// @param reason a sentence for people
public record Step(Action action, Optional<ServiceId> inFavourOf, String reason) {}
