package io.microscale.simulator.policies;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HpaTest {
  @ParameterizedTest
  @CsvSource({"3,20,5,4", "100,107,1,100", "4,43,10,4", "4,45,10,5", "4,35,10,4", "4,0,10,0"})
  void averageValueIsTheMetricPerReplica(int replicas, double value, double target, int wanted) {
    assertThat(HpaFormula.averageValue(replicas, value, target)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({"3,3,20,5,12", "50,50,90,75,60", "0,0,7,2,4", "5,5,10.9,10,5", "6,4,20,10,8"})
  void valueMultipliesTheReadyReplicas(
      int replicas, int ready, double value, double target, int wanted) {
    assertThat(HpaFormula.value(replicas, ready, value, target)).isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 270, 3, 0, 0, 6", // 90 % of 50 %
    "4, 270, 3, 0, 1, 6", // the one that is not ready counts as idle: 67 % of four
    "4, 210, 3, 0, 1, 4", // up to 70 %, but 52 % with the one that is not ready: within a tenth
    "4, 171, 3, 0, 1, 4", // up to 57 %, but 42 % with it: the other side of the target
    "4, 60, 3, 1, 0, 4", // the one without a measurement counts as busy: 40 % of four
    "3, 150, 3, 0, 0, 3", // at the target
    "3, 164, 3, 0, 0, 3", // 54 %: within a tenth
    "3, 60, 3, 0, 1, 2", // going down, those that are not ready do not count
    "4, 159, 3, 0, 1, 4", // 53 % would be up, but counted as idle it would be down: no change
    "3, 90, 0, 0, 3, 3", // nothing is measured
  })
  void utilisationFillsInWhatIsNotMeasured(
      int replicas, double usage, int measured, int missing, int unready, int wanted) {
    assertThat(HpaFormula.utilisation(replicas, usage, measured, missing, unready, 50))
        .isEqualTo(wanted);
  }

  @ParameterizedTest
  @CsvSource({"1,5", "3,7", "4,8", "10,20"})
  void upByFourOrTwofoldInAPeriod(int replicas, int most) {
    assertThat(new HpaBehaviour(0, 0).decide(15, replicas, 1000, 1, 1000)).isEqualTo(most);
  }

  @Test
  void whatWasAddedInThePeriodCounts() {
    var behaviour = new HpaBehaviour(0, 0);
    assertThat(behaviour.decide(15, 4, 8, 1, 100)).isEqualTo(8);
    assertThat(behaviour.decide(20, 8, 100, 1, 100)).as("same period").isEqualTo(8);
    assertThat(behaviour.decide(30, 8, 100, 1, 100)).as("next period").isEqualTo(16);
  }

  @Test
  void whatWasTakenInThePeriodMayComeBack() {
    var behaviour = new HpaBehaviour(0, 0);
    assertThat(behaviour.decide(15, 20, 2, 1, 100)).isEqualTo(2);
    assertThat(behaviour.decide(20, 2, 100, 1, 100)).isEqualTo(40);
  }

  private static int last(HpaBehaviour behaviour, int replicas, int... wants) {
    int now = 0;
    int next = replicas;
    for (int want : wants) {
      now += 15;
      next = behaviour.decide(now, replicas, want, 1, 100);
    }
    return next;
  }

  @Test
  void downToTheMostOfTheWindow() {
    assertThat(last(new HpaBehaviour(0, 150), 10, 10, 9, 8, 9, 9, 8, 9, 8, 9, 8)).isEqualTo(10);
    assertThat(last(new HpaBehaviour(0, 150), 10, 9, 8, 9, 9, 8, 9, 8, 9, 8, 7)).isEqualTo(9);
    assertThat(last(new HpaBehaviour(0, 135), 10, 10, 9, 8, 9, 9, 8, 9, 8, 9, 8))
        .as("the ten is too old")
        .isEqualTo(9);
  }

  @Test
  void upToTheLeastOfTheWindow() {
    assertThat(last(new HpaBehaviour(90, 0), 2, 2, 3, 19, 10, 3, 4)).isEqualTo(2);
    assertThat(last(new HpaBehaviour(90, 0), 2, 3, 19, 10, 3, 4, 7)).isEqualTo(3);
  }

  @Test
  void staysWithinItsBounds() {
    assertThat(new HpaBehaviour(0, 0).decide(15, 10, 0, 3, 100)).isEqualTo(3);
    assertThat(new HpaBehaviour(0, 0).decide(15, 60, 90, 1, 80)).isEqualTo(80);
  }
}
