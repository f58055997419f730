package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What an engine knows from one pass to the next: the latest readings, what was set by hand, and
/// the memory of its passes. The same class decides live and again from a recording.
///
/// Not thread-safe.
final class Knowledge {
  private final PoolSpec pool;
  private final Set<Ability> abilities;
  private final boolean dryRun;
  private final Map<ServiceId, Reading> readings = new HashMap<>();
  private final Map<ServiceId, ManualOverride> overrides = new HashMap<>();
  private Pass.Memory memory;

  /// Nothing is known yet.
  ///
  /// @param pool is taken without its pausing where the orchestrator cannot pause
  /// @param dryRun nothing that is decided is done, so nothing is ever in flight
  /// @param startedAt tells this run of the engine from others
  Knowledge(PoolSpec pool, Set<Ability> abilities, boolean dryRun, Instant startedAt) {
    this.pool = abilities.contains(Ability.PAUSES) ? pool : pool.withoutPausing();
    this.abilities = abilities;
    this.dryRun = dryRun;
    this.memory = Pass.Memory.of(run(startedAt));
  }

  /// The name of a run, a part of the names of the replicas that it starts.
  static String run(Instant startedAt) {
    return Long.toString(startedAt.toEpochMilli(), 36);
  }

  PoolSpec pool() {
    return pool;
  }

  Pass.Memory memory() {
    return memory;
  }

  void remember(Pass.Memory other) {
    memory = other;
  }

  /// Takes in a reading.
  ///
  /// @return false if it is older than what is known, and changes nothing
  boolean read(ServiceId service, Reading reading) {
    boolean late =
        readings.get(service) instanceof Reading.Value known
            && reading instanceof Reading.Value next
            && next.at().isBefore(known.at());
    if (!late) {
      readings.put(service, reading);
    }
    return !late;
  }

  void override(ServiceId service, ManualOverride override) {
    overrides.put(service, override);
  }

  Map<ServiceId, ManualOverride> overrides() {
    return Map.copyOf(overrides);
  }

  /// What the source of a service said last.
  Optional<Reading> source(ServiceId service) {
    return Optional.ofNullable(readings.get(service));
  }

  /// What a service follows: the reading of its source with what was set by hand laid over it.
  Optional<Reading> followed(ServiceId service, Instant now) {
    return overrides.getOrDefault(service, ManualOverride.NONE).over(source(service), now);
  }

  /// An action is over.
  void ended(Action action, Optional<LoopEvent.Failure> failure, Duration took, Instant now) {
    memory =
        failure
            .map(why -> memory.failed(action, why, now))
            .orElseGet(() -> memory.accepted(action, took, now));
  }

  /// Makes a pass and remembers what it comes to.
  Pass.Result decide(Snapshot observed, Instant now) {
    var before = memory;
    var result =
        Pass.decide(new Pass.Input(pool, observed, readings, overrides, abilities, before, now));
    memory = dryRun ? result.memory().with(before.ledger()) : result.memory();
    return result;
  }
}
