package io.microscale.server;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.planning.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What was decided for each service and on what knowledge, so that "why, at 03:12" has an answer.
///
/// Passes in a row that came to the same for a service are one entry. Bounded: so many entries for
/// all services together, an equal part for each and at least 16, and none older than 24 hours but
/// the one in force.
final class DecisionHistory implements Consumer<LoopEvent> {
  private static final int ENTRIES = 10_000;
  private static final int ENTRIES_PER_SERVICE_AT_LEAST = 16;
  private static final Duration KEPT = Duration.ofHours(24);
  private static final int IN_FLIGHT_AT_MOST = 100;

  private final int entries;
  private final Map<ServiceId, Trail> trails = new HashMap<>();
  private long newest;

  DecisionHistory() {
    this(ENTRIES);
  }

  DecisionHistory(int entries) {
    this.entries = entries;
  }

  /// @param pass the first pass that decided so
  /// @param lastAt the last pass that decided the same
  /// @param passes how many did
  /// @param reading what the first of them knew
  /// @param lastReading what the last of them knew
  /// @param inFlight asked for before the last of them and not over yet by then
  record Entry(
      long pass,
      Instant at,
      Instant lastAt,
      long passes,
      @Nullable Reading reading,
      @Nullable Reading lastReading,
      Decision decision,
      ManualOverride override,
      List<Step> steps,
      List<Waiting> waiting,
      List<Action> inFlight) {

    /// Whether a later pass came to the same. Sentences and counts of replicas may differ while
    /// what is claimed, granted and waited for does not.
    private boolean sameAs(Entry later) {
      return steps.isEmpty()
          && later.steps.isEmpty()
          && override.equals(later.override)
          && decision.claim().replicas() == later.decision.claim().replicas()
          && decision.claim().basis() == later.decision.claim().basis()
          && decision.grant().granted() == later.decision.grant().granted()
          && waiting.equals(later.waiting);
    }

    private Entry until(Entry later) {
      return new Entry(
          pass,
          at,
          later.at,
          passes + 1,
          reading,
          later.reading,
          decision,
          override,
          steps,
          waiting,
          later.inFlight);
    }
  }

  /// @param replacedAt when it was decided otherwise; null while it is in force
  record Found(Entry entry, @Nullable Instant replacedAt) {}

  private static final class Trail {
    final ArrayDeque<Entry> entries = new ArrayDeque<>();
    final Map<String, Action> inFlight = new LinkedHashMap<>();
    @Nullable Reading reading;
    ManualOverride override = ManualOverride.NONE;
  }

  /// What is asked of actions is dropped, and begun anew from what is, where events were missed.
  synchronized void resume(EngineStatus status) {
    trails.values().forEach(trail -> trail.inFlight.clear());
    status.readings().forEach((service, reading) -> trail(service).reading = reading);
    status.overrides().forEach((service, override) -> trail(service).override = override);
    if (status.passes() > 0) {
      add(status.at(), status.passes(), status.decisions(), status.plan());
    }
  }

  @Override
  public synchronized void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.ReadingTaken taken -> trail(taken.service()).reading = taken.reading();
      case LoopEvent.Overridden overridden ->
          trail(overridden.service()).override = overridden.override();
      case LoopEvent.Passed passed ->
          add(passed.at(), passed.number(), passed.decisions(), passed.plan());
      case LoopEvent.ActionEnded ended ->
          trail(ended.action().service()).inFlight.remove(ended.action().subject(), ended.action());
      case LoopEvent.Started _,
          LoopEvent.Observed _,
          LoopEvent.ObserveFailed _,
          LoopEvent.Reacted _,
          LoopEvent.WorkReported _,
          LoopEvent.Stopped _ -> {}
    }
  }

  /// The decision in force at a time; empty if that is before what is kept.
  synchronized Optional<Found> at(ServiceId service, Instant at) {
    var trail = trails.get(service);
    if (trail == null) {
      return Optional.empty();
    }
    Instant replacedAt = null;
    for (var newestFirst = trail.entries.descendingIterator(); newestFirst.hasNext(); ) {
      var entry = newestFirst.next();
      if (!entry.at().isAfter(at)) {
        return Optional.of(new Found(entry, replacedAt));
      }
      replacedAt = entry.at();
    }
    return Optional.empty();
  }

  /// The time of the oldest decision that is kept for a service.
  synchronized Optional<Instant> oldest(ServiceId service) {
    var trail = trails.get(service);
    return trail == null || trail.entries.isEmpty()
        ? Optional.empty()
        : Optional.of(trail.entries.getFirst().at());
  }

  private Trail trail(ServiceId service) {
    return trails.computeIfAbsent(service, _ -> new Trail());
  }

  private void add(Instant at, long number, List<Decision> decisions, Plan plan) {
    if (number <= newest) {
      return; // seen already, in the status that was begun with
    }
    newest = number;
    var steps = new HashMap<ServiceId, List<Step>>();
    plan.steps()
        .forEach(s -> steps.computeIfAbsent(s.action().service(), _ -> new ArrayList<>()).add(s));
    var waiting = new HashMap<ServiceId, List<Waiting>>();
    plan.waiting()
        .forEach(w -> waiting.computeIfAbsent(w.service(), _ -> new ArrayList<>()).add(w));
    int each = Math.max(ENTRIES_PER_SERVICE_AT_LEAST, entries / Math.max(1, decisions.size()));
    for (var decision : decisions) {
      var trail = trail(decision.service());
      var now = steps.getOrDefault(decision.service(), List.of());
      append(
          trail,
          new Entry(
              number,
              at,
              at,
              1,
              trail.reading,
              trail.reading,
              decision,
              trail.override,
              List.copyOf(now),
              List.copyOf(waiting.getOrDefault(decision.service(), List.of())),
              trail.inFlight.values().stream().limit(IN_FLIGHT_AT_MOST).toList()));
      while (trail.entries.size() > each
          || (trail.entries.size() > 1 && secondIsOlderThan(trail, at.minus(KEPT)))) {
        trail.entries.removeFirst();
      }
      now.forEach(step -> trail.inFlight.put(step.action().subject(), step.action()));
    }
  }

  private static void append(Trail trail, Entry entry) {
    var last = trail.entries.peekLast();
    if (last != null && last.sameAs(entry)) {
      trail.entries.removeLast();
      trail.entries.addLast(last.until(entry));
    } else {
      trail.entries.addLast(entry);
    }
  }

  /// The first entry was in force until the second, so it may go only when the second is too old.
  private static boolean secondIsOlderThan(Trail trail, Instant oldest) {
    var inOrder = trail.entries.iterator();
    inOrder.next();
    return inOrder.next().at().isBefore(oldest);
  }
}
