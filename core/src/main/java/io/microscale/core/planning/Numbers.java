package io.microscale.core.planning;

import io.microscale.core.allocation.Grant;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.VictimOrder;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Starts and stops gathered into one number for each service, for an orchestrator that is told
/// numbers and whom to take first.
///
/// A fall is asked for at once. A rise is asked for as far as there is room now. One that queues
/// what does not fit is asked for the whole rise early, but only for the highest priority that is
/// short: its queue need not know the priorities, and whatever else waits in it could take the room
/// that was made.
final class Numbers {
  private final Planner.Situation is;
  private final Draft draft;
  private final Map<ServiceId, Change> changes = new HashMap<>();

  /// What becomes of one service.
  private static final class Change {
    private int fitting; // starts for which there is room now
    private int waiting; // for which there will be
    private int blocked; // for which nobody gives up room yet
    private int forOthers; // of the stops
    private final List<Step> stops = new ArrayList<>();

    int starts() {
      return fitting + waiting + blocked;
    }
  }

  Numbers(Planner.Situation is, Draft draft) {
    this.is = is;
    this.draft = draft;
  }

  /// Whether an orchestrator with these abilities is told numbers and victims.
  static boolean areToldTo(Set<Ability> abilities) {
    return abilities.contains(Ability.SCALES) && abilities.contains(Ability.PICKS_VICTIMS);
  }

  /// The snapshot with those marked as leaving that are more than were asked for last. The
  /// orchestrator has been told to end so many; who it will be is a guess until it shows.
  static Snapshot withoutExcess(
      Snapshot intended, Ledger ledger, Set<Ability> abilities, Instant now) {
    if (!areToldTo(abilities)) {
      return intended;
    }
    var edit = intended.edit();
    boolean excess = false;
    for (var desired : intended.standings().desired().entrySet()) {
      var there = intended.of(desired.getKey());
      int most = ledger.scaling(desired.getKey()).orElse(desired.getValue());
      if (there.kept() > most) {
        excess = true;
        there.replicas().stream()
            .filter(r -> r.state() != ReplicaState.STOPPING)
            .sorted(VictimOrder.at(now))
            .limit(there.kept() - most)
            .map(Replica::stopping)
            .forEach(edit::put);
      }
    }
    return excess ? edit.at(intended.at()) : intended;
  }

  private Change of(ServiceSpec spec) {
    return changes.computeIfAbsent(spec.id(), _ -> new Change());
  }

  /// One replica is to be started, and there is room for it now.
  void startFits(ServiceSpec spec) {
    of(spec).fitting++;
  }

  /// One replica is to be started in room that is being freed.
  void startWaits(ServiceSpec spec) {
    of(spec).waiting++;
  }

  /// One replica is to be started, and nobody can make room for it now.
  void startIsBlocked(ServiceSpec spec) {
    of(spec).blocked++;
  }

  /// One replica is to go.
  ///
  /// @param step its stop, and why
  void stop(ServiceSpec spec, Step step) {
    var change = of(spec);
    change.stops.add(step);
    if (step.inFavourOf().isPresent()) {
      change.forOthers++;
      draft.reserveStop();
    }
  }

  /// When the number of a service may be asked for again; empty if now, [Instant#MAX] if it depends
  /// on the orchestrator.
  Optional<Instant> blockedUntil(ServiceId service) {
    return is.ledger().scaling(service).isPresent()
        ? Optional.of(Instant.MAX)
        : is.retries().blockedUntil(new Action.Scale(service, 0), is.now());
  }

  /// Replicas that were asked for and are not there yet; also those that are no longer wanted,
  /// until that has shown.
  int coming(ServiceSpec spec) {
    int asked = asked(spec);
    int desired = is.observed().standings().desired().getOrDefault(spec.id(), asked);
    int there = Math.max(is.observed().of(spec.id()).kept(), is.intended().of(spec.id()).kept());
    return Math.max(0, Math.max(asked, desired) - there);
  }

  private int asked(ServiceSpec spec) {
    return is.ledger()
        .scaling(spec.id())
        .orElse(
            is.observed()
                .standings()
                .desired()
                .getOrDefault(spec.id(), is.intended().of(spec.id()).kept()));
  }

  /// Asks for the numbers, in the order of priority.
  void ask() {
    boolean othersAreShort = false;
    for (int i = 0; i < is.pool().services().size(); i++) {
      var spec = is.pool().services().get(i);
      var change = changes.getOrDefault(spec.id(), new Change());
      ask(spec, is.allocation().grants().get(i), change, othersAreShort);
      othersAreShort |= change.starts() > 0 && !spec.remainder();
    }
  }

  private void ask(ServiceSpec spec, Grant grant, Change change, boolean othersAreShort) {
    int kept = is.intended().of(spec.id()).kept();
    int asked = asked(spec);
    boolean early =
        is.abilities().contains(Ability.QUEUES_WHEN_FULL) && !othersAreShort && !spec.remainder();
    // Told of a stop and a start at once, the orchestrator would see no change.
    int starts = change.stops.isEmpty() ? change.fitting + (early ? change.waiting : 0) : 0;
    int to = kept - change.stops.size() + Math.max(starts, stillComing(spec, grant, change, asked));
    if (to == asked) {
      return;
    }
    var until = blockedUntil(spec.id());
    if (until.isPresent()) {
      if (until.get().isBefore(Instant.MAX)) {
        draft.wait(spec.id(), "the last scale of it failed", until);
      }
      return;
    }
    var victims = change.stops.stream().map(Numbers::victim).toList();
    var action = new Action.Scale(spec.id(), to, victims);
    if (to > asked) {
      var reason =
          spec.remainder()
              ? "takes free room"
              : "granted %d, asked for %d so far".formatted(grant.granted(), asked);
      draft.grow(new Step(action, Optional.empty(), reason), spec.remainder());
    } else {
      var inFavourOf = change.stops.stream().flatMap(s -> s.inFavourOf().stream()).findFirst();
      draft.releaseReserved(new Step(action, inFavourOf, whyFall(change)), change.forOthers);
    }
  }

  /// How many of those that were asked for and are not there yet may still come.
  private int stillComing(ServiceSpec spec, Grant grant, Change change, int asked) {
    var there = is.intended().of(spec.id());
    int coming = Math.max(0, asked - there.kept());
    // One that backs off is granted nothing new; what it was promised it keeps, unless others need
    // the room.
    int wanted =
        is.intended().backoffs().containsKey(spec.id()) && change.stops.isEmpty()
            ? Math.max(0, grant.claimed() - there.active())
            : change.starts();
    return Math.min(coming, wanted);
  }

  private static ReplicaId victim(Step stop) {
    if (stop.action() instanceof Action.OfReplica one) {
      return one.replica();
    }
    throw new IllegalStateException("no stop of a replica: " + stop);
  }

  private static String whyFall(Change change) {
    if (change.stops.isEmpty()) {
      return "no longer needed, or there is no room for more";
    }
    var first = change.stops.getFirst();
    return change.stops.size() == 1
        ? first.reason()
        : "%d go; %s: %s".formatted(change.stops.size(), first.action().subject(), first.reason());
  }
}
