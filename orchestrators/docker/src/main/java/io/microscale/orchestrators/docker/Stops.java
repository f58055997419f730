package io.microscale.orchestrators.docker;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineAnswer;
import io.microscale.orchestrators.docker.engine.EngineCall;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/// Stops replicas: the stop signal, the grace, SIGKILL, all of it by the engine.
///
/// A stop that has begun is seen through: what fails is tried again, less and less often, for about
/// two minutes.
final class Stops {
  private static final Duration ACCEPTED = Duration.ofSeconds(1);
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(30);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final int TRIES = 10;

  private final Engine engine;
  private final Containers containers;
  private final Aftermath aftermath;
  private final Function<Held, Duration> grace;

  Stops(Engine engine, Containers containers, Aftermath aftermath, Function<Held, Duration> grace) {
    this.engine = engine;
    this.containers = containers;
    this.aftermath = aftermath;
    this.grace = grace;
  }

  /// Stops one because somebody asked for it; returns when it has ended, or after a second.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if nothing was done
  void stop(Held held) {
    if (!containers.stopping(held, Optional.empty())) {
      return;
    }
    var first = new CompletableFuture<Boolean>();
    engine.timers().now(() -> attempt(held, 1, FIRST_PAUSE, first));
    try {
      first.get(ACCEPTED.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OrchestratorException known
          ? known
          : new OrchestratorException(Kind.UNCERTAIN, "stop " + held.id + ": " + e.getCause(), e);
    } catch (TimeoutException _) {
      // Its grace period runs.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops one that has failed, which counts as a crash.
  void stop(Held held, String failure) {
    if (containers.stopping(held, Optional.of(failure))) {
      engine.timers().now(() -> attempt(held, 1, FIRST_PAUSE, new CompletableFuture<>()));
    }
  }

  private void attempt(Held held, int number, Duration pause, CompletableFuture<Boolean> first) {
    String why;
    try {
      var answer = ask(held);
      if (!answer.isError() || engine.dialect().isEnded(answer)) {
        containers.answered(held, () -> {});
        aftermath.of(containers.ended(held.id, held.container, "stopped"));
        first.complete(true);
        return;
      }
      why = answer.message();
    } catch (OrchestratorException e) {
      why = String.valueOf(e.getMessage());
      if (number == 1 && e.kind() == Kind.UNAVAILABLE && held.failure.isEmpty()) {
        containers.answered(held, () -> held.stopping = false);
        first.completeExceptionally(e);
        return;
      }
    }
    if (held.gone || number == TRIES) {
      giveUp(held, why);
    } else {
      engine.timers().after(pause, () -> attempt(held, number + 1, pause.multipliedBy(2), first));
    }
  }

  private void giveUp(Held held, String why) {
    if (!held.gone) {
      engine.notices().accept("%s: cannot be stopped: %s".formatted(held.id, why));
    }
    containers.answered(held, () -> held.stopping = false);
  }

  private EngineAnswer ask(Held held) {
    var path = "/containers/" + held.container;
    if (engine.dialect().podman() && held.paused) {
      engine.client().send(EngineCall.post(path + "/unpause"));
    }
    var time = grace.apply(held);
    return engine
        .client()
        .send(
            EngineCall.post(path + "/stop")
                .query(Map.of("t", Long.toString(Template.seconds(time))))
                .within(time.plus(BEYOND_GRACE)));
  }
}
