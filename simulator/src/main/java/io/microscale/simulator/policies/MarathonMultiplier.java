package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// The autoscaler that Marathon users run beside it: when CPU use was beyond a bound in several
/// looks in a row, it multiplies or divides the number of instances.
///
/// @param upper CPU use above which it multiplies, in percent; below half of that it divides
/// @param multiplier what it multiplies and divides by, from 1.01 to 10
/// @param interval seconds from look to look
/// @param min the fewest instances
public record MarathonMultiplier(int upper, double multiplier, int interval, int min)
    implements Policy {
  private static final int[] UPPERS = {40, 70};
  private static final double[] MULTIPLIERS = {1.5, 2};
  private static final int[] INTERVALS = {5, 30};
  private static final int[] MINIMA = {1, 40, 80, 95};
  private static final int LOOKS = 3;

  public MarathonMultiplier {
    Settings.require(upper >= 1 && upper <= 100, "upper: need 1 to 100", upper);
    Settings.require(
        multiplier >= 1.01 && multiplier <= 10, "multiplier: need 1.01 to 10", multiplier);
    Settings.require(interval >= 1, "interval: need >= 1", interval);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int upper : UPPERS) {
      for (double multiplier : MULTIPLIERS) {
        for (int interval : INTERVALS) {
          for (int min : MINIMA) {
            settings.add(new MarathonMultiplier(upper, multiplier, interval, min));
          }
        }
      }
    }
    return new Family("marathon", new MarathonMultiplier(70, 1.5, 30, 1), settings);
  }

  /// The instances after a scale up.
  static int up(int instances, double multiplier) {
    return Replicas.up(instances * multiplier);
  }

  /// The instances after a scale down.
  static int down(int instances, double multiplier) {
    return Replicas.down(instances / multiplier);
  }

  @Override
  public String name() {
    return Settings.name(
        "marathon", "upper", upper, "multiplier", multiplier, "interval", interval, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Autoscaler();
  }

  private final class Autoscaler implements Rule {
    private final TrailingMean use = new TrailingMean(interval, 0);
    private int instances = min;
    private int high;
    private int low;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        use.add(100 * view.utilisation());
        if (view.step() % interval == 0) {
          high = use.value() > upper ? high + 1 : 0;
          low = use.value() < upper / 2.0 ? low + 1 : 0;
          if (high >= LOOKS) {
            instances = Replicas.within(up(instances, multiplier), min, view.slots());
            high = 0;
          } else if (low >= LOOKS) {
            instances = Replicas.within(down(instances, multiplier), min, view.slots());
            low = 0;
          }
        }
      }
      return instances;
    }
  }
}
