package io.microscale.simulator.policies;

import io.microscale.simulator.policies.Engine2016Allocation.Task;
import io.microscale.simulator.policies.QueueController.Gains;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleToIntFunction;

/// The microscaling engine of 2016: it keeps a queue at a length of 50 messages and looks every 500
/// ms, which is two ticks a step.
///
/// @param tuning how it decides by the queue
/// @param rate messages that one replica serves in a second
/// @param min the fewest replicas
public record Engine2016(Tuning tuning, int rate, int min) implements Policy {
  private static final int[] RATES = {2, 10};
  private static final int[] MINIMA = {1, 40, 80, 95};
  private static final int TICKS_A_SECOND = 2;
  private static final double LENGTH = 50;

  /// The ways to decide that are worth trying.
  public enum Tuning {
    /// What the engine came with.
    DEFAULT,
    /// What its demonstration ran with.
    DEMONSTRATION,
    /// What the default means to be.
    CORRECTED,
    /// The engine's other rule, without a controller: one replica more or fewer a tick.
    SIMPLE;

    /// The containers that a queue of some length wants more (or fewer), tick after tick.
    private DoubleToIntFunction start() {
      return switch (this) {
        case DEFAULT -> new QueueController(LENGTH, Gains.DEFAULT)::delta;
        case DEMONSTRATION -> new QueueController(LENGTH, Gains.DEMONSTRATION)::delta;
        case CORRECTED -> new QueueController(LENGTH, Gains.CORRECTED)::delta;
        case SIMPLE -> queue -> QueueController.simpleDelta(queue, LENGTH);
      };
    }

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Engine2016 {
    Settings.require(rate >= 1, "rate: need >= 1", rate);
    Settings.require(min >= 0, "min: need >= 0", min);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (var tuning : Tuning.values()) {
      for (int rate : RATES) {
        for (int min : MINIMA) {
          settings.add(new Engine2016(tuning, rate, min));
        }
      }
    }
    return new Family("engine-2016", new Engine2016(Tuning.DEFAULT, 2, 1), settings);
  }

  @Override
  public String name() {
    return Settings.name("engine-2016", "tuning", tuning.label(), "rate", rate, "min", min);
  }

  @Override
  public Rule start(Terms terms) {
    return new Engine(terms.slots());
  }

  private final class Engine implements Rule {
    private final DoubleToIntFunction delta = tuning.start();
    private final Task service;
    private final Task remainder;
    private final Engine2016Allocation allocation;
    private final int slots;
    private double queue;

    Engine(int slots) {
      this.slots = slots;
      int first = Math.min(min, slots);
      service = new Task(first, slots, slots, false, first);
      remainder = new Task(0, slots, slots, true, slots - first);
      allocation = new Engine2016Allocation(slots, List.of(service, remainder));
    }

    @Override
    public int wanted(View view) {
      if (view.step() > 0) {
        double growth = (view.seen() - view.serving()) * rate / TICKS_A_SECOND;
        for (int tick = 0; tick < TICKS_A_SECOND; tick++) {
          queue = Math.max(0, queue + growth);
          boolean meeting = queue <= LENGTH;
          service.observe(
              // What the tick before stopped is gone at once; what it started is not there yet.
              Math.min(view.ready(), service.requested()),
              delta.applyAsInt(queue),
              meeting,
              queue <= QueueController.EXCEEDING * LENGTH);
          remainder.observe(remainder.requested(), slots, false, false);
          allocation.tick();
        }
      }
      return service.requested();
    }
  }
}
