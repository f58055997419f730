package io.microscale.simulator.comparison;

import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.Arrays;
import java.util.List;

/// Holds so many slots all the time: what it scores can be worked out by hand.
record Fixed(int slots) implements Policy {
  /// A family of fixed numbers of slots; the first is the usual one.
  static Family family(int... slots) {
    List<Policy> settings = Arrays.stream(slots).<Policy>mapToObj(Fixed::new).toList();
    return new Family("fixed", settings.getFirst(), settings);
  }

  @Override
  public String name() {
    return "fixed(slots=%d)".formatted(slots);
  }

  @Override
  public Rule start(Terms terms) {
    return _ -> slots;
  }
}
