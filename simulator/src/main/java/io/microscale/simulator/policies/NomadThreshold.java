package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// Nomad's autoscaler with two checks of the strategy `threshold` on CPU use: above a bound it adds
/// a percentage of its replicas, below another it takes as much away. Evaluated every 10 s; a check
/// acts when five of the values of the last minute, one each 10 s, are within its bounds.
///
/// @param upper CPU use above which it adds, in percent; below half of that it takes away
/// @param percent how much it adds or takes away, of the replicas that there are
/// @param cooldown seconds without evaluation after a change
/// @param min the fewest replicas
public record NomadThreshold(int upper, int percent, int cooldown, int min) implements Policy {
  private static final int[] UPPERS = {40, 70};
  private static final int[] PERCENTS = {20, 50, 100};
  private static final int[] COOLDOWNS = {10, 300};
  private static final int[] MINIMA = {1, 40, 80, 95};
  private static final int INTERVAL_SECONDS = 10;
  private static final int VALUES = 6;
  private static final int TRIGGER = 5;

  public NomadThreshold {
    Settings.require(upper >= 1 && upper <= 100, "upper: need 1 to 100", upper);
    Settings.require(percent >= 1 && percent <= 100, "percent: need 1 to 100", percent);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int upper : UPPERS) {
      for (int percent : PERCENTS) {
        for (int cooldown : COOLDOWNS) {
          for (int min : MINIMA) {
            settings.add(new NomadThreshold(upper, percent, cooldown, min));
          }
        }
      }
    }
    return new Family("nomad-threshold", new NomadThreshold(70, 20, 300, 1), settings);
  }

  /// The replicas after a change by a percentage, away from where they are by at least one.
  ///
  /// @param percent below 0 to take away
  static int changed(int count, double percent) {
    double next = count * (1 + percent / 100);
    return percent > 0 ? Replicas.up(next) : Replicas.down(next);
  }

  @Override
  public String name() {
    return Settings.name(
        "nomad-threshold", "upper", upper, "percent", percent, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Autoscaler();
  }

  private final class Autoscaler implements Rule {
    private final Pace pace = new Pace(INTERVAL_SECONDS, cooldown);
    private final TrailingMean use = new TrailingMean(INTERVAL_SECONDS, 0);
    private final Breaches above = new Breaches(VALUES);
    private final Breaches below = new Breaches(VALUES);
    private int count = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        use.add(100 * view.utilisation());
        if (view.step() % INTERVAL_SECONDS == 0) {
          int high = above.add(use.value() > upper);
          int low = below.add(use.value() < upper / 2.0);
          if (pace.due(view.step())) {
            act(view, high >= TRIGGER, low >= TRIGGER);
          }
        }
      }
      return count;
    }

    private void act(View view, boolean up, boolean down) {
      int next = count;
      if (up) {
        next = changed(Math.max(1, count), percent);
      } else if (down) {
        next = changed(count, -percent);
      }
      next = Replicas.within(next, min, view.slots());
      pace.changed(view.step(), next != count);
      count = next;
    }
  }
}
