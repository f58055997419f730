package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// Target tracking of Amazon ECS on the CPU use of its tasks: out when three points in a row are
/// above the target, in when fifteen are below nine tenths of it.
///
/// @param target CPU use to reach, in percent
/// @param point seconds of one point: 60, or 20 with high resolution
/// @param cooldown seconds without another change after a change
/// @param min the fewest tasks
public record EcsTargetTracking(int target, int point, int cooldown, int min) implements Policy {
  private static final int[] TARGETS = {30, 50, 70};
  private static final int[] POINTS = {20, 60};
  private static final int[] COOLDOWNS = {60, 300};
  private static final int[] MINIMA = {1, 40, 80, 95};
  private static final int POINTS_OUT = 3;
  private static final int POINTS_IN = 15;
  private static final double IN_BELOW = 0.9;
  private static final double IN_AT_ONCE = 0.1;

  public EcsTargetTracking {
    Settings.require(target >= 1 && target <= 100, "target: need 1 to 100", target);
    Settings.require(point >= 1, "point: need >= 1", point);
    Settings.require(cooldown >= 0, "cooldown: need >= 0", cooldown);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int target : TARGETS) {
      for (int point : POINTS) {
        for (int cooldown : COOLDOWNS) {
          for (int min : MINIMA) {
            settings.add(new EcsTargetTracking(target, point, cooldown, min));
          }
        }
      }
    }
    return new Family("ecs-target", new EcsTargetTracking(70, 60, 300, 1), settings);
  }

  /// The tasks that bring the metric down to its target: `ceil(tasks * metric / target)`.
  static int out(int tasks, double metric, double target) {
    return Math.max(tasks, Replicas.up(tasks * metric / target));
  }

  /// The tasks after one careful step in: no fewer than the metric needs, and no more than a tenth
  /// of the tasks at once, but one.
  static int in(int tasks, double metric, double target) {
    int step = Math.max(1, Replicas.down(tasks * IN_AT_ONCE));
    return Math.max(tasks - step, Math.min(tasks, Replicas.up(tasks * metric / target)));
  }

  @Override
  public String name() {
    return Settings.name(
        "ecs-target", "target", target, "point", point, "cooldown", cooldown, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Alarms();
  }

  private final class Alarms implements Rule {
    private final TrailingMean use = new TrailingMean(point, 0);
    private final Breaches high = new Breaches(POINTS_OUT);
    private final Breaches low = new Breaches(POINTS_IN);
    private final Pace pace = new Pace(point, cooldown);
    private int tasks = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        use.add(100 * view.utilisation());
        if (view.step() % point == 0) {
          high.add(use.value() > target);
          low.add(use.value() < IN_BELOW * target);
          if (pace.due(view.step())) {
            act(view);
          }
        }
      }
      return tasks;
    }

    private void act(View view) {
      int next = tasks;
      if (high.all()) {
        next = out(tasks, use.value(), target);
      } else if (low.all()) {
        next = in(tasks, use.value(), target);
      }
      next = Replicas.within(next, min, view.slots());
      pace.changed(view.step(), next != tasks);
      tasks = next;
    }
  }
}
