package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.InFlight;
import io.microscale.core.planning.Plan;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Keeps what passes need between them and makes passes when told to. Owns no thread and never
/// waits, so the same class runs live and simulated.
///
/// Not thread-safe: one thread calls it.
public final class ControlLoop {
  private static final Duration BLIND_RETRY = Duration.ofSeconds(1);

  private final PoolSpec pool;
  private final String orchestratorName;
  private final Orchestrator orchestrator;
  private final Consumer<Action> dispatcher;
  private final Consumer<LoopEvent> events;
  private final InstantSource clock;
  private final boolean dryRun;
  private final Instant startedAt;

  private final Knowledge knowledge;
  private final Map<ServiceId, Instant> newlyRead = new HashMap<>();
  private final Reactions reactions = new Reactions();
  private @Nullable Snapshot snapshot;
  private Optional<String> blind = Optional.empty();
  private List<Decision> decisions = List.of();
  private Plan plan = Plan.EMPTY;
  private long passes;

  /// Tells that the run has started; the first pass is still to be made.
  ///
  /// @param pool is taken without its pausing where the orchestrator cannot pause
  /// @param dispatcher hands an action to the orchestrator without waiting for it; its end is told
  ///   by [#ended]
  /// @param events is called with every event, in order
  /// @param clock never goes back
  /// @param dryRun decide and report, hand over nothing
  public ControlLoop(
      PoolSpec pool,
      String orchestratorName,
      Orchestrator orchestrator,
      Consumer<Action> dispatcher,
      Consumer<LoopEvent> events,
      InstantSource clock,
      boolean dryRun) {
    this.startedAt = clock.instant();
    this.knowledge = new Knowledge(pool, orchestrator.abilities(), dryRun, startedAt);
    this.pool = knowledge.pool();
    this.orchestratorName = orchestratorName;
    this.orchestrator = orchestrator;
    this.dispatcher = dispatcher;
    this.events = events;
    this.clock = clock;
    this.dryRun = dryRun;
    events.accept(
        new LoopEvent.Started(
            startedAt, this.pool, orchestratorName, orchestrator.abilities(), dryRun));
  }

  /// Takes in a reading; one that is older than what is known already changes nothing.
  public void read(ServiceId service, Reading reading) {
    if (knowledge.read(service, reading)) {
      var now = clock.instant();
      newlyRead.put(service, now);
      tellReading(service, now);
    }
  }

  /// Takes in what was set by hand.
  public void override(ServiceId service, ManualOverride override) {
    knowledge.override(service, override);
    var now = clock.instant();
    newlyRead.put(service, now);
    events.accept(new LoopEvent.Overridden(now, service, override));
    tellReading(service, now);
  }

  private void tellReading(ServiceId service, Instant now) {
    knowledge
        .followed(service, now)
        .ifPresent(
            r ->
                events.accept(
                    new LoopEvent.ReadingTaken(now, service, r, knowledge.source(service))));
  }

  public void work(ServiceId service, double done, double missed, Duration lost) {
    events.accept(new LoopEvent.WorkReported(clock.instant(), service, done, missed, lost));
  }

  /// An action is over: accepted, or failed with a reason.
  public void ended(Action action, Optional<LoopEvent.Failure> failure, Duration took) {
    var now = clock.instant();
    knowledge.ended(action, failure, took, now);
    events.accept(new LoopEvent.ActionEnded(now, action, failure, took, false));
  }

  /// Makes one pass.
  ///
  /// @return when to make another one if nothing happens until then
  public Optional<Instant> pass(Set<Trigger> triggers) {
    var now = clock.instant();
    try {
      var observed = orchestrator.observe();
      return pass(observed, triggers, now, Duration.between(now, clock.instant()));
    } catch (OrchestratorException e) {
      goBlind(e.kind(), String.valueOf(e.getMessage()), now);
    } catch (RuntimeException e) {
      // A defect, ours or the adapter's. What is not understood is left as it is, and the next pass
      // may fare better.
      goBlind(OrchestratorException.Kind.REJECTED, "the pass failed: " + e, now);
    }
    return Optional.of(now.plus(BLIND_RETRY));
  }

