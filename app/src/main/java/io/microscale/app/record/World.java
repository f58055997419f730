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
import java.util.Optional;

/// What the events so far say is there, kept up to date in time proportional to what an event
/// changes, so that a complete observation can be written wherever a file begins or events were
/// lost. Used by one thread.
final class World {
  private List<Node> nodes = List.of();
  private final Map<ServiceId, Map<ReplicaId, Replica>> replicas = new HashMap<>();
  private Standings standings = Standings.NONE;
  private boolean known;

  void take(LoopEvent.Observed observed) {
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

  /// Everything that is there, in the order of the names; empty before the first observation.
  Optional<LoopEvent.Observed> complete(Instant at) {
    if (!known) {
      return Optional.empty();
    }
    var all = new ArrayList<Replica>();
    replicas.values().forEach(some -> all.addAll(some.values()));
    all.sort((a, b) -> a.id().compareTo(b.id()));
    return Optional.of(new LoopEvent.Observed(at, true, nodes, all, List.of(), standings));
  }
}
