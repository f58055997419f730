package io.microscale.simulator.policies;

import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Family;
import java.util.List;

/// All policies that can be compared.
public final class Policies {
  private Policies() {}

  /// Every family, in the order of reports: the bounds first, then rules by where they come from.
  public static List<Family> all() {
    return List.of(Family.of(new Clairvoyant()), PlainRule.family());
  }
}
