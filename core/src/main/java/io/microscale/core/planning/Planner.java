package io.microscale.core.planning;

import io.microscale.core.allocation.Allocation;
import io.microscale.core.allocation.Grant;
import io.microscale.core.allocation.Placement;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceReplicas;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.VictimOrder;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// From an allocation and what is to the steps that can be taken now.
///
/// Room is used when it is free: whatever grows is asked for only if it fits now, actions in flight
/// included. What does not fit yet waits, and keeps lower priorities out of the room that it waits
/// for; if too little is on its way, victims make room, never more than the gap needs.
public final class Planner {
  private final Situation is;
  private final NodeRoom room;
  private final Comparator<Replica> victimOrder;
  private final List<Growth> growths = new ArrayList<>();
  private final BitSet asked = new BitSet(); // those of `growths` that were asked for already
  private final SortedMap<Integer, List<Victims.Candidate>> candidates = new TreeMap<>();
  private final Draft draft;
  private final Optional<Numbers> numbers; // where the orchestrator is told numbers
  private PlanMemory memory;

  /// What is free in all, less what was asked for by number and is not there yet: the orchestrator
  /// may put it on another node than is thought here.
  private Resources left = Resources.NONE;

  /// The first, so highest, of the services that wait for room.
  private Optional<ServiceId> shortest = Optional.empty();

  /// Everything a plan depends on.
  ///
  /// @param observed what is
  /// @param intended what is once all that is in flight is done; the allocation was made for it
  public record Situation(
      PoolSpec pool,
      Snapshot observed,
      Snapshot intended,
      Ledger ledger,
      Retries retries,
      Allocation allocation,
      Set<Ability> abilities,
      PlanMemory memory,
      Pace pace,
      Instant now) {}

  public record Result(Plan plan, PlanMemory memory) {}

  /// Something that needs room on a node: `replica` is what grows, empty for a new one.
  private record Growth(
      ServiceSpec spec, int granted, int node, Optional<Replica> replica, Resources need) {}

  private Planner(Situation situation) {
    is = situation;
    room = new NodeRoom(is.observed, is.intended, is.ledger);
    victimOrder = VictimOrder.at(is.now);
    draft = new Draft(situation);
    numbers =
        Numbers.areToldTo(is.abilities) ? Optional.of(new Numbers(is, draft)) : Optional.empty();
    memory = is.memory;
  }

  public static Result plan(Situation situation) {
    if (situation.abilities.contains(Ability.SCALES) && !Numbers.areToldTo(situation.abilities)) {
      return ScalePlanner.plan(situation);
    }
    var planner = new Planner(situation);
    planner.sortOut();
    planner.numbers.ifPresent(planner::keepRoomForComing);
    planner.makeRoomForAsked();
    for (int i = 0; i < planner.growths.size(); i++) {
      if (!planner.asked.get(i)) {
        planner.grow(planner.growths.get(i));
      }
    }
    planner.numbers.ifPresent(Numbers::ask);
    return planner.draft.result(planner.memory);
  }

  /// Goes through the placements: what is released goes, what grows is listed by priority, what has
  /// lost its place becomes a candidate victim.
  private void sortOut() {
    for (int i = 0; i < is.pool.services().size(); i++) {
      var spec = is.pool.services().get(i);
      var placement = is.allocation.placements().get(i);
      var grant = is.allocation.grants().get(i);
      var there = is.intended.of(spec.id());
      if (placement.asIs()) {
        if (spec.throttled().isPresent()) {
          there.replicas().stream()
              .filter(r -> isThrottled(spec, r))
              .forEach(r -> unthrottle(spec, grant, r));
        }
        continue;
      }
      release(spec, there, placement, grant);
      var released = new HashSet<>(placement.released());
      var byNode = there.replicas().stream().collect(Collectors.groupingBy(Replica::node));
      for (var spot : placement.spots()) {
        var node = is.observed.nodes().get(spot.node()).id();
        sortOut(spec, grant, spot, byNode.getOrDefault(node, List.of()), released);
      }
    }
  }

