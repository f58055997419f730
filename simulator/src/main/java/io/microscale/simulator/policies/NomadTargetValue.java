package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// Nomad's autoscaler with the strategy `target-value` on the CPU use of the last minute, evaluated
/// every 10 s.
///
/// @param target CPU use to reach, in percent
/// @param cooldown seconds without evaluation after a change
/// @param min the fewest replicas
public record NomadTargetValue(int target, int cooldown, int min) implements Policy {
  private static final int[] TARGETS = {30, 50, 70};
  private static final int[] COOLDOWNS = {10, 60, 300};
  private static final int[] MINIMA = {1, 40, 80, 95};
  private static final int INTERVAL_SECONDS = 10;
  private static final int QUERY_WINDOW_SECONDS = 60;
  private static final double THRESHOLD = 0.01;

  public NomadTargetValue {
    Settings.require(target >= 1 && target <= 100, "target: need 1 to 100", target);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int target : TARGETS) {
      for (int cooldown : COOLDOWNS) {
        for (int min : MINIMA) {
          settings.add(new NomadTargetValue(target, cooldown, min));
        }
      }
    }
    return new Family("nomad-target", new NomadTargetValue(70, 300, 1), settings);
  }

  /// How many replicas bring the metric to its target: `ceil(count * metric / target)`, and no
  /// change where the two differ by less than a hundredth.
  static int desired(int count, double metric, double target) {
    double factor = metric / target;
    if (Math.abs(factor - 1) < THRESHOLD) {
      return count;
    }
    return Replicas.up(count == 0 ? factor : count * factor);
  }

  @Override
  public String name() {
    return Settings.name("nomad-target", "target", target, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Autoscaler();
  }

  private final class Autoscaler implements Rule {
    private final TrailingMean use = new TrailingMean(QUERY_WINDOW_SECONDS, 0);
    private final Pace pace = new Pace(INTERVAL_SECONDS, cooldown);
    private int count = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        use.add(100 * view.utilisation());
        if (pace.due(view.step())) {
          int next = Replicas.within(desired(count, use.value(), target), min, view.slots());
          pace.changed(view.step(), next != count);
          count = next;
        }
      }
      return count;
    }
  }
}
