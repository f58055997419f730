package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/// What a person set by hand for a service; it lies over what its source says.
///
/// @param demand replaces the readings, in their unit
/// @param spike is added to the demand until `spikeUntil`
/// @param suspended claims nothing, not even its min
public record ManualOverride(
    OptionalDouble demand, double spike, Instant spikeUntil, boolean suspended) {
  public static final ManualOverride NONE =
      new ManualOverride(OptionalDouble.empty(), 0, Instant.EPOCH, false);

  public ManualOverride {
    demand.ifPresent(value -> requireAmount("demand", value));
    requireAmount("spike", spike);
  }

  private static void requireAmount(String name, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "%s: need a finite number >= 0, got %s".formatted(name, value));
    }
  }

  public ManualOverride withDemand(OptionalDouble value) {
    return new ManualOverride(value, spike, spikeUntil, suspended);
  }

  public ManualOverride withSpike(double amount, Instant until) {
    return new ManualOverride(demand, amount, until, suspended);
  }

  public ManualOverride withSuspended(boolean value) {
    return new ManualOverride(demand, spike, spikeUntil, value);
  }

  /// What the service is to follow: the reading with what was set by hand laid over it. A value set
  /// by hand is always fresh.
  Optional<Reading> over(Optional<Reading> reading, Instant now) {
    var base =
        demand.isPresent()
            ? Optional.<Reading>of(new Reading.Value(demand.getAsDouble(), now))
            : reading;
    if (spike == 0 || !now.isBefore(spikeUntil)) {
      return base;
    }
    return base.map(
        r ->
            r instanceof Reading.Value(double value, Instant at)
                ? Reading.of(value + spike, at)
                : r);
  }
}
