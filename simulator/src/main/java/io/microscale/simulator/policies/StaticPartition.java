package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;

/// No sharing: the service has its part of the pool, batch work the rest.
///
/// @param percent the service's part of the slots, rounded up; 100 is a pool sized for the peak
///   that runs nothing else
public record StaticPartition(int percent) implements Policy {
  private static final int STRIDE = 5;

  public StaticPartition {
    Settings.require(percent >= 0 && percent <= 100, "percent: need 0 to 100", percent);
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (int percent = STRIDE; percent <= 100; percent += STRIDE) {
      settings.add(new StaticPartition(percent));
    }
    return new Family("static", new StaticPartition(100), settings);
  }

  @Override
  public String name() {
    return Settings.name("static", "percent", percent);
  }

  @Override
  public Rule start(Terms terms) {
    int slots = Replicas.up(terms.slots() * percent / 100.0);
    return view -> slots;
  }
}
