package io.microscale.core.planning;

import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Chooses who makes room on one node, and how: the cheapest rung of the ladder that frees what is
/// short, of as few as needed.
final class Victims {
  private final Planner.Situation is;
  private final List<Candidate> candidates;
  private final String budgetIsUsedUp;
  private int stopsLeft;
  private String whyNot = "nobody of a lower priority can give up room there";
  private Optional<Instant> until = Optional.empty();

  /// A replica that may give up room on the node.
  ///
  /// @param displaced whether it has lost its place there; one that keeps it is throttled at most
  record Candidate(ServiceSpec spec, Replica replica, boolean displaced) {}

  /// What a victim does.
  record Sacrifice(Candidate candidate, Reclaim rung) {
    Action action() {
      var service = candidate.spec.id();
      var replica = candidate.replica.id();
      return switch (rung) {
        case THROTTLE -> new Action.Resize(service, replica, candidate.spec.throttledResources());
        case PAUSE -> new Action.Pause(service, replica);
        case STOP -> new Action.Stop(service, replica);
      };
    }

    Resources frees() {
      var holds = candidate.replica.holds();
      return switch (rung) {
        case THROTTLE -> holds.minus(candidate.spec.throttledResources()).positivePart();
        case PAUSE -> holds.minus(candidate.replica.heldWhilePaused()).positivePart();
        case STOP -> holds;
      };
    }

    String reason(ServiceSpec needing, Resources need, Instant now) {
      return "gives room to %s (priority %d over %d), which needs %s; %.1f s of work at risk, %s"
          .formatted(
              needing.id(),
              needing.priority(),
              candidate.spec.priority(),
              need,
              candidate.replica.workAtRisk(now).toMillis() / 1000.0,
              rung == Reclaim.STOP ? "lost" : "kept");
    }
  }

  Victims(Planner.Situation is, Draft draft, List<Candidate> candidates, int priority) {
    this.is = is;
    // Lowest priority first; within a service they are in victim order already.
    this.candidates =
        candidates.stream()
            .filter(c -> c.spec.priority() < priority)
            .sorted(
                Comparator.<Candidate>comparingInt(c -> c.spec.priority())
                    .thenComparing(c -> !c.displaced))
            .toList();
    this.budgetIsUsedUp = draft.budgetIsUsedUp();
    this.stopsLeft = draft.stopsLeft();
    if (stopsLeft <= 0) {
      until = draft.nextStop();
    }
  }

  /// Chooses.
  ///
  /// @return who does what, or nobody if all of them together cannot free `missing`: half of it
  ///   would be of no use
  List<Sacrifice> toFree(Resources missing) {
    var chosen = new LinkedHashMap<Candidate, Sacrifice>();
    var left = missing;
    for (var rung : Reclaim.values()) {
      for (var candidate : candidates) {
        if (left.positivePart().isZero()) {
          break;
        }
        var sacrifice = new Sacrifice(candidate, rung);
        var before = chosen.get(candidate);
        var gain = before == null ? sacrifice.frees() : sacrifice.frees().minus(before.frees());
        if (gain.helps(left) && allows(sacrifice)) {
          chosen.put(candidate, sacrifice);
          stopsLeft -= rung == Reclaim.STOP ? 1 : 0;
          left = left.minus(gain);
        }
      }
    }
    return left.positivePart().isZero() ? withoutNeedless(chosen, left) : List.of();
  }

  /// A dearer rung taken late can make earlier sacrifices needless.
  private static List<Sacrifice> withoutNeedless(Map<Candidate, Sacrifice> chosen, Resources left) {
    var needed = new ArrayList<Sacrifice>();
    for (var sacrifice : chosen.values()) {
      var without = left.plus(sacrifice.frees());
      if (without.positivePart().isZero()) {
        left = without;
      } else {
        needed.add(sacrifice);
      }
    }
    return needed;
  }

  private boolean allows(Sacrifice sacrifice) {
    var spec = sacrifice.candidate.spec;
    var replica = sacrifice.candidate.replica;
    if (!spec.reclaim().contains(sacrifice.rung)
        || (sacrifice.rung != Reclaim.THROTTLE && !sacrifice.candidate.displaced)) {
      return false;
    }
    boolean byNumber = sacrifice.rung == Reclaim.STOP && is.abilities().contains(Ability.SCALES);
    if (byNumber && is.ledger().scaling(spec.id()).isPresent()) {
      whyNot = spec.id() + " is being scaled";
      return false;
    }
    var blocked =
        is.retries()
            .blockedUntil(byNumber ? new Action.Scale(spec.id(), 0) : sacrifice.action(), is.now());
    if (blocked.isPresent()) {
      note(
          "the last " + sacrifice.action().verb() + " of " + replica.id() + " failed",
          blocked.get());
      return false;
    }
    return switch (sacrifice.rung) {
      case THROTTLE ->
          is.abilities().contains(Ability.RESIZES) && replica.state() == ReplicaState.RUNNING;
      case PAUSE ->
          is.abilities().contains(Ability.PAUSES) && replica.state() == ReplicaState.RUNNING;
      case STOP -> mayStop(spec, replica);
    };
  }

  private boolean mayStop(ServiceSpec spec, Replica replica) {
    var safeUntil = replica.started().plus(spec.minRuntime());
    if (replica.state() == ReplicaState.RUNNING && is.now().isBefore(safeUntil)) {
      note(
          replica.id() + " is protected by its minRuntime of " + seconds(spec.minRuntime()),
          safeUntil);
      return false;
    }
    if (stopsLeft <= 0) {
      whyNot = budgetIsUsedUp;
      return false;
    }
    return true;
  }

  private void note(String reason, Instant when) {
    if (until.isEmpty() || when.isBefore(until.get())) {
      until = Optional.of(when);
      whyNot = reason;
    }
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }

  String whyNot() {
    return whyNot;
  }

  /// When it is worth another try.
  Optional<Instant> until() {
    return until;
  }
}
