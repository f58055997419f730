package io.microscale.core.planning;

import io.microscale.core.model.ServiceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A plan while it is being made: steps in the order of their urgency, what has to wait, and what
/// is left of the stop budget.
final class Draft {
  private final Planner.Situation is;
  private final List<Proposed> growing = new ArrayList<>();
  private final List<Proposed> releasing = new ArrayList<>();
  private final List<Proposed> remaining = new ArrayList<>();
  private final List<Waiting> waiting = new ArrayList<>();
  private final List<Instant> stopped; // for others, within the last minute
  private int stops; // proposed

  /// @param stops how many replicas it stops for another service
  private record Proposed(Step step, int stops) {}

  Draft(Planner.Situation is) {
    this.is = is;
    this.stopped = is.memory().at(is.now()).stops();
  }

  void grow(Step step, boolean remainder) {
    (remainder ? remaining : growing).add(new Proposed(step, 0));
  }

  /// A step that makes room.
  ///
  /// @param stopsForOthers how many replicas it stops for another service
  void release(Step step, int stopsForOthers) {
    stops += stopsForOthers;
    releasing.add(new Proposed(step, stopsForOthers));
  }

  /// A step that grows into the room that those before it make; the orchestrator lets it wait for
  /// that.
  void growEarly(Step step) {
    releasing.add(new Proposed(step, 0));
  }

  /// Takes one stop for another service out of the budget; its step follows.
  void reserveStop() {
    stops++;
  }

  /// A step whose stops for others were reserved before.
  void releaseReserved(Step step, int stopsForOthers) {
    releasing.add(new Proposed(step, stopsForOthers));
  }

  /// How many more replicas may be stopped for other services now.
  int stopsLeft() {
    var limit = is.pool().stopsPerMinute();
    return limit.isEmpty()
        ? Integer.MAX_VALUE
        : Math.max(0, limit.getAsInt() - stopped.size() - stops);
  }

  /// Why there are no stops left.
  String budgetIsUsedUp() {
    return "the stop budget of " + is.pool().stopsPerMinute().orElse(0) + " a minute is used up";
  }

  /// When one more may be stopped; empty if that is not known.
  Optional<Instant> nextStop() {
    return stopped.isEmpty()
        ? Optional.empty()
        : Optional.of(stopped.getFirst().plus(PlanMemory.BUDGET_PERIOD));
  }

  /// One replica waits; equal ones are told together.
  void wait(ServiceId service, String reason, Optional<Instant> until) {
    wait(service, 1, reason, until);
  }

  void wait(ServiceId service, int replicas, String reason, Optional<Instant> until) {
    for (int i = waiting.size() - 1; i >= 0; i--) {
      var other = waiting.get(i);
      if (!other.service().equals(service)) {
        break;
      }
      if (other.reason().equals(reason) && other.until().equals(until)) {
        waiting.set(i, new Waiting(service, other.replicas() + replicas, reason, until));
        return;
      }
    }
    waiting.add(new Waiting(service, replicas, reason, until));
  }

  /// The plan: time-critical growth first, then what makes room, each followed by what grows into
  /// it already, then the remainder; as many as may be under way.
  ///
  /// @param memory with the names that were given
  Planner.Result result(PlanMemory memory) {
    var all = new ArrayList<>(growing);
    all.addAll(releasing);
    all.addAll(remaining);
    int most = Math.min(all.size(), atOnce());
    for (var late : all.subList(most, all.size())) {
      wait(
          late.step.action().service(),
          "no more than %d actions at once".formatted(limit()),
          is.pace().nextHanging(is.ledger(), is.now()));
    }
    var next = memory.at(is.now());
    for (var step : all.subList(0, most)) {
      for (int i = 0; i < step.stops && is.pool().stopsPerMinute().isPresent(); i++) {
        next = next.stopped(is.now());
      }
    }
    return new Planner.Result(
        new Plan(all.subList(0, most).stream().map(Proposed::step).toList(), waiting), next);
  }

  private int limit() {
    return Math.min(is.pool().actionsInFlight(), is.pace().limit());
  }

  /// How many more actions the orchestrator can be asked for now.
  private int atOnce() {
    return Math.max(
        0,
        Math.min(
            is.pool().actionsInFlight() - is.ledger().size(),
            is.pace().limit() - is.pace().underWay(is.ledger(), is.now())));
  }
}
