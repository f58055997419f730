package io.microscale.server;

import io.microscale.core.loop.Engine;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ServiceId;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// What people set, one change after the other. The engine replaces an override as a whole and
/// shows it only after a pass, so two calls in a row would undo each other if each began with what
/// the engine shows.
final class Hand {
  private static final long CONFIRMED_WITHIN = TimeUnit.SECONDS.toNanos(2);

  private final Engine engine;
  private final Map<ServiceId, Known> known = new HashMap<>();

  /// What lies over a service as far as is known here.
  ///
  /// @param ours set here, and the engine has not told of it yet
  private record Known(ManualOverride override, boolean ours, long since) {
    boolean isAwaited() {
      return ours && System.nanoTime() - since < CONFIRMED_WITHIN;
    }
  }

  Hand(Engine engine) {
    this.engine = engine;
  }

  /// Changes what lies over a service and returns what does now.
  synchronized ManualOverride change(ServiceId service, UnaryOperator<ManualOverride> change) {
    var last = known.get(service);
    var before =
        last == null
            ? engine.status().overrides().getOrDefault(service, ManualOverride.NONE)
            : last.override;
    var after = change.apply(before);
    engine.override(service, after);
    known.put(service, new Known(after, true, System.nanoTime()));
    return after;
  }

  /// The engine tells of a change: the one that is awaited, one before it, or one that somebody
  /// else made.
  synchronized void told(LoopEvent.Overridden event) {
    var last = known.get(event.service());
    if (last == null || !last.isAwaited() || last.override.equals(event.override())) {
      known.put(event.service(), new Known(event.override(), false, System.nanoTime()));
    }
  }

  /// Begins anew with what is, where events were missed.
  synchronized void resume(EngineStatus status) {
    known.values().removeIf(known -> !known.isAwaited());
    status
        .overrides()
        .forEach(
            (service, override) ->
                known.putIfAbsent(service, new Known(override, false, System.nanoTime())));
  }
}
