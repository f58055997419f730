package io.microscale.server;

import io.microscale.core.loop.Engine;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ServiceId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/// What people set, one change after the other. The engine replaces an override as a whole and
/// shows it only after a pass, so two calls in a row would undo each other if each began with what
/// the engine shows.
final class Hand {
  private final Engine engine;
  private final Map<ServiceId, Known> known = new HashMap<>();

  /// @param unconfirmed how many changes the engine has not told of yet
  private record Known(ManualOverride override, int unconfirmed) {}

  Hand(Engine engine) {
    this.engine = engine;
  }

  /// Changes what lies over a service and returns what does now.
  synchronized ManualOverride change(ServiceId service, UnaryOperator<ManualOverride> change) {
    var before =
        known.computeIfAbsent(
            service,
            id -> new Known(engine.status().overrides().getOrDefault(id, ManualOverride.NONE), 0));
    var after = change.apply(before.override);
    engine.override(service, after);
    known.put(service, new Known(after, before.unconfirmed + 1));
    return after;
  }

  /// The engine tells of a change: one of ours, or one that somebody else made.
  synchronized void confirmed(LoopEvent.Overridden event) {
    known.merge(
        event.service(),
        new Known(event.override(), 0),
        (ours, theirs) ->
            ours.unconfirmed > 0 ? new Known(ours.override, ours.unconfirmed - 1) : theirs);
  }

  /// Begins anew with what is, where events were missed.
  synchronized void resume(EngineStatus status) {
    known.clear();
    status.overrides().forEach((service, override) -> known.put(service, new Known(override, 0)));
  }
}
