package io.microscale.core.planning;

import io.microscale.core.allocation.Grant;
import io.microscale.core.allocation.Placement;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.util.Optional;

/// From an allocation to the numbers that are asked of an orchestrator which names, places and
/// picks replicas itself.
///
/// A fall is asked for at once. A rise is asked for as far as there is room now. One that queues
/// what does not fit is asked for the whole rise early, but only for the highest priority that is
/// short: its queue knows no priorities, and whatever else waits in it could take the room that was
/// made.
final class ScalePlanner {
  private final Planner.Situation is;
  private final Resources[] free; // by node, what is on its way out still holding its room
  private final Draft draft;

  /// What is free in all, less what others wait for; negative where the orchestrator put more on a
  /// node than it has.
  private Resources left = Resources.NONE;

  private Optional<ServiceId> shortest = Optional.empty(); // of the services that wait for room

  private ScalePlanner(Planner.Situation situation) {
    is = situation;
    draft = new Draft(situation);
    free = new Resources[is.observed().nodes().size()];
    for (int node = 0; node < free.length; node++) {
      free[node] = is.observed().free(node);
      left = left.plus(free[node]);
    }
  }

  static Planner.Result plan(Planner.Situation situation) {
    var planner = new ScalePlanner(situation);
    var services = situation.pool().services();
    // What was asked for comes whoever else needs the room now.
    services.forEach(spec -> planner.take(spec, planner.coming(spec)));
    for (int i = 0; i < services.size(); i++) {
      planner.plan(
          services.get(i),
          situation.allocation().grants().get(i),
          situation.allocation().placements().get(i));
    }
    return planner.draft.result(situation.memory());
  }

  private int active(ServiceSpec spec) {
    return is.observed().of(spec.id()).active();
  }

  private int desired(ServiceSpec spec) {
    return is.observed().standings().desired().getOrDefault(spec.id(), active(spec));
  }

  private int asked(ServiceSpec spec) {
    return is.ledger().scaling(spec.id()).orElse(desired(spec));
  }

  /// Replicas that may still come; also those that are no longer wanted, until that has shown.
  private int coming(ServiceSpec spec) {
    return Math.max(0, Math.max(asked(spec), desired(spec)) - active(spec));
  }

  private void plan(ServiceSpec spec, Grant grant, Placement placement) {
    int asked = asked(spec);
    int target = target(spec, grant, asked);
    if (target > asked) {
      rise(spec, grant, asked, target - asked);
    } else if (target < asked) {
      fall(spec, placement, asked, target);
    }
    if (target > active(spec) && shortest.isEmpty() && !spec.remainder()) {
      shortest = Optional.of(spec.id());
    }
  }

  /// A service that backs off rises no further; what it was promised it keeps, unless others need
  /// the room.
  private int target(ServiceSpec spec, Grant grant, int asked) {
    boolean displaced = grant.granted() < Math.min(active(spec), grant.claimed());
    return is.intended().backoffs().containsKey(spec.id()) && !displaced
        ? Math.min(asked, Math.max(grant.granted(), grant.claimed()))
        : grant.granted();
  }

  /// Takes room for as many as fit now, and keeps lower priorities out of the room that the others
  /// wait for.
  private int take(ServiceSpec spec, int wanted) {
    var need = spec.resources();
    int taken = 0;
    for (int node = 0; node < free.length && taken < wanted; node++) {
      if (is.observed().admits(node, spec.id())) {
        while (taken < wanted && need.fitsIn(free[node]) && need.fitsIn(left)) {
          free[node] = free[node].minus(need);
          left = left.minus(need);
          taken++;
        }
      }
    }
    left = left.minus(need.times(wanted - taken));
    return taken;
  }

  private void rise(ServiceSpec spec, Grant grant, int asked, int rise) {
    int fit = take(spec, rise);
    boolean early =
        is.abilities().contains(Ability.QUEUES_WHEN_FULL)
            && shortest.isEmpty()
            && !spec.remainder();
    int by = early ? rise : fit;
    if (by > 0) {
      var reason =
          spec.remainder()
              ? "takes free room"
              : "granted %d, asked for %d so far".formatted(grant.granted(), asked);
      var step = new Step(new Action.Scale(spec.id(), asked + by), Optional.empty(), reason);
      if (mayAsk(step.action())) {
        draft.grow(step, spec.remainder());
      }
    }
    if (by < rise) {
      draft.wait(spec.id(), rise - by, "for room that is being freed", Optional.empty());
    }
  }

  private void fall(ServiceSpec spec, Placement placement, int asked, int target) {
    int needed = Math.max(0, active(spec) - placement.released().size());
    int forOthers = Math.clamp(needed - target, 0, asked - target);
    int allowed = Math.min(forOthers, draft.stopsLeft());
    if (allowed < forOthers) {
      draft.wait(
          shortest.orElse(spec.id()),
          forOthers - allowed,
          draft.budgetIsUsedUp(),
          draft.nextStop());
    }
    int to = target + forOthers - allowed;
    var action = new Action.Scale(spec.id(), to);
    if (to < asked && mayAsk(action)) {
      var inFavourOf = allowed > 0 ? shortest : Optional.<ServiceId>empty();
      draft.release(new Step(action, inFavourOf, whyFall(placement, allowed, inFavourOf)), allowed);
    }
  }

  private static String whyFall(
      Placement placement, int forOthers, Optional<ServiceId> inFavourOf) {
    if (inFavourOf.isPresent()) {
      return "%d give room to %s".formatted(forOthers, inFavourOf.get());
    }
    return placement.released().isEmpty()
        ? "there is no room for more"
        : placement.released().size() + " no longer needed";
  }

  /// Not while the service is being asked for something else or refused a moment ago.
  private boolean mayAsk(Action action) {
    var until = is.retries().blockedUntil(action, is.now());
    until.ifPresent(
        t -> draft.wait(action.service(), "the last scale of it failed", Optional.of(t)));
    return until.isEmpty() && is.ledger().scaling(action.service()).isEmpty();
  }
}