  private void release(ServiceSpec spec, ServiceReplicas there, Placement placement, Grant grant) {
    int active = there.active() - placement.released().size();
    int paused = placement.spots().stream().mapToInt(s -> s.retain() + s.resume()).sum();
    // Standby is made of those that come last as victims: they have the most to lose by a stop.
    for (var replica : placement.released().reversed()) {
      boolean pause =
          replica.state() == ReplicaState.RUNNING
              && is.abilities.contains(Ability.PAUSES)
              && paused < spec.pausedLimit(active, grant.claimed(), placement.standby());
      if (pause) {
        paused +=
            release(
                spec,
                new Action.Pause(spec.id(), replica.id()),
                replica,
                "no longer needed; kept as standby");
      } else {
        release(
            spec,
            new Action.Stop(spec.id(), replica.id()),
            replica,
            "no longer needed: " + spec.id() + " claims " + grant.claimed());
      }
    }
  }

  /// Asks a replica to give up room that nobody has to fight for.
  ///
  /// @return 1 if it is asked, 0 if it cannot be now
  private int release(ServiceSpec spec, Action.OfReplica action, Replica replica, String reason) {
    if (!mayAsk(action)) {
      return 0;
    }
    release(spec, new Step(action, Optional.empty(), reason));
    var holds = replica.holds();
    room.comes(
        is.observed.indexOf(replica.node()),
        action instanceof Action.Pause
            ? holds.minus(replica.heldWhilePaused()).positivePart()
            : holds);
    return 1;
  }

  private void release(ServiceSpec spec, Step step) {
    if (step.action() instanceof Action.Stop && numbers.isPresent()) {
      numbers.get().stop(spec, step);
    } else {
      boolean stopForAnother =
          step.action() instanceof Action.Stop && step.inFavourOf().isPresent();
      draft.release(step, stopForAnother ? 1 : 0);
    }
  }

  private void sortOut(
      ServiceSpec spec,
      Grant grant,
      Placement.Spot spot,
      List<Replica> here,
      Set<Replica> released) {
    var active = new ArrayList<Replica>(here.size());
    for (var replica : here) {
      if (replica.state().isActive() && (released.isEmpty() || !released.contains(replica))) {
        active.add(replica);
      }
    }
    int displaced = active.size() - spot.keep();
    if (displaced > 0 || spec.throttled().isPresent()) {
      active.sort(
          spec.throttled().isEmpty()
              ? victimOrder
              : Comparator.<Replica>comparingInt(r -> isThrottled(spec, r) ? 0 : 1)
                  .thenComparing(victimOrder));
    }
    for (var replica : active.subList(0, displaced)) {
      candidate(spot.node(), spec, replica, true);
    }
    for (var replica : active.subList(displaced, active.size())) {
      if (isThrottled(spec, replica)) {
        unthrottle(spec, grant, replica);
      } else if (spec.throttled().isPresent()) {
        // A throttled one frees less than its whole place, so that more may have to be.
        candidate(spot.node(), spec, replica, false);
      }
    }

    var paused =
        here.stream()
            .filter(r -> r.state() == ReplicaState.PAUSED)
            .sorted(victimOrder.reversed())
            .toList();
    for (int i = 0; i < paused.size(); i++) {
      if (i < spot.resume()) {
        var need = paused.get(i).resources().minus(paused.get(i).holds());
        growths.add(
            new Growth(spec, grant.granted(), spot.node(), Optional.of(paused.get(i)), need));
      } else if (i >= spot.resume() + spot.retain()) {
        release(
            spec,
            new Action.Stop(spec.id(), paused.get(i).id()),
            paused.get(i),
            "paused, and no longer needed as standby or its memory is needed");
      }
    }
    for (int i = 0; i < spot.start(); i++) {
      growths.add(
          new Growth(spec, grant.granted(), spot.node(), Optional.empty(), spec.resources()));
    }
  }

