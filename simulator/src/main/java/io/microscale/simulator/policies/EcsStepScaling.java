package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;

/// Step scaling of Amazon ECS on the CPU use of its tasks, by alarms on one minute.
///
/// @param alarm CPU use in percent above which tasks are added
/// @param cooldown seconds without a change after a change
/// @param min the fewest tasks
public record EcsStepScaling(int alarm, int cooldown, int min) implements Policy {
  private static final int[] ALARMS = {30, 50, 70};
  private static final int[] COOLDOWNS = {60, 300};
  private static final int[] MINIMA = {1, 30, 60, 80, 95};
  private static final int PERIOD_SECONDS = 60;
  private static final int PERIODS = 1;

  public EcsStepScaling {
    Settings.require(alarm >= 1 && alarm <= 100, "alarm: need 1 to 100", alarm);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int alarm : ALARMS) {
      for (int cooldown : COOLDOWNS) {
        for (int min : MINIMA) {
          settings.add(new EcsStepScaling(alarm, cooldown, min));
        }
      }
    }
    return new Family("ecs-step", new EcsStepScaling(70, 300, 1), settings);
  }

  @Override
  public String name() {
    return Settings.name("ecs-step", "alarm", alarm, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new StepScaling(alarm, min, PERIOD_SECONDS, PERIODS, cooldown);
  }
}
