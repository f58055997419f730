package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Foresight;
import java.util.List;

/// All policies that can be compared.
public final class Policies {
  private Policies() {}

  /// Every family, in the order of reports: bounds that know the future, this product, then what
  /// else there is.
  public static List<Family> all() {
    return List.of(
        Family.of(new Clairvoyant()),
        Family.of(new Foresight()),
        Microscale.family(),
        StaticPartition.family(),
        PlainRule.family(),
        Hpa.family(),
        Keda.family(),
        Knative.family(),
        Engine2016.family(),
        NomadTargetValue.family(),
        NomadThreshold.family(),
        EcsTargetTracking.family(),
        StepScalingPolicy.family(StepScalingPolicy.Of.ECS_TASKS),
        MarathonMultiplier.family(),
        Escalator.family(),
        DrainTime.family(),
        StepScalingPolicy.family(StepScalingPolicy.Of.MACHINES));
  }
}