  private void candidate(int node, ServiceSpec spec, Replica replica, boolean displaced) {
    if (!is.ledger.has(replica.id())) {
      candidates
          .computeIfAbsent(node, _ -> new ArrayList<>())
          .add(new Victims.Candidate(spec, replica, displaced));
    }
  }

  private static boolean isThrottled(ServiceSpec spec, Replica replica) {
    return spec.throttled().isPresent()
        && replica.state().isActive()
        && !spec.resources().fitsIn(replica.resources());
  }

  private void unthrottle(ServiceSpec spec, Grant grant, Replica replica) {
    growths.add(
        new Growth(
            spec,
            grant.granted(),
            is.observed.indexOf(replica.node()),
            Optional.of(replica),
            spec.resources().minus(replica.resources()).positivePart()));
  }

  /// What was asked for and is not there yet comes whoever else needs the room now; also what is no
  /// longer wanted, until that has shown.
  private void keepRoomForComing(Numbers numbers) {
    for (int node = 0; node < is.observed.nodes().size(); node++) {
      left = left.plus(room.free(node));
    }
    for (var spec : is.pool.services()) {
      int coming = numbers.coming(spec);
      left = left.minus(spec.resources().times(coming));
      keepRoomForComing(numbers, spec, coming);
    }
  }

  private void keepRoomForComing(Numbers numbers, ServiceSpec spec, int coming) {
    int toPlace = coming;
    for (int i = 0; i < growths.size() && toPlace > 0; i++) {
      var growth = growths.get(i);
      if (growth.replica.isEmpty() && growth.spec.id().equals(spec.id())) {
        toPlace--;
        if (growth.need.fitsIn(room.free(growth.node))) {
          asked.set(i);
          numbers.startFits(spec);
          room.take(growth.node, growth.need);
        }
      }
    }
    for (int node = 0; node < is.observed.nodes().size() && toPlace > 0; node++) {
      while (toPlace > 0
          && is.observed.admits(node, spec.id())
          && spec.resources().fitsIn(room.free(node))) {
        room.take(node, spec.resources());
        room.comes(node, spec.resources());
        toPlace--;
      }
    }
  }

  /// What was asked for early, before there was room, and still lacks it because a victim could not
  /// give way.
  private void makeRoomForAsked() {
    if (!asksEarly()) {
      return;
    }
    for (var spec : is.pool.services()) {
      for (var entry : is.ledger.entries()) {
        if (entry.action().service().equals(spec.id())
            && entry.action() instanceof Action.OfReplica one) {
          is.observed
              .of(spec.id())
              .find(one.replica())
              .ifPresent(
                  replica -> {
                    int node = is.observed.indexOf(replica.node());
                    var missing = Resources.NONE.minus(room.freeSoon(node)).positivePart();
                    if (!missing.isZero()) {
                      sacrifice(spec, node, missing);
                    }
                  });
        }
      }
    }
  }

  /// Whether the orchestrator lets replicas that grow wait for room.
  private boolean asksEarly() {
    return numbers.isPresent() && is.abilities.contains(Ability.QUEUES_WHEN_FULL);
  }

  private void askEarly(Growth growth) {
    if (asksEarly()
        && growth.replica.isPresent()
        && !growth.spec.remainder()
        && shortest.equals(Optional.of(growth.spec.id()))) {
      var action = actionFor(growth);
      if (mayAsk(action)) {
        draft.growEarly(new Step(action, Optional.empty(), reasonFor(growth)));
      }
    }
  }

