package io.microscale.core.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RegressionTest {
  private final SplittableRandom random = new SplittableRandom(7);
  private final Regression regression = new Regression(3, 100);

  private double[] known() {
    return new double[] {random.nextDouble(-5, 5), random.nextDouble(-5, 5), 1};
  }

  private static double rule(double[] known, double a, double b, double c) {
    return a * known[0] + b * known[1] + c * known[2];
  }

  private void learn(int times, double a, double b, double c) {
    for (int i = 0; i < times; i++) {
      var known = known();
      regression.learn(known, rule(known, a, b, c));
    }
  }

  private void assertPredicts(double a, double b, double c, double tolerance) {
    for (int i = 0; i < 20; i++) {
      var known = known();
      assertThat(regression.of(known)).isCloseTo(rule(known, a, b, c), within(tolerance));
    }
  }

  @Test
  void nothingLearnedPredictsNothing() {
    assertPredicts(0, 0, 0, 0);
  }

  @Test
  void linearRuleIsFound() {
    learn(500, 2, -3, 7);
    assertPredicts(2, -3, 7, 1e-3);
  }

  @Test
  void changedRuleIsFollowed() {
    learn(5_000, 2, -3, 7);
    learn(30_000, -1, 4, 0);
    assertPredicts(-1, 4, 0, 0.1);
  }

  /// What does not vary tells nothing about the rule, however long it lasts, and harms nothing.
  @Test
  void constantInputHarmsNothing() {
    learn(2_000, 2, -3, 7);
    var always = new double[] {3, 0, 1};
    // So long that what is not seen would have grown beyond all numbers.
    for (int i = 0; i < 4_000_000; i++) {
      regression.learn(always, 13);
    }
    assertThat(regression.of(always)).isCloseTo(13, within(1e-6));
    learn(2_000, 2, -3, 7);
    assertPredicts(2, -3, 7, 1e-2);
  }

  @Test
  void predictionsStayFiniteForEveryMagnitude() {
    for (int i = 0; i < 20_000; i++) {
      var known =
          new double[] {
            Math.pow(10, random.nextInt(-12, 9)), Math.pow(10, random.nextInt(-12, 9)), 1
          };
      regression.learn(known, Math.pow(10, random.nextInt(-12, 9)));
      assertThat(regression.of(known)).as("step %d", i).isFinite();
    }
  }

  @Test
  void copyGoesItsOwnWay() {
    learn(500, 2, -3, 7);
    var copy = regression.copy();
    var asked = known();
    double before = regression.of(asked);
    for (int i = 0; i < 500; i++) {
      var known = known();
      copy.learn(known, rule(known, -1, 4, 0));
    }
    assertThat(regression.of(asked)).isEqualTo(before);
    assertThat(copy.of(asked)).isNotCloseTo(before, within(0.1));
    // The original goes on as if there were no copy.
    learn(500, 2, -3, 7);
    assertPredicts(2, -3, 7, 1e-3);
  }
}
