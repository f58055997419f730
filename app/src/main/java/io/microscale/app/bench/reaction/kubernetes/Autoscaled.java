package io.microscale.app.bench.reaction.kubernetes;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerStatus;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.microscale.app.CommandException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// A HorizontalPodAutoscaler with the same demand as its metric, one replica for each unit of it.
///
/// It looks once in a period of its own, so a step comes at a random moment of that. Room is made
/// by preemption: pending pods of a higher PriorityClass end batch pods, with the same grace.
final class Autoscaled implements Contestant {
  private static final Duration FIRST_LOOK = Duration.ofMinutes(2);
  private static final long POLL_MILLIS = 200;
  private static final int ANY_NUMBER = 1000;
  private static final int PERIOD_SECONDS = 15;

  private final Stage stage;
  private final Autoscaling autoscaling;
  private final Behaviour behaviour;
  private final Duration sync;
  private final RandomGenerator random;

  /// @param sync how often it looks; the controller manager's setting, which cannot be read
  Autoscaled(
      Stage stage,
      Autoscaling autoscaling,
      Behaviour behaviour,
      Duration sync,
      RandomGenerator random) {
    this.stage = stage;
    this.autoscaling = autoscaling;
    this.behaviour = behaviour;
    this.sync = sync;
    this.random = random;
  }

  @Override
  public String name() {
    return "HPA, " + (behaviour == Behaviour.DEFAULT ? "default rise" : "unlimited rise");
  }

  @Override
  public Turn turn(Quietness quiet) throws InterruptedException {
    autoscaling.demand(stage.step().from());
    stage.fillWith(Autoscaling.WEB);
    var scaler =
        stage
            .client()
            .autoscaling()
            .v2()
            .horizontalPodAutoscalers()
            .inNamespace(stage.namespace())
            .resource(autoscaler());
    scaler.create();
    try {
      awaitFirstLook(scaler);
      Thread.sleep((long) (random.nextDouble() * sync.toMillis()));
      return new Race(stage, Autoscaling.WEB)
          .run(quiet, "", () -> autoscaling.demand(stage.step().to()), List::of);
    } finally {
      scaler.delete();
    }
  }

  private static void awaitFirstLook(Resource<HorizontalPodAutoscaler> scaler)
      throws InterruptedException {
    long until = System.nanoTime() + FIRST_LOOK.toNanos();
    while (true) {
      var status = Optional.ofNullable(scaler.get()).map(HorizontalPodAutoscaler::getStatus);
      if (status
          .map(HorizontalPodAutoscalerStatus::getCurrentMetrics)
          .filter(m -> !m.isEmpty())
          .isPresent()) {
        return;
      }
      if (System.nanoTime() > until) {
        throw CommandException.failed(
            "--hpa: the autoscaler has not read its metric within %s: %s"
                .formatted(
                    FIRST_LOOK,
                    status.map(HorizontalPodAutoscalerStatus::getConditions).orElse(List.of())));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private HorizontalPodAutoscaler autoscaler() {
    var spec =
        new HorizontalPodAutoscalerBuilder()
            .withNewMetadata()
            .withName(Autoscaling.WEB)
            .endMetadata()
            .withNewSpec()
            .withNewScaleTargetRef("apps/v1", "Deployment", Autoscaling.WEB)
            .withMinReplicas(Math.max(1, stage.step().from()))
            .withMaxReplicas(stage.step().to())
            .addNewMetric()
            .withType("External")
            .withNewExternal()
            .withNewMetric()
            .withName(ExternalMetrics.METRIC)
            .endMetric()
            .withNewTarget()
            .withType("AverageValue")
            .withAverageValue(new Quantity("1"))
            .endTarget()
            .endExternal()
            .endMetric();
    if (behaviour == Behaviour.UNLIMITED) {
      spec.withNewBehavior()
          .withNewScaleUp()
          .withStabilizationWindowSeconds(0)
          .addNewPolicy(PERIOD_SECONDS, "Pods", ANY_NUMBER)
          .endScaleUp()
          .endBehavior();
    }
    return spec.endSpec().build();
  }
}
