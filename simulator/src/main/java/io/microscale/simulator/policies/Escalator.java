package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// Atlassian's Escalator, made for batch clusters: as many nodes at once as bring what is asked for
/// below a threshold of what there is, and a few at a time back.
///
/// @param threshold percent of what there is, above which it scales up
/// @param interval seconds from look to look
/// @param rate nodes that go at a look while less than half the threshold is asked for; twice as
///   many below a quarter
/// @param min the fewest nodes
public record Escalator(int threshold, int interval, int rate, int min) implements Policy {
  private static final int[] THRESHOLDS = {30, 50, 70};
  private static final int[] INTERVALS = {5, 60};
  private static final int USUAL_RATE = 2;
  private static final int[] MINIMA = {1, 40, 80, 95};

  public Escalator {
    Settings.require(threshold >= 1 && threshold <= 100, "threshold: need 1 to 100", threshold);
    Settings.require(interval >= 1, "interval: need >= 1", interval);
    Settings.require(rate >= 0, "rate: need >= 0", rate);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int threshold : THRESHOLDS) {
      for (int interval : INTERVALS) {
        for (int min : MINIMA) {
          settings.add(new Escalator(threshold, interval, USUAL_RATE, min));
        }
      }
    }
    return new Family("escalator", new Escalator(70, 60, USUAL_RATE, 1), settings);
  }

  /// How many nodes to add: `ceil(nodes * (utilisation - threshold) / threshold)`, at least 0.
  ///
  /// @param utilisation what is asked for, in percent of what there is; above 100 if it does not
  ///   fit
  static int delta(int nodes, double utilisation, double threshold) {
    return Math.max(0, Replicas.up(nodes * (utilisation - threshold) / threshold));
  }

  @Override
  public String name() {
    return Settings.name(
        "escalator", "threshold", threshold, "interval", interval, "rate", rate, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Scaler();
  }

  private final class Scaler implements Rule {
    private int nodes = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0 && view.step() % interval == 0) {
        double utilisation = 100 * view.seen() / nodes;
        int next = nodes + delta(nodes, utilisation, threshold);
        if (utilisation < threshold / 4.0) {
          next = nodes - 2 * rate;
        } else if (utilisation < threshold / 2.0) {
          next = nodes - rate;
        }
        nodes = Replicas.within(next, min, view.slots());
      }
      return nodes;
    }
  }
}
