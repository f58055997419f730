package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// KEDA in front of the Kubernetes horizontal pod autoscaler: KEDA switches between none and one
/// replica, the autoscaler does the rest by the demand per replica.
///
/// @param target the part of a replica's capacity that the autoscaler wants in use
/// @param polling seconds of `pollingInterval`, at which KEDA looks whether there is demand
/// @param cooldown seconds of `cooldownPeriod`: so long without demand, and the last replica goes
/// @param min `minReplicaCount`; 0 lets KEDA scale to none
public record Keda(double target, int polling, int cooldown, int min) implements Policy {
  private static final double[] TARGETS = {0.3, 0.5, 0.7};
  private static final int[] POLLINGS = {5, 30};
  private static final int USUAL_COOLDOWN_SECONDS = 300;
  private static final int[] MINIMA = {0, 20, 50, 80};
  private static final int DOWN_WINDOW_SECONDS = 300;

  public Keda {
    Settings.require(target >= 0.01 && target <= 1, "target: need 0.01 to 1", target);
    Settings.require(polling >= 1, "polling: need >= 1", polling);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (double target : TARGETS) {
      for (int polling : POLLINGS) {
        for (int min : MINIMA) {
          settings.add(new Keda(target, polling, USUAL_COOLDOWN_SECONDS, min));
        }
      }
    }
    return new Family("keda", new Keda(0.7, 30, USUAL_COOLDOWN_SECONDS, 0), settings);
  }

  @Override
  public String name() {
    return Settings.name(
        "keda", "target", target, "polling", polling, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Scaler();
  }

  private final class Scaler implements Rule {
    private final HpaBehaviour behaviour = new HpaBehaviour(0, DOWN_WINDOW_SECONDS);
    private int replicas = min;
    private int lastActive;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        if (view.step() % polling == 0) {
          poll(view);
        }
        if (view.step() % HpaBehaviour.PERIOD_SECONDS == 0 && replicas > 0) {
          int wanted = HpaFormula.averageValue(replicas, view.seen(), target);
          replicas =
              behaviour.decide(view.step(), replicas, wanted, Math.max(1, min), view.slots());
        }
      }
      return replicas;
    }

    private void poll(View view) {
      if (view.seen() > 0) {
        lastActive = view.step();
        replicas = Math.max(1, replicas);
      } else if (min == 0 && view.step() - lastActive > cooldown) {
        replicas = 0;
      }
    }
  }
}
