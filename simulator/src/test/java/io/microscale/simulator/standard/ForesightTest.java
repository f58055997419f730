package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ForesightTest {
  private static final long FIRST_SEED = Long.getLong("seed", 1);

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + 100);
  }

  @Test
  void fillsTheGapsThatDoNotPay() {
    int[] levels = {0, 2, 0, 0, 3, 0, 0, 0, 1, 0};
    assertThat(Foresight.closed(levels, 0)).containsExactly(levels);
    assertThat(Foresight.closed(levels, 2)).containsExactly(0, 2, 2, 2, 3, 0, 0, 0, 1, 0);
    assertThat(Foresight.closed(levels, 3)).containsExactly(0, 2, 2, 2, 3, 1, 1, 1, 1, 0);
  }

  /// With one slot every schedule can be tried.
  @ParameterizedTest
  @MethodSource("seeds")
  void noScheduleThatServesAllDoesMore(long seed) {
    var random = new SplittableRandom(seed);
    // Busy at both ends: nothing had to be stopped before, and nothing is gained by a start after.
    var values = new double[12];
    Arrays.setAll(values, step -> step % 11 == 0 || random.nextInt(3) == 0 ? 1 : 0);
    var demand = Demand.of("x", values);
    var terms = new Terms(1, random.nextInt(3), false, random.nextInt(4), random.nextInt(3));
    var best = Double.NEGATIVE_INFINITY;
    for (int held = 0; held < 1 << values.length; held++) {
      int schedule = held;
      var score = StandardRun.run(scripted(schedule), demand, terms);
      if (score.violationSeconds() == 0) {
        best = Math.max(best, score.batchDone());
      }
    }
    var score = StandardRun.run(new Foresight(), demand, terms);
    assertThat(score.violationSeconds()).isZero();
    assertThat(score.batchDone()).isEqualTo(best);
  }

  private static Policy scripted(int schedule) {
    return new Policy() {
      @Override
      public String name() {
        return "schedule";
      }

      @Override
      public Rule start(Terms terms) {
        return view -> schedule >> view.step() & 1;
      }
    };
  }

  @Test
  void needsTheFuture() {
    assertThatThrownBy(() -> new Foresight().start(Terms.pausing()))
        .hasMessage("foresight: need the demand to come");
  }
}