  private void grow(Growth growth) {
    var spec = growth.spec;
    if (growth.replica.isPresent() && is.ledger.has(growth.replica.get().id())) {
      draft.wait(spec.id(), "its last action is still under way", Optional.empty());
      return;
    }
    boolean told = growth.replica.isEmpty() && numbers.isPresent();
    if (growth.need.fitsIn(room.free(growth.node)) && (!told || growth.need.fitsIn(left))) {
      if (told) {
        numbers.get().startFits(spec);
        room.take(growth.node, growth.need);
        left = left.minus(growth.need);
        return;
      }
      var action = actionFor(growth);
      if (mayAsk(action)) {
        draft.grow(new Step(action, Optional.empty(), reasonFor(growth)), spec.remainder());
        room.take(growth.node, growth.need);
        if (action instanceof Action.Start) {
          memory = memory.named();
        }
      }
      return;
    }
    if (shortest.isEmpty()) {
      shortest = Optional.of(spec.id());
    }
    // What waits keeps the room it waits for, so that nobody of a lower priority takes it in small
    // pieces.
    room.take(growth.node, growth.need);
    var missing = Resources.NONE.minus(room.freeSoon(growth.node)).positivePart();
    if (missing.cappedTo(growth.need).isZero()) {
      waits(growth);
      draft.wait(spec.id(), "for room that is being freed", Optional.empty());
      return;
    }
    int victims = sacrifice(spec, growth.node, missing.cappedTo(growth.need));
    if (victims == 0) {
      room.take(growth.node, Resources.NONE.minus(growth.need));
      if (growth.replica.isEmpty()) {
        numbers.ifPresent(n -> n.startIsBlocked(spec));
      }
      return;
    }
    waits(growth);
    draft.wait(
        spec.id(), "for room that " + victims + " of lower priority give up", Optional.empty());
  }

  /// Lets others make room on a node, or says why they cannot.
  ///
  /// @return how many do
  private int sacrifice(ServiceSpec spec, int node, Resources missing) {
    var here = candidates.getOrDefault(node, new ArrayList<>());
    var victims = new Victims(is, draft, here, spec.priority());
    var chosen = victims.toFree(missing);
    for (var sacrifice : chosen) {
      release(
          sacrifice.candidate().spec(),
          new Step(
              sacrifice.action(), Optional.of(spec.id()), sacrifice.reason(spec, missing, is.now)));
      room.comes(node, sacrifice.frees());
      here.remove(sacrifice.candidate());
    }
    if (chosen.isEmpty()) {
      draft.wait(spec.id(), victims.whyNot(), victims.until());
    }
    return chosen.size();
  }

  private void waits(Growth growth) {
    if (growth.replica.isEmpty()) {
      numbers.ifPresent(n -> n.startWaits(growth.spec));
    } else {
      askEarly(growth);
    }
  }

  private Action.OfReplica actionFor(Growth growth) {
    var spec = growth.spec;
    if (growth.replica.isEmpty()) {
      return new Action.Start(
          spec.id(),
          memory.nextName(spec.id()),
          is.observed.nodes().get(growth.node).id(),
          spec.resources());
    }
    var replica = growth.replica.get();
    return replica.state() == ReplicaState.PAUSED
        ? new Action.Resume(spec.id(), replica.id())
        : new Action.Resize(spec.id(), replica.id(), spec.resources());
  }

  private String reasonFor(Growth growth) {
    var there = is.intended.of(growth.spec.id());
    if (growth.spec.remainder()) {
      return "takes free room on " + is.observed.nodes().get(growth.node).id();
    }
    return "granted " + growth.granted + ", has " + there.active();
  }

  /// Not while its replica has an action in flight or refused this one a moment ago.
  private boolean mayAsk(Action.OfReplica action) {
    if (is.ledger.has(action.replica())) {
      return false;
    }
    if (action instanceof Action.Stop && numbers.isPresent()) {
      return numbers.get().blockedUntil(action.service()).isEmpty();
    }
    var until = is.retries.blockedUntil(action, is.now);
    until.ifPresent(
        t ->
            draft.wait(
                action.service(),
                "the last " + action.verb() + " of " + action.replica() + " failed",
                Optional.of(t)));
    return until.isEmpty();
  }
}
