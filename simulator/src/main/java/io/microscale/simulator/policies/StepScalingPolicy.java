package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;

/// Step scaling on CPU use, by alarms on minutes.
///
/// @param alarm CPU use in percent above which replicas are added
/// @param cooldown seconds without a change after a change
/// @param min the fewest replicas
public record StepScalingPolicy(Of of, int alarm, int cooldown, int min) implements Policy {
  private static final int[] ALARMS = {30, 50, 70};
  private static final int LONG_COOLDOWN = 300;
  private static final int[] MINIMA = {1, 30, 60, 80, 95};
  private static final int PERIOD_SECONDS = 60;

  /// What is scaled.
  public enum Of {
    /// Tasks of Amazon ECS.
    ECS_TASKS("ecs-step", 1, 60, 0),
    /// Virtual machines, which serve two minutes after they were asked for, whatever the start
    /// latency of the run; a longer one counts instead.
    MACHINES("vm", 2, 120, 120);

    private final String family;
    private final int periods;
    private final int shortCooldown;
    private final int bootSeconds;

    Of(String family, int periods, int shortCooldown, int bootSeconds) {
      this.family = family;
      this.periods = periods;
      this.shortCooldown = shortCooldown;
      this.bootSeconds = bootSeconds;
    }
  }

  public StepScalingPolicy {
    Settings.require(alarm >= 1 && alarm <= 100, "alarm: need 1 to 100", alarm);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family(Of of) {
    var settings = new ArrayList<Policy>();
    for (int alarm : ALARMS) {
      for (int cooldown : new int[] {of.shortCooldown, LONG_COOLDOWN}) {
        for (int min : MINIMA) {
          settings.add(new StepScalingPolicy(of, alarm, cooldown, min));
        }
      }
    }
    return new Family(of.family, new StepScalingPolicy(of, 70, LONG_COOLDOWN, 1), settings);
  }

  @Override
  public String name() {
    return Settings.name(of.family, "alarm", alarm, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new StepScaling(alarm, min, PERIOD_SECONDS, of.periods, cooldown);
  }

  @Override
  public int startLatency(Terms terms) {
    return Math.max(of.bootSeconds, terms.startLatency());
  }
}
