package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.SlidingMaximum;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;

/// The rule that needs no explanation: `ceil(seen * (1 + percent / 100)) + extra`, and what was
/// wanted in the last seconds is held.
///
/// @param percent slots above the demand last seen, in percent of it
/// @param extra slots above that
/// @param hold seconds, the present one included, of which the largest counts
public record PlainRule(int percent, int extra, int hold) implements Policy {
  private static final int[] PERCENTS = {0, 5, 10, 20, 30, 50, 75, 100};
  private static final int[] EXTRAS = {0, 2, 5, 8, 10, 15, 30, 40, 60};
  private static final int[] HOLDS = {1, 2, 5, 60, 600};

  public PlainRule {
    Settings.require(percent >= 0 && percent <= 1000, "percent: need 0 to 1000", percent);
    Settings.require(extra >= 0, "extra: need >= 0", extra);
    Settings.require(hold >= 1, "hold: need >= 1", hold);
  }

  /// The rule with a fifth and two slots above what is seen, and a minute's hold.
  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int percent : PERCENTS) {
      for (int extra : EXTRAS) {
        for (int hold : HOLDS) {
          settings.add(new PlainRule(percent, extra, hold));
        }
      }
    }
    return new Family("plain", new PlainRule(20, 2, 60), settings);
  }

  @Override
  public String name() {
    return Settings.name("plain", "percent", percent, "extra", extra, "hold", hold);
  }

  @Override
  public Rule start(Terms terms) {
    var largest = new SlidingMaximum(hold);
    double factor = 1 + percent / 100.0;
    return view -> (int) largest.add(Math.ceil(view.seen() * factor) + extra);
  }
}
