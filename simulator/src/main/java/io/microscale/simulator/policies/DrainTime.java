package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// As many workers as keep up with what comes and drain what has piled up within a goal.
///
/// @param goal seconds in which the backlog is to be drained
/// @param interval seconds from look to look, over which the rate is averaged
/// @param min the fewest workers
public record DrainTime(int goal, int interval, int min) implements Policy {
  private static final int[] GOALS = {1, 10, 60};
  private static final int[] INTERVALS = {1, 5, 30};
  private static final int[] MINIMA = {1, 40, 80, 95};

  public DrainTime {
    Settings.require(goal >= 1, "goal: need >= 1", goal);
    Settings.require(interval >= 1, "interval: need >= 1", interval);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int goal : GOALS) {
      for (int interval : INTERVALS) {
        for (int min : MINIMA) {
          settings.add(new DrainTime(goal, interval, min));
        }
      }
    }
    return new Family("drain-time", new DrainTime(60, 30, 1), settings);
  }

  /// The workers needed: `ceil(rate / ratePerWorker + backlog / (ratePerWorker * goal))`.
  ///
  /// @param rate messages that come in a second
  /// @param backlog messages that wait
  /// @param ratePerWorker messages that one worker does in a second
  static int needed(double rate, double backlog, double ratePerWorker, double goalSeconds) {
    return Replicas.up(rate / ratePerWorker + backlog / (ratePerWorker * goalSeconds));
  }

  @Override
  public String name() {
    return Settings.name("drain-time", "goal", goal, "interval", interval, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Scaler();
  }

  private final class Scaler implements Rule {
    private final TrailingMean rate = new TrailingMean(interval, 0);
    private double backlog;
    private int workers = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        rate.add(view.seen());
        backlog = Math.max(0, backlog + view.seen() - view.serving());
        if (view.step() % interval == 0) {
          int needed = needed(rate.value(), backlog, 1, goal);
          workers = Replicas.within(needed, min, view.slots());
        }
      }
      return workers;
    }
  }
}
