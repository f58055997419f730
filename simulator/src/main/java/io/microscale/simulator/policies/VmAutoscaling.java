package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;

/// Step scaling of virtual machines, which serve two minutes after they were asked for, whatever
/// the start latency of the run; a longer one counts instead.
///
/// @param alarm CPU use in percent above which machines are added
/// @param cooldown seconds without a change after a change
/// @param min the fewest machines
public record VmAutoscaling(int alarm, int cooldown, int min) implements Policy {
  private static final int[] ALARMS = {30, 50, 70};
  private static final int[] COOLDOWNS = {120, 300};
  private static final int[] MINIMA = {1, 30, 60, 80, 95};
  private static final int PERIOD_SECONDS = 60;
  private static final int PERIODS = 2;
  private static final int BOOT_SECONDS = 120;

  public VmAutoscaling {
    Settings.require(alarm >= 1 && alarm <= 100, "alarm: need 1 to 100", alarm);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int alarm : ALARMS) {
      for (int cooldown : COOLDOWNS) {
        for (int min : MINIMA) {
          settings.add(new VmAutoscaling(alarm, cooldown, min));
        }
      }
    }
    return new Family("vm", new VmAutoscaling(70, 300, 1), settings);
  }

  @Override
  public String name() {
    return Settings.name("vm", "alarm", alarm, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new StepScaling(alarm, min, PERIOD_SECONDS, PERIODS, cooldown);
  }

  @Override
  public int startLatency(Terms terms) {
    return Math.max(BOOT_SECONDS, terms.startLatency());
  }
}
