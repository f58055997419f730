package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CandidatesTest {
  private static final int MOST = 100;

  /// 0.3 and 17.7 scales, the shortest and the longest reach, above a prediction of 10.
  private static final int LEAST = 11;

  private static final int GREATEST = 28;

  private static LearnedHeadroom.Terms terms(int horizon, double lost) {
    return new LearnedHeadroom.Terms(horizon, lost, lost, 0.001);
  }

  private static Parts keeping(double kept) {
    return new Parts(true, true, true, true, true, 1, 120, kept);
  }

  private int step;
  private double risk = 0.001;

  /// Steps in which 10 is predicted, give or take 1, and the best candidate is claimed.
  private int after(Candidates candidates, int steps, int most, IntToDoubleFunction demand) {
    int claim = 0;
    for (int i = 0; i < steps; i++) {
      step++;
      candidates.judge(step, demand.applyAsDouble(step));
      candidates.claim(step, 10, 10, new double[] {1}, most);
      claim = candidates.best(risk);
      candidates.claimed(step, claim);
    }
    return claim;
  }

  private static Candidates of(int horizon, double lost, double kept) {
    return new Candidates(terms(horizon, lost), keeping(kept), 1, 20);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 30, 128})
  void cheapestThatKeptTheRiskIsTaken(int horizon) {
    assertThat(after(of(horizon, 0, 0.9999), 500, MOST, t -> t % 5 == 0 ? 14 : 9)).isEqualTo(14);
    assertThat(after(of(horizon, 0, 0.9999), 500, MOST, _ -> 9)).isEqualTo(LEAST);
  }

  @Test
  void higherRiskIsCheaper() {
    // Of 50 in five steps 3 are above 11.
    risk = 0.1;
    assertThat(after(of(1, 0, 0.9999), 500, MOST, t -> t % 5 == 0 ? 14 : 9)).isEqualTo(LEAST);
    risk = 0.01;
    assertThat(after(of(1, 0, 0.9999), 500, MOST, t -> t % 5 == 0 ? 14 : 9)).isEqualTo(14);
  }

  @Test
  void safestIsTakenWhereNoneKeptTheRisk() {
    assertThat(after(of(1, 0, 0.9999), 500, MOST, _ -> 60)).isEqualTo(GREATEST);
    assertThat(after(of(1, 0, 0.9999), 500, 25, _ -> 60)).as("within most").isEqualTo(25);
  }

  /// Half a replica in 500 steps is within the risk, but not after what was really claimed.
  @ParameterizedTest
  @ValueSource(ints = {LEAST, 5})
  void whatWasLeftUnservedIsMadeUpFor(int claimed) {
    var candidates = of(1, 0, 0.9999);
    for (step = 1; step <= 500; step++) {
      candidates.judge(step, step == 450 ? LEAST + 0.5 : 10);
      candidates.claim(step, 10, 10, new double[] {1}, MOST);
      candidates.claimed(step, claimed);
    }
    assertThat(candidates.best(risk)).isEqualTo(claimed == LEAST ? LEAST : LEAST + 1);
  }

  @Test
  void worstRushIsFearedOnceMore() {
    risk = 0.003;
    // One rush of 10 above 11 in 500 steps of 10: a fifth of a percent.
    IntToDoubleFunction demand = t -> t == 200 ? 21 : 10;
    assertThat(after(of(1, 0, 1), 500, MOST, demand)).isGreaterThan(LEAST);
    step = 0;
    var fearless =
        new Candidates(terms(1, 0), new Parts(true, true, true, false, false, 1, 120, 1), 1, 20);
    assertThat(after(fearless, 500, MOST, demand)).isEqualTo(LEAST);
  }

  /// A claim of 31 from step 50 on, and a demand of 30 in one step.
  private static int afterARise(int horizon, int risen) {
    var candidates = of(horizon, 0, 1);
    for (int step = 1; step < 50 + 2 * horizon + 5; step++) {
      candidates.judge(step, step == risen ? 30 : 10);
      candidates.claim(step, step < 50 ? 10 : 30, 10, new double[] {1}, MOST);
      candidates.claimed(step, 40);
    }
    return candidates.best(0.001);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 8})
  void whatIsClaimedIsReadyAfterTheHorizon(int horizon) {
    assertThat(afterARise(horizon, 50 + horizon + 1)).isEqualTo(31);
    assertThat(afterARise(horizon, 50 + horizon)).as("a step early").isGreaterThan(40);
  }

  @Test
  void costsOfLongAgoDoNotCount() {
    var candidates = new Candidates(terms(1, 0), keeping(0.5), 2, 20);
    for (int step = 1; step <= 450; step++) {
      candidates.judge(step, 10);
      // One scale is smaller at first, then the other.
      var scales = step <= 400 ? new double[] {1, 5} : new double[] {5, 1};
      candidates.claim(step, 10, 10, scales, MOST);
      candidates.claimed(step, LEAST);
    }
    assertThat(candidates.best(risk)).isEqualTo(LEAST);
  }

  /// Sums are made smaller now and then, here after 333 steps; nobody sees it.
  @Test
  void oldSumsFadeWithoutASeam() {
    var candidates = of(1, 5, 0.5);
    int before = after(candidates, 100, MOST, t -> t % 2 == 0 ? 14 : 9);
    for (int i = 0; i < 2_000; i += 2) {
      assertThat(after(candidates, 2, MOST, t -> t % 2 == 0 ? 14 : 9)).isEqualTo(before);
    }
    assertThat(after(candidates, 100, MOST, _ -> 9)).as("forgotten").isEqualTo(LEAST);
  }

  @Test
  void copyGoesItsOwnWay() {
    var candidates = of(5, 5, 0.99);
    after(candidates, 300, MOST, t -> t % 7);
    int now = step;
    var copy = candidates.copy();
    after(copy, 200, MOST, _ -> 60);
    step = now;
    var other = of(5, 5, 0.99);
    step = 0;
    after(other, 300, MOST, t -> t % 7);
    for (int i = 0; i < 200; i++) {
      int begin = step;
      int claim = after(other, 1, MOST, t -> t % 20);
      step = begin;
      assertThat(after(candidates, 1, MOST, t -> t % 20)).as("step %d", step).isEqualTo(claim);
    }
  }

  @Test
  void timeThatPaysIsWhatAStopAndAStartCost() {
    assertThat(Candidates.stepsThatPay(terms(1, 0))).isZero();
    assertThat(Candidates.stepsThatPay(terms(1, 2.6))).isEqualTo(6);
  }
}
