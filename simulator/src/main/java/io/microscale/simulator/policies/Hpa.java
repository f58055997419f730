package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// The Kubernetes horizontal pod autoscaler (`autoscaling/v2`), which looks every 15 s.
///
/// @param metric what it looks at
/// @param target the part of a replica's capacity that it wants in use, from 0.01 to 1
/// @param window seconds of `scaleDown.stabilizationWindowSeconds`
/// @param min `minReplicas`
public record Hpa(Metric metric, double target, int window, int min) implements Policy {
  private static final double[] TARGETS = {0.3, 0.5, 0.7};
  private static final int[] WINDOWS = {60, 300, 1800};
  private static final int[] MINIMA = {1, 20, 50, 65, 80};

  /// What the autoscaler looks at.
  public enum Metric {
    /// CPU use of its pods, as the metrics server tells it: the mean of 15 s, which ended 15 s ago.
    /// A pod that has too much to do cannot use more than it has.
    CPU("cpu", 15, 15),
    /// The demand in replicas, asked for at the moment of the decision: `AverageValue`.
    DEMAND("demand", 1, 0),
    /// The demand for each replica that serves, asked for at the moment of the decision: `Value`.
    LOAD("load", 1, 0);

    private final String label;
    private final int window;
    private final int age;

    Metric(String label, int window, int age) {
      this.label = label;
      this.window = window;
      this.age = age;
    }
  }

  public Hpa {
    Settings.require(target >= 0.01 && target <= 1, "target: need 0.01 to 1", target);
    Settings.require(window >= 0, "window: need >= 0", window);
    Settings.require(min >= 1, "min: need >= 1", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (var metric : Metric.values()) {
      for (double target : TARGETS) {
        for (int window : WINDOWS) {
          for (int min : MINIMA) {
            settings.add(new Hpa(metric, target, window, min));
          }
        }
      }
    }
    return new Family("hpa", new Hpa(Metric.CPU, 0.7, 300, 1), settings);
  }

  @Override
  public String name() {
    return Settings.name(
        "hpa", "metric", metric.label, "target", target, "window", window, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Autoscaler();
  }

  private final class Autoscaler implements Rule {
    private final HpaBehaviour behaviour = new HpaBehaviour(0, window);
    private final TrailingMean measured = new TrailingMean(metric.window, metric.age);
    private int replicas = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        measured.add(
            switch (metric) {
              case CPU -> view.utilisation();
              case DEMAND -> view.seen();
              case LOAD -> view.seen() / Math.max(1, view.serving());
            });
        if (view.step() % HpaBehaviour.PERIOD_SECONDS == 0 && measured.known()) {
          replicas = behaviour.decide(view.step(), replicas, byMetric(view), min, view.slots());
        }
      }
      return replicas;
    }

    private int byMetric(View view) {
      return switch (metric) {
        case CPU ->
            HpaFormula.utilisation(
                replicas,
                100 * measured.value() * view.ready(),
                view.ready(),
                0,
                view.starting(),
                (int) Math.round(100 * target));
        case DEMAND -> HpaFormula.averageValue(replicas, measured.value(), target);
        case LOAD -> HpaFormula.value(replicas, view.ready(), measured.value(), target);
      };
    }
  }
}
