package io.microscale.app.bench.reaction.kubernetes;

import io.microscale.app.CommandException;
import io.microscale.app.MonotonicClock;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesOrchestrator;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The whole product.
final class Ours implements Contestant {
  private static final ServiceId WEB = new ServiceId(Stage.WEB);
  private static final ServiceId BATCH = new ServiceId(Stage.BATCH);

  private final Stage stage;
  private final Rung rung;

  Ours(Stage stage, Rung rung) {
    this.stage = stage;
    this.rung = rung;
  }

  @Override
  public String name() {
    return rung == Rung.STOP ? "microscale, stop" : "microscale, throttle and standby";
  }

  @Override
  public Turn turn(Quietness quiet) throws InterruptedException {
    int standby = rung == Rung.THROTTLE ? stage.step().rise() : 0;
    if (rung == Rung.THROTTLE) {
      stage.fillWithStandby();
    } else {
      stage.fillWith(Stage.WEB);
    }
    var clock = new MonotonicClock();
    try (var orchestrator = new Stopwatch(open(clock));
        var engine =
            LiveEngine.start(
                new LiveEngine.Settings(pool(), "kubernetes", clock, false),
                orchestrator,
                Map.of(),
                List.of())) {
      engine.push(WEB, new Reading.Value(stage.step().from(), clock.instant()));
      stage.settle(() -> stage.isFull(Stage.WEB, standby));
      return new Race(stage, Stage.WEB)
          .run(
              quiet,
              "",
              () -> {
                orchestrator.reset();
                engine.push(WEB, new Reading.Value(stage.step().to(), clock.instant()));
              },
              orchestrator::accepted);
    }
  }

  private KubernetesOrchestrator open(MonotonicClock clock) {
    var settings =
        KubernetesSettings.of(stage.namespace(), stage.access())
            .capacity(new Capacity.Nodes(Optional.of(stage.nodeSelector())));
    var orchestrator =
        KubernetesOrchestrator.open(
            settings,
            Map.of(WEB, workload(Stage.WEB), BATCH, workload(Stage.BATCH)),
            Fence.NONE,
            clock);
    if (rung == Rung.THROTTLE && !orchestrator.abilities().contains(Ability.RESIZES)) {
      orchestrator.close();
      throw CommandException.failed("--ladder: this server cannot resize pods");
    }
    return orchestrator;
  }

  private KubernetesWorkload workload(String name) {
    return KubernetesWorkload.of(
        WorkloadRef.deployment(stage.namespace(), name), stage.size().resources());
  }

  private PoolSpec pool() {
    var step = stage.step();
    var size = stage.size();
    var web =
        ServiceSpec.named(Stage.WEB)
            .priority(100)
            .replicas(0, step.to())
            .resources(size.resources());
    var batch =
        ServiceSpec.named(Stage.BATCH)
            .replicas(0, stage.batch())
            .resources(size.resources())
            .remainder();
    if (rung == Rung.THROTTLE) {
      web.reclaim(Reclaim.PAUSE, Reclaim.STOP)
          .standby(step.rise())
          .whilePaused(size.pausedResources());
      batch.reclaim(Reclaim.THROTTLE, Reclaim.STOP).throttled(size.throttledResources());
    } else {
      web.reclaim(Reclaim.STOP);
      batch.reclaim(Reclaim.STOP);
    }
    return PoolSpec.of(stage.namespace(), List.of(web.build(), batch.build()));
  }
}