  private Optional<Instant> pass(
      Snapshot observed, Set<Trigger> triggers, Instant now, Duration observing) {
    var before = snapshot;
    blind = Optional.empty();
    snapshot = observed;
    var changes = tellChanges(before, observed, now);

    var begun = clock.instant();
    var result = knowledge.decide(observed, now);
    var took = observing.plus(Duration.between(begun, clock.instant()));
    decisions = result.decisions();
    plan = result.plan();
    passes++;
    result.givenUp().forEach(entry -> tellGivenUp(entry, now));
    tellReactions(changes, now);
    events.accept(
        new LoopEvent.Passed(now, observed.at(), passes, triggers, decisions, plan, took));
    newlyRead.clear();
    if (!dryRun) {
      plan.steps().forEach(step -> dispatcher.accept(step.action()));
    }
    return result.wakeAt();
  }

  /// Fail static: an unknown state is not an empty one, so everything is left as it is.
  private void goBlind(OrchestratorException.Kind kind, String why, Instant now) {
    if (!blind.equals(Optional.of(why))) {
      blind = Optional.of(why);
      events.accept(new LoopEvent.ObserveFailed(now, kind, why));
    }
  }

  private List<Replica> tellChanges(@Nullable Snapshot before, Snapshot observed, Instant now) {
    if (before == null) {
      tellAll(observed, now);
      return List.of();
    }
    var changes = SnapshotChanges.between(before, observed);
    boolean sameNodes = before.nodes().equals(observed.nodes());
    if (!sameNodes && observed.nodes().isEmpty()) {
      // Told as a change, no nodes would mean the nodes as before.
      tellAll(observed, now);
    } else if (!changes.isEmpty()
        || !sameNodes
        || !before.standings().equals(observed.standings())) {
      events.accept(
          new LoopEvent.Observed(
              now,
              false,
              sameNodes ? List.of() : observed.nodes(),
              changes.changed(),
              changes.gone(),
              observed.standings()));
    }
    return changes.newlyReady();
  }

  private void tellAll(Snapshot observed, Instant now) {
    events.accept(
        new LoopEvent.Observed(
            now, true, observed.nodes(), observed.replicas(), List.of(), observed.standings()));
  }

  private void tellGivenUp(InFlight entry, Instant now) {
    events.accept(
        new LoopEvent.ActionEnded(
            now,
            entry.action(),
            Optional.of(
                new LoopEvent.Failure(
                    OrchestratorException.Kind.UNAVAILABLE,
                    "no effect within " + pool.actionDeadline())),
            Duration.between(entry.asked(), now),
            true));
  }

  private void tellReactions(List<Replica> newlyReady, Instant now) {
    var byService = newlyReady.stream().collect(Collectors.groupingBy(Replica::service));
    var observed = snapshot;
    if (observed == null) {
      return;
    }
    for (int i = 0; i < decisions.size(); i++) {
      if (!pool.services().get(i).remainder()) {
        var claim = decisions.get(i).claim();
        reactions
            .follow(
                claim.service(),
                claim.replicas(),
                observed.of(claim.service()).running(),
                byService.getOrDefault(claim.service(), List.of()),
                newlyRead.getOrDefault(claim.service(), now),
                now)
            .forEach(events);
      }
    }
  }

  /// The last event of the run. Replicas are left as they are.
  public void stopped(String reason) {
    events.accept(new LoopEvent.Stopped(clock.instant(), reason));
  }

  public EngineStatus status() {
    var now = clock.instant();
    var followed = new HashMap<ServiceId, Reading>();
    for (var spec : pool.services()) {
      knowledge.followed(spec.id(), now).ifPresent(r -> followed.put(spec.id(), r));
    }
    return new EngineStatus(
        now,
        startedAt,
        pool,
        orchestratorName,
        orchestrator.abilities(),
        Map.copyOf(followed),
        knowledge.overrides(),
        Optional.ofNullable(snapshot),
        blind,
        decisions,
        plan,
        knowledge.memory().ledger().size(),
        passes);
  }
}
