package io.microscale.app.bench.reaction;

import io.microscale.app.CommandException;
import io.microscale.app.MonotonicClock;
import io.microscale.app.bench.Quiet;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// The whole product on an orchestrator: a full pool, steps of demand, and how fast they are
/// answered.
final class Loop {
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");
  private static final Duration LONGEST = Duration.ofMinutes(3);
  private static final Duration STEADY = Duration.ofMillis(500);
  private static final int MOST_TRIES = 20;

  private final Backend backend;
  private final Step step;
  private final Ladder ladder;
  private final Quiet quiet;
  private final Consumer<String> progress;

  Loop(Backend backend, Step step, Ladder ladder, Quiet quiet, Consumer<String> progress) {
    this.backend = backend;
    this.step = step;
    this.ladder = ladder;
    this.quiet = quiet;
    this.progress = progress;
  }

  /// Makes the rounds, one after the other, on replicas that live from one to the next.
  List<Round> rounds(int count) throws InterruptedException {
    var clock = new MonotonicClock();
    var watch = new Watch();
    var rounds = new ArrayList<Round>();
    try (var orchestrator = backend.open(step.slots(), clock);
        var engine =
            LiveEngine.start(
                new LiveEngine.Settings(pool(), backend.kind(), clock, false),
                orchestrator,
                Map.of(),
                List.of(watch))) {
      for (int i = 0; i < count; i++) {
        tell(engine, clock, step.from());
        settle(watch);
        rounds.add(round(engine, clock, watch));
        progress.accept(
            "round %d of %d: first ready after %.0f ms, all after %.0f ms"
                .formatted(i + 1, count, rounds.getLast().first(), rounds.getLast().all()));
      }
    }
    return rounds;
  }

  private PoolSpec pool() {
    boolean pause = ladder == Ladder.PAUSE;
    var rungs = pause ? new Reclaim[] {Reclaim.PAUSE, Reclaim.STOP} : new Reclaim[] {Reclaim.STOP};
    var services = new ArrayList<ServiceSpec>();
    services.add(
        ServiceSpec.named(WEB.value())
            .priority(100)
            .replicas(0, step.to())
            .reclaim(rungs)
            .standby(pause ? step.rise() : 0)
            .build());
    if (step.hasBatch()) {
      services.add(
          ServiceSpec.named(BATCH.value())
              .replicas(0, step.slots() - step.from())
              .remainder()
              .reclaim(rungs)
              .build());
    }
    return PoolSpec.of(backend.pool(), services);
  }

  private static void tell(LiveEngine engine, MonotonicClock clock, int replicas) {
    engine.push(WEB, new Reading.Value(replicas, clock.instant()));
  }

  /// Waits until the pool is full and has been at rest for a while.
  private void settle(Watch watch) throws InterruptedException {
    for (int i = 0; i < MOST_TRIES; i++) {
      if (!watch.await(LONGEST, () -> isAtRest(watch))) {
        break;
      }
      if (!watch.await(STEADY, () -> !isAtRest(watch))) {
        return;
      }
    }
    throw CommandException.failed("the pool does not come to rest: " + watch);
  }

  private boolean isAtRest(Watch watch) {
    int standby = ladder == Ladder.PAUSE ? step.rise() : 0;
    int batch = step.hasBatch() ? step.slots() - step.from() : 0;
    return watch.count(WEB, ReplicaState.RUNNING) == step.from()
        && watch.count(WEB, ReplicaState.PAUSED) == standby
        && watch.count(BATCH, ReplicaState.RUNNING) == batch
        && watch.moving() == 0;
  }

  private Round round(LiveEngine engine, MonotonicClock clock, Watch watch)
      throws InterruptedException {
    var idle = quiet.await();
    watch.begin(step.to());
    tell(engine, clock, step.to());
    if (!watch.await(LONGEST, () -> watch.count(WEB, ReplicaState.RUNNING) >= step.to())) {
      throw CommandException.failed(
          "not all of %d replicas are ready after %s: %s".formatted(step.to(), LONGEST, watch));
    }
    return new Round(
        watch.millisUntil(step.from() + 1),
        watch.millisUntil(step.from() + (step.rise() + 1) / 2),
        watch.millisUntil(step.to()),
        watch.unserved(),
        watch.lost(),
        idle);
  }
}
