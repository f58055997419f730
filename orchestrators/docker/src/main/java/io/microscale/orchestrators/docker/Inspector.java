package io.microscale.orchestrators.docker;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineAnswer;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Asks the engine for single containers, where it is not certain what is true of them, and
/// corrects what is known.
final class Inspector {
  private static final Duration SOON = Duration.ofMillis(50);

  /// What a container turned out to be that was not known.
  enum Outcome {
    ADOPTED,
    /// It has ended, or was never started.
    OVER,
    /// It lacks marks of a replica.
    STRANGE,
    LEFT_ALONE
  }

  private final Engine engine;
  private final Containers containers;
  private final Sizing sizing;
  private final Clock clock;
  private final ReadinessChecks readiness;
  private final Removals removals;
  private final Aftermath aftermath;
  private final Set<ReplicaId> looking = ConcurrentHashMap.newKeySet();

  Inspector(
      Engine engine,
      Containers containers,
      Sizing sizing,
      Clock clock,
      ReadinessChecks readiness,
      Removals removals,
      Aftermath aftermath) {
    this.engine = engine;
    this.containers = containers;
    this.sizing = sizing;
    this.clock = clock;
    this.readiness = readiness;
    this.removals = removals;
    this.aftermath = aftermath;
  }

  /// Finds out what is true of the container of a replica, without waiting for it: a little later,
  /// so that many reasons to look are one. If that fails, the next listing does.
  void look(ReplicaId id, String container) {
    if (!looking.add(id)) {
      return;
    }
    engine
        .timers()
        .after(
            SOON,
            () -> {
              looking.remove(id);
              try {
                lookNow(id, container);
              } catch (OrchestratorException _) {
                // The engine being away is told by the end of its events.
              }
            });
  }

  private void lookNow(ReplicaId id, String container) {
    var known = containers.find(id);
    if (known.isEmpty()) {
      adopt(container);
      return;
    }
    long since = containers.changes();
    var answer = engine.inspect(container);
    if (answer.status() == 404) {
      aftermath.of(containers.ended(id, container, "removed by somebody"));
      return;
    }
    var found = read(answer).filter(f -> f.id().equals(id));
    if (found.isEmpty()) {
      return;
    }
    if (found.get().life() == Dialect.Life.ENDED) {
      aftermath.of(containers.ended(id, found.get().container(), found.get().exit()));
    } else {
      correct(known.get(), found.get(), since);
    }
  }

  private Optional<Found> read(EngineAnswer answer) {
    if (answer.isError()) {
      throw answer.failure();
    }
    return Found.of(answer.json(), engine.pool(), engine.dialect());
  }

  /// Takes over a container that is not known, if it is a replica that runs; removes it if it is
  /// one that does not.
  ///
  /// @param container its identifier or its name
  Outcome adopt(String container) {
    long since = containers.changes();
    var answer = engine.inspect(container);
    if (answer.status() == 404) {
      return Outcome.LEFT_ALONE;
    }
    var found = read(answer);
    if (found.isEmpty()) {
      return Outcome.STRANGE;
    }
    return switch (found.get().life()) {
      case RUNNING, PAUSED -> adopt(found.get(), since);
      case CREATED, ENDED -> {
        if (containers.find(found.get().id()).isPresent()) {
          yield Outcome.LEFT_ALONE; // it is just being started
        }
        if (found.get().life() == Dialect.Life.ENDED) {
          containers.endedBefore(found.get().id());
        }
        removals.add(found.get().container());
        yield Outcome.OVER;
      }
      case CHANGING -> Outcome.LEFT_ALONE;
    };
  }

  private Outcome adopt(Found found, long since) {
    var held = found.held(clock.now(), sizing);
    // One that is paused has been ready, or it would not have been paused for long.
    held.ready =
        switch (readiness.of(found.service())) {
          case Readiness.Started _ -> true;
          case Readiness.HealthCheck _ -> found.health().equals("healthy");
          case Readiness.Tcp _ -> held.paused;
        };
    if (!containers.adopted(held, since)) {
      return Outcome.LEFT_ALONE;
    }
    if (!held.ready) {
      readiness.begin(held);
    }
    return Outcome.ADOPTED;
  }

  private void correct(Held held, Found found, long since) {
    var now = found.held(clock.now(), sizing);
    containers.learnt(
        held,
        () -> {
          if (!held.isUntouched(since) || !held.container.equals(found.container())) {
            return false;
          }
          boolean same = held.paused == now.paused && held.resources.equals(now.resources);
          held.paused = now.paused;
          held.resources = now.resources;
          return !same;
        });
  }
}
