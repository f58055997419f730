package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.View;

/// Step scaling by CPU use: the farther it is from the alarm, the larger the part of the replicas
/// that is added or taken away. Above the alarm by up to 15 points a tenth is added, above that
/// three tenths; below half the alarm a tenth is taken away.
final class StepScaling implements Rule {
  private static final double SECOND_STEP_ABOVE = 15;
  private static final double LOW_PART = 0.5;
  private static final int SMALL_PERCENT = 10;
  private static final int LARGE_PERCENT = 30;

  private final int alarm;
  private final int min;
  private final int periodSeconds;
  private final TrailingMean use;
  private final Breaches high;
  private final Breaches low;
  private final Pace pace;
  private int replicas;

  /// A service with the fewest replicas.
  ///
  /// @param alarm CPU use in percent above which replicas are added
  /// @param periodSeconds over how long the metric is averaged, and how often it is looked at
  /// @param periods how many periods in a row must be beyond an alarm
  /// @param cooldownSeconds how long nothing is changed after a change
  StepScaling(int alarm, int min, int periodSeconds, int periods, int cooldownSeconds) {
    this.alarm = alarm;
    this.min = min;
    this.periodSeconds = periodSeconds;
    this.use = new TrailingMean(periodSeconds, 0);
    this.high = new Breaches(periods);
    this.low = new Breaches(periods);
    this.pace = new Pace(periodSeconds, cooldownSeconds);
    this.replicas = min;
  }

  /// The replicas after a change by a percentage: whole ones, rounded towards none, but at least
  /// one.
  ///
  /// @param percent below 0 to take away
  static int changed(int replicas, int percent) {
    double change = replicas * percent / 100.0;
    int whole = change > 0 ? Math.max(1, Replicas.down(change)) : Math.min(-1, Replicas.up(change));
    return Math.max(0, replicas + (percent == 0 ? 0 : whole));
  }

  @Override
  public int wanted(View view) {
    if (view.step() > 0) {
      use.add(100 * view.utilisation());
      if (view.step() % periodSeconds == 0) {
        high.add(use.value() > alarm);
        low.add(use.value() < LOW_PART * alarm);
        if (pace.due(view.step())) {
          act(view);
        }
      }
    }
    return replicas;
  }

  private void act(View view) {
    int next = replicas;
    if (high.all()) {
      boolean far = use.value() > alarm + SECOND_STEP_ABOVE;
      next = changed(replicas, far ? LARGE_PERCENT : SMALL_PERCENT);
    } else if (low.all()) {
      next = changed(replicas, -SMALL_PERCENT);
    }
    next = Replicas.within(next, min, view.slots());
    pace.changed(view.step(), next != replicas);
    replicas = next;
  }
}
