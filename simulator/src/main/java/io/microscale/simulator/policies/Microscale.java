package io.microscale.simulator.policies;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.scaling.Claimant;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.Outlook;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import io.microscale.simulator.standard.View;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;

/// This product: what [Claimant] claims for a service with learned headroom, as in every pass of a
/// running engine. What it needs to know it learns during the run, which begins with a service that
/// holds the whole pool.
///
/// @param risk the part of the demand that may find no replica ready
public record Microscale(double risk) implements Policy {
  /// The name of the family.
  public static final String NAME = "microscale";

  private static final double[] RISKS = {0.0001, 0.0003, 0.001, 0.003};

  public Microscale {
    Settings.require(risk > 0 && risk <= 0.1, "risk: need above 0, at most 0.1", risk);
  }

  /// At the risk that the standard run allows.
  public Microscale() {
    this(Headroom.Learned.DEFAULT.risk());
  }

  static Family family() {
    var settings = new ArrayList<Policy>();
    for (double risk : RISKS) {
      settings.add(new Microscale(risk));
    }
    return new Family(NAME, new Microscale(), settings);
  }

  @Override
  public String name() {
    return Settings.name(NAME, "risk", BigDecimal.valueOf(risk).toPlainString());
  }

  @Override
  public Rule start(Terms terms) {
    return new Claims(terms, new Headroom.Learned(risk));
  }

  private static final class Claims implements Rule {
    private final ServiceSpec spec;
    private final Outlook outlook;
    private Claimant.Memory memory = Claimant.Memory.NONE;

    Claims(Terms terms, Headroom.Learned headroom) {
      spec =
          ServiceSpec.named("web")
              .replicas(0, terms.slots())
              .scaling(new ScalingPolicy.RawReplicas())
              .headroom(headroom)
              .build();
      outlook =
          new Outlook(
              Duration.ofSeconds(terms.startLatency()),
              seconds(terms.stopLoses()),
              seconds(terms.batchStartCosts()));
    }

    private static Duration seconds(double seconds) {
      return Duration.ofNanos(Math.round(seconds * 1e9));
    }

    @Override
    public int wanted(View view) {
      var now = Instant.EPOCH.plusSeconds(view.step());
      Optional<Reading> reading =
          view.step() == 0
              ? Optional.empty()
              : Optional.of(new Reading.Value(view.seen(), now.minusSeconds(1)));
      var result = Claimant.claim(spec, memory, reading, outlook, view.ready(), view.slots(), now);
      memory = result.memory();
      return result.claim().replicas();
    }
  }
}
