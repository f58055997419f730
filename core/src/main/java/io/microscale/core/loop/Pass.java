package io.microscale.core.loop;

import io.microscale.core.allocation.Allocation;
import io.microscale.core.allocation.Allocator;
import io.microscale.core.demand.Reading;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.InFlight;
import io.microscale.core.planning.Ledger;
import io.microscale.core.planning.Pace;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.PlanMemory;
import io.microscale.core.planning.Planner;
import io.microscale.core.planning.ReadyTimes;
import io.microscale.core.planning.Retries;
import io.microscale.core.planning.Waiting;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.Claimant;
import io.microscale.core.scaling.Outlook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One pass: from the latest readings and snapshot to claims, an allocation and a plan. A function
/// from values to values: no clock, no I/O, no state.
public final class Pass {
  private Pass() {}

  /// All that a pass depends on.
  public record Input(
      PoolSpec pool,
      Snapshot snapshot,
      Map<ServiceId, Reading> readings,
      Map<ServiceId, ManualOverride> overrides,
      Set<Ability> abilities,
      Memory memory,
      Instant now) {}

  /// What is remembered from one pass to the next.
  public record Memory(
      Map<ServiceId, Claimant.Memory> claims,
      PlanMemory plan,
      Ledger ledger,
      Retries retries,
      Pace pace,
      ReadyTimes readyTimes) {
    /// Nothing is remembered yet.
    ///
    /// @param run tells this run of the engine from others, for the names of replicas
    public static Memory of(String run) {
      return new Memory(
          Map.of(),
          PlanMemory.of(run),
          Ledger.EMPTY,
          Retries.NONE,
          Pace.UNKNOWN,
          ReadyTimes.UNKNOWN);
    }

    Memory with(Ledger other) {
      return new Memory(claims, plan, other, retries, pace, readyTimes);
    }

    Memory with(PlanMemory other) {
      return new Memory(claims, other, ledger, retries, pace, readyTimes);
    }

    Memory with(ReadyTimes other) {
      return new Memory(claims, plan, ledger, retries, pace, other);
    }

    /// An action was accepted.
    ///
    /// @param took from asking to the answer
    Memory accepted(Action action, Duration took, Instant now) {
      int underWay = pace.underWay(ledger, now);
      return new Memory(
          claims,
          plan,
          ledger.accepted(action, now),
          retries.succeeded(action),
          pace.answered(action.verb(), took, underWay, now),
          readyTimes);
    }

    /// An action failed.
    Memory failed(Action action, LoopEvent.Failure failure, Instant now) {
      // What may have been done stays in flight until it shows, so that its room is not used twice.
      boolean uncertain = failure.kind() == OrchestratorException.Kind.UNCERTAIN;
      return new Memory(
          claims,
          plan,
          uncertain ? ledger.accepted(action, now) : ledger.without(action),
          retries.failed(action, failure.message(), now),
          failure.kind() == OrchestratorException.Kind.UNAVAILABLE
              ? pace.refused(ledger.askedAt(action).orElse(now), now)
              : pace,
          readyTimes);
    }
  }

  /// What a pass comes to.
  ///
  /// @param memory for the next pass; the steps of the plan are in its ledger
  /// @param givenUp actions that showed no effect within their deadline
  /// @param wakeAt when to make another pass if nothing happens until then
  public record Result(
      List<Decision> decisions,
      Plan plan,
      Memory memory,
      List<InFlight> givenUp,
      Optional<Instant> wakeAt) {}

  public static Result decide(Input in) {
    var pool = in.pool;
    var wake = new Earliest();
    boolean ownWrites = in.abilities.contains(Ability.READS_OWN_WRITES);
    var ledger = in.memory.ledger.seen(in.snapshot, ownWrites);
    var retries = in.memory.retries;
    var givenUp = ledger.overdue(in.now, pool.actionDeadline());
    for (var entry : givenUp) {
      ledger = ledger.without(entry.action());
      retries = retries.failed(entry.action(), "no effect within " + pool.actionDeadline(), in.now);
    }
    ledger.entries().forEach(e -> wake.at(e.asked().plus(pool.actionDeadline())));

    var backoffs = retries.backoffs(in.snapshot.backoffs(), in.now);
    backoffs.values().forEach(b -> wake.at(b.until()));
    var intended = withBackoffs(ledger.intended(in.snapshot, in.abilities, in.now), backoffs);

    var readyTimes =
        in.memory.readyTimes.seen(in.snapshot, in.abilities.contains(Ability.SCALES), in.now);
    var gentleness = Gentleness.of(pool, in.abilities);
    var memories = new HashMap<ServiceId, Claimant.Memory>();
    var claims = new ArrayList<Claim>(pool.services().size());
    for (var spec : pool.services()) {
      claims.add(claim(in, spec, intended, gentleness.outlook(spec, readyTimes), memories, wake));
    }
    var allocation = Allocator.allocate(pool, claims, in.snapshot, intended, in.now);
    allocation.wakeAt().ifPresent(wake::at);
    var planned =
        Planner.plan(
            new Planner.Situation(
                pool,
                in.snapshot,
                intended,
                ledger,
                retries,
                allocation,
                in.abilities,
                in.memory.plan,
                in.memory.pace,
                in.now));
    planned.plan().waiting().stream()
        .map(Waiting::until)
        .flatMap(Optional::stream)
        .forEach(wake::at);
    for (var step : planned.plan().steps()) {
      ledger = ledger.asked(step.action(), in.now);
      wake.at(in.now.plus(pool.actionDeadline()));
    }
    return new Result(
        decisions(pool, claims, allocation, intended),
        planned.plan(),
        new Memory(
            memories,
            planned.memory(),
            ledger,
            retries,
            in.memory.pace,
            readyTimes.asked(planned.plan(), in.now)),
        givenUp,
        wake.after(in.now));
  }

