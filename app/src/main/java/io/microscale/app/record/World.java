package io.microscale.app.record;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Standings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What the events so far say: what is there, what services follow and what was set by hand. Kept
/// up to date in time proportional to what an event changes, so that all of it can be written
/// wherever a file begins or events were lost. Used by one thread.
final class World {
  private List<Node> nodes = List.of();
  private final Map<ServiceId, Map<ReplicaId, Replica>> replicas = new HashMap<>();
  private Standings standings = Standings.NONE;
  private boolean known;
  private final Map<ServiceId, LoopEvent.Overridden> overrides = new TreeMap<>();
  private final Map<ServiceId, LoopEvent.ReadingTaken> readings = new TreeMap<>();

  /// Takes in the next event.
  ///
  /// @return whether [#told] tells it from now on
  boolean take(LoopEvent event) {
    switch (event) {
      case LoopEvent.Observed observed -> see(observed);
      case LoopEvent.Overridden overridden -> overrides.put(overridden.service(), overridden);
      case LoopEvent.ReadingTaken taken -> readings.put(taken.service(), taken);
      case LoopEvent.Started _,
          LoopEvent.ObserveFailed _,
          LoopEvent.Passed _,
          LoopEvent.ActionEnded _,
          LoopEvent.Reacted _,
          LoopEvent.WorkReported _,
          LoopEvent.Stopped _ -> {
        return false;
      }
    }
    return true;
  }

  private void see(LoopEvent.Observed observed) {
    if (observed.complete()) {
      replicas.clear();
      known = true;
    }
    // All of them or none: an observation without nodes says that they are as before.
    if (observed.complete() || !observed.nodes().isEmpty()) {
      nodes = observed.nodes();
    }
    observed.gone().forEach(gone -> of(gone.service()).remove(gone.replica()));
    observed.changed().forEach(replica -> of(replica.service()).put(replica.id(), replica));
    standings = observed.standings();
  }

  private Map<ReplicaId, Replica> of(ServiceId service) {
    return replicas.computeIfAbsent(service, _ -> new HashMap<>());
  }

  /// Everything as events: what was set by hand, the latest readings and, once there was one, a
  /// complete observation.
  List<LoopEvent> told(Instant at) {
    var told = new ArrayList<LoopEvent>(overrides.values());
    told.addAll(readings.values());
    if (known) {
      told.add(complete(at));
    }
    return told;
  }

  /// Everything that is there, in the order of the names.
  private LoopEvent.Observed complete(Instant at) {
    var all = new ArrayList<Replica>();
    replicas.values().forEach(some -> all.addAll(some.values()));
    all.sort((a, b) -> a.id().compareTo(b.id()));
    return new LoopEvent.Observed(at, true, nodes, all, List.of(), standings);
  }
}
