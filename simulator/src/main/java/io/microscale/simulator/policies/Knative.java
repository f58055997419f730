package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.SlidingMaximum;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;

/// The Knative pod autoscaler: two windows over the concurrency, looked at every 2 s, and a panic
/// mode in which nothing is taken away.
///
/// @param utilisation the part of a replica's concurrency that it wants in use
/// @param window seconds of the stable window; the panic window is a tenth of it
/// @param delay seconds of `scale-down-delay`
/// @param min `min-scale`
public record Knative(double utilisation, int window, int delay, int min) implements Policy {
  private static final double[] UTILISATIONS = {0.3, 0.5, 0.7};
  private static final int[] WINDOWS = {6, 60};
  private static final int[] DELAYS = {0, 600};
  private static final int[] MINIMA = {0, 10, 20, 30, 40, 50, 80};
  private static final int TICK_SECONDS = 2;
  private static final int GRACE_SECONDS = 30;
  private static final double UP_RATE = 1000;
  private static final double DOWN_RATE = 2;

  public Knative {
    Settings.require(
        utilisation >= 0.01 && utilisation <= 1, "utilisation: need 0.01 to 1", utilisation);
    Settings.require(window >= 1, "window: need >= 1", window);
    Settings.require(delay >= 0, "delay: need >= 0", delay);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (double utilisation : UTILISATIONS) {
      for (int window : WINDOWS) {
        for (int delay : DELAYS) {
          for (int min : MINIMA) {
            settings.add(new Knative(utilisation, window, delay, min));
          }
        }
      }
    }
    return new Family("knative", new Knative(0.7, 60, 0, 0), settings);
  }

  @Override
  public String name() {
    return Settings.name(
        "knative", "utilisation", utilisation, "window", window, "delay", delay, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Autoscaler();
  }

  private final class Autoscaler implements Rule {
    private final TrailingMean stable = new TrailingMean(window, 0);
    private final TrailingMean panic = new TrailingMean(Math.max(1, window / 10), 0);
    private final SlidingMaximum delayed = new SlidingMaximum(delay / TICK_SECONDS + 1);
    private boolean panicking;
    private int panicAt;
    private int mostInPanic;
    private int lastActive;
    private int pods = min;

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        stable.add(view.seen());
        panic.add(view.seen());
        if (view.step() % TICK_SECONDS == 0) {
          pods = Math.max(min, toZero(view, (int) delayed.add(byWindows(view))));
        }
      }
      return pods;
    }

    private int byWindows(View view) {
      int now = view.step();
      var desired =
          KnativeFormula.desired(
              stable.value(), panic.value(), view.ready(), utilisation, UP_RATE, DOWN_RATE);
      if (desired.over()) {
        panicking = true;
        panicAt = now;
      } else if (panicking && panicAt + window < now) {
        panicking = false;
        mostInPanic = 0;
      }
      if (!panicking) {
        return desired.stable();
      }
      mostInPanic = Math.max(mostInPanic, Math.max(desired.stable(), desired.panic()));
      return mostInPanic;
    }

    /// The last pod stays until nothing came for the stable window and a grace period.
    private int toZero(View view, int wanted) {
      if (wanted > 0 || view.seen() > 0) {
        lastActive = view.step();
      }
      boolean keep = pods > 0 && view.step() - lastActive <= GRACE_SECONDS;
      return wanted == 0 && keep ? 1 : wanted;
    }
  }
}