  private static Snapshot withBackoffs(Snapshot snapshot, Map<ServiceId, Backoff> backoffs) {
    return snapshot.backoffs().equals(backoffs)
        ? snapshot
        : snapshot.edit().standings(snapshot.standings().backoffs(backoffs)).at(snapshot.at());
  }

  /// Where making room costs nothing, as far as priorities go.
  ///
  /// @param lowest the lowest priority there is
  /// @param lowestStopped the lowest of which a replica loses work by making room
  private record Gentleness(int lowest, int lowestStopped) {
    static Gentleness of(PoolSpec pool, Set<Ability> abilities) {
      int lowest = Integer.MAX_VALUE;
      int lowestStopped = Integer.MAX_VALUE;
      for (var spec : pool.services()) {
        lowest = Math.min(lowest, spec.priority());
        if (!isGentle(spec, abilities)) {
          lowestStopped = Math.min(lowestStopped, spec.priority());
        }
      }
      return new Gentleness(lowest, lowestStopped);
    }

    private static boolean isGentle(ServiceSpec spec, Set<Ability> abilities) {
      return (spec.pauses() && abilities.contains(Ability.PAUSES))
          || (spec.reclaim().contains(Reclaim.THROTTLE) && abilities.contains(Ability.RESIZES));
    }

    Outlook outlook(ServiceSpec spec, ReadyTimes times) {
      var toReady =
          spec.standby().isNone()
              ? times.ofStarts(spec.id()).orElse(Outlook.START)
              : times.ofResumes(spec.id()).orElse(Outlook.RESUME);
      return lowest < spec.priority() && lowestStopped >= spec.priority()
          ? Outlook.pausing(toReady)
          : Outlook.stopping(toReady);
    }
  }

  private static Claim claim(
      Input in,
      ServiceSpec spec,
      Snapshot intended,
      Outlook outlook,
      Map<ServiceId, Claimant.Memory> memories,
      Earliest wake) {
    var manual = in.overrides.getOrDefault(spec.id(), ManualOverride.NONE);
    var before = in.memory.claims.getOrDefault(spec.id(), Claimant.Memory.NONE);
    if (manual.suspended()) {
      memories.put(spec.id(), before);
      return new Claim(spec.id(), 0, 0, 0, Claim.Basis.SUSPENDED, "suspended by hand");
    }
    if (in.now.isBefore(manual.spikeUntil())) {
      wake.at(manual.spikeUntil());
    }
    var reading = manual.over(Optional.ofNullable(in.readings.get(spec.id())), in.now);
    var result =
        Claimant.claim(
            spec,
            before,
            reading,
            outlook,
            in.snapshot.of(spec.id()).running(),
            wanted(in.snapshot, intended, spec.id()),
            in.now);
    memories.put(spec.id(), result.memory());
    result.wakeAt().ifPresent(wake::at);
    return result.claim();
  }

  /// How many replicas there are to be as far as the orchestrator was told, paused ones aside.
  private static int wanted(Snapshot observed, Snapshot intended, ServiceId service) {
    var desired = observed.standings().desired().get(service);
    return desired == null
        ? intended.of(service).active()
        : Math.max(0, desired - observed.of(service).paused());
  }

  private static List<Decision> decisions(
      PoolSpec pool, List<Claim> claims, Allocation allocation, Snapshot intended) {
    var decisions = new ArrayList<Decision>(claims.size());
    for (int i = 0; i < claims.size(); i++) {
      var there = intended.of(pool.services().get(i).id());
      decisions.add(
          new Decision(
              claims.get(i),
              allocation.grants().get(i),
              there.starting(),
              there.running(),
              there.paused(),
              there.stopping()));
    }
    return decisions;
  }

  /// The earliest of many instants.
  private static final class Earliest {
    private Instant earliest = Instant.MAX;

    void at(Instant instant) {
      if (instant.isBefore(earliest)) {
        earliest = instant;
      }
    }

    /// Never at once: what is due by now has been decided.
    Optional<Instant> after(Instant now) {
      if (earliest.equals(Instant.MAX)) {
        return Optional.empty();
      }
      var soonest = now.plusMillis(1);
      return Optional.of(earliest.isBefore(soonest) ? soonest : earliest);
    }
  }
}
