package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClairvoyantTest {
  @Test
  void holdsSlotsOneStartLatencyBeforeEachRise() {
    var demand = Demand.of("x", 0.5, 0, 0, 3.2, 0, 1);
    assertThat(Clairvoyant.needed(demand, Terms.stopping(2))).containsExactly(1, 4, 4, 4, 1, 1);
    assertThat(Clairvoyant.needed(demand, Terms.pausing())).containsExactly(1, 0, 0, 4, 0, 1);
    assertThat(Clairvoyant.batch(demand, Terms.stopping(2))).isEqualTo(600 - 15);
  }

  @Test
  void demandBeyondThePoolTakesAllOfIt() {
    assertThat(Clairvoyant.needed(Demand.of("x", 250), Terms.pausing())).containsExactly(100);
  }

  @Test
  void finiteBacklogIsDoneAsItArrives() {
    var demand = Demand.of("x", 90, 90, 100, 0);
    assertThat(Clairvoyant.batch(demand, Terms.pausing(), Backlog.of("b", 25, 0, 30)))
        .isEqualTo(10 + 10 + 0 + 35);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 30})
  void ruleReachesTheBoundWhereSwitchingCostsNothing(int startLatency) {
    var random = new SplittableRandom(startLatency);
    var demand =
        Demand.of("x", random.ints(500, 0, 100).mapToDouble(i -> i % 7 == 0 ? 0 : i).toArray());
    var free = new Terms(100, startLatency, false, 0, 0);
    var score = StandardRun.run(new Clairvoyant(), demand, free);
    assertThat(score.unservedPercent()).isZero();
    assertThat(score.batchDone()).isEqualTo(score.clairvoyantBatch());
    var paying = StandardRun.run(new Clairvoyant(), demand, Terms.stopping(startLatency));
    assertThat(paying.batchDone()).isLessThan(score.batchDone());
  }

  @Test
  void needsTheFuture() {
    assertThatThrownBy(() -> new Clairvoyant().start(Terms.pausing()))
        .hasMessage("clairvoyant: need the demand to come");
  }
}
