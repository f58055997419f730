package io.microscale.simulator.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.microscale.simulator.policies.Engine2016Allocation.Task;
import io.microscale.simulator.policies.KnativeFormula.Desired;
import io.microscale.simulator.policies.QueueController.Gains;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Figures worked out beforehand for each formula.
class FormulasTest {
  private static final double[] QUEUE = {100, 104, 104, 100, 60, 30, 30};

  @ParameterizedTest
  @CsvSource({
    "70,300,1,70,1000, 1,5,true",
    "140,280,2,70,1000, 2,4,true",
    "10,10,10,70,1000, 5,5,false", // the down rate is the floor
    "3,3,2,1,1.1, 3,3,false", // the up rate is the ceiling
    "0,0,0,70,1000, 0,0,false",
    "0.02,0.02,1,0.001,1000, 2,2,true", // the target is at least 0.01
  })
  void knative(
      double stable,
      double panic,
      int ready,
      double target,
      double upRate,
      int ds,
      int dp,
      boolean over) {
    assertThat(KnativeFormula.desired(stable, panic, ready, target, upRate, 2))
        .isEqualTo(new Desired(ds, dp, over));
  }

  private static int[] deltas(Gains gains) {
    var controller = new QueueController(50, gains);
    return Arrays.stream(QUEUE).mapToInt(controller::delta).toArray();
  }

  @Test
  void queueController() {
    assertThat(deltas(Gains.DEFAULT)).containsExactly(2, 7, 2, -3, -50, -38, -1);
    assertThat(deltas(Gains.DEMONSTRATION)).containsExactly(1, 2, 1, 1, -3, -3, 0);
  }

  @ParameterizedTest
  @CsvSource({"51,1", "50,0", "35,0", "34,-1", "0,-1"})
  void simpleQueue(double queue, int delta) {
    assertThat(QueueController.simpleDelta(queue, 50)).isEqualTo(delta);
  }

  @Test
  void sumOfErrorsBeginsAtTheLength() {
    // Errors 50, 54, 54, 50, 10, -20, -20: the sum begins at the first below 0.
    assertThat(deltas(new Gains(0, 0.1, 0))).containsExactly(0, 0, 0, 0, 0, -2, -4);
  }

  @Test
  void engineFreesFirstAndTakesOnALaterTick() {
    var web = new Task(1, 10, 10, false, 2);
    var batch = new Task(1, 10, 10, true, 8);
    var allocation = new Engine2016Allocation(10, List.of(web, batch));
    web.observe(2, 3, false, false);
    batch.observe(8, 10, false, false);
    allocation.tick();
    assertThat(web.requested()).isEqualTo(2);
    assertThat(batch.requested()).isEqualTo(5);
    batch.observe(5, 10, false, false);
    allocation.tick();
    assertThat(web.requested()).isEqualTo(5);
    assertThat(batch.requested()).isEqualTo(5);
    // What starts is not decided about again.
    web.observe(2, 5, false, false);
    allocation.tick();
    assertThat(web.requested()).isEqualTo(5);
    assertThat(batch.requested()).isEqualTo(5);
  }

  @Test
  void engineGivesBackOnlyWhenTheTargetIsExceeded() {
    var web = new Task(1, 10, 3, false, 6);
    var batch = new Task(0, 10, 10, true, 4);
    var allocation = new Engine2016Allocation(10, List.of(web, batch));
    web.observe(6, -5, true, false);
    batch.observe(4, 10, false, false);
    allocation.tick();
    assertThat(web.requested()).isEqualTo(6);
    web.observe(6, -5, true, true);
    allocation.tick();
    assertThat(web.requested()).as("at most three a tick").isEqualTo(3);
    assertThat(batch.requested()).as("the rest goes to the remainder").isEqualTo(7);
    web.observe(3, -5, true, true);
    batch.observe(7, 10, false, false);
    allocation.tick();
    assertThat(web.requested()).as("never below its minimum").isEqualTo(1);
  }

  @Test
  void engineStopsTheLowestPriorityFirstAndKeepsMinimums() {
    var web = new Task(0, 10, 10, false, 0);
    var middle = new Task(1, 5, 10, false, 5);
    var batch = new Task(2, 10, 10, true, 5);
    var allocation = new Engine2016Allocation(10, List.of(web, middle, batch));
    web.observe(0, 8, false, false);
    middle.observe(5, 0, true, false);
    batch.observe(5, 10, false, false);
    allocation.tick();
    assertThat(batch.requested()).isEqualTo(2);
    assertThat(middle.requested()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"3,80,70,4", "3,70.5,70,3", "0,2.4,1,3", "10,35,70,5"})
  void nomadTargetValue(int count, double metric, double target, int desired) {
    assertThat(NomadTargetValue.desired(count, metric, target)).isEqualTo(desired);
  }

  @ParameterizedTest
  @CsvSource({"5,20,6", "1,20,2", "5,-20,4", "1,-20,0", "10,100,20"})
  void nomadThreshold(int count, double percent, int changed) {
    assertThat(NomadThreshold.changed(count, percent)).isEqualTo(changed);
  }

  @Test
  void marathon() {
    assertThat(MarathonMultiplier.up(3, 1.5)).isEqualTo(5);
    assertThat(MarathonMultiplier.up(4, 1.5)).isEqualTo(6);
    assertThat(MarathonMultiplier.down(5, 1.5)).isEqualTo(3);
    assertThat(MarathonMultiplier.down(3, 1.5)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"2,250,70,6", "10,70,70,0", "10,50,70,0", "10,77,70,1"})
  void escalator(int nodes, double utilisation, double threshold, int delta) {
    assertThat(Escalator.delta(nodes, utilisation, threshold)).isEqualTo(delta);
  }

  @ParameterizedTest
  @CsvSource({"10,0,1,60,10", "10,60,1,60,11", "10,60,2,60,6", "0,1,1,60,1", "0,0,1,60,0"})
  void drainTime(double rate, double backlog, double perWorker, double goal, int needed) {
    assertThat(DrainTime.needed(rate, backlog, perWorker, goal)).isEqualTo(needed);
  }

  @ParameterizedTest
  @CsvSource({"10,90,60,15", "10,60,60,10", "10,50,60,10"})
  void ecsOut(int tasks, double metric, double target, int out) {
    assertThat(EcsTargetTracking.out(tasks, metric, target)).isEqualTo(out);
  }

  @ParameterizedTest
  @CsvSource({"40,10,60,36", "5,10,60,4", "40,58,60,39", "1,0,60,0"})
  void ecsIn(int tasks, double metric, double target, int in) {
    assertThat(EcsTargetTracking.in(tasks, metric, target)).isEqualTo(in);
  }

  @ParameterizedTest
  @CsvSource({"25,10,27", "3,10,4", "25,-10,23", "3,-10,2", "1,-10,0", "5,0,5"})
  void stepScaling(int replicas, int percent, int changed) {
    assertThat(StepScaling.changed(replicas, percent)).isEqualTo(changed);
  }

  @Test
  void trailingMeanIsOfTheWindowThatEndedBefore() {
    for (int window : new int[] {1, 3, 15}) {
      for (int age : new int[] {0, 1, 4, 15}) {
        var random = new SplittableRandom(window * 31L + age);
        var mean = new TrailingMean(window, age);
        var values = new double[200];
        for (int i = 0; i < values.length; i++) {
          values[i] = random.nextDouble();
          mean.add(values[i]);
          int end = i + 1 - age;
          double expected =
              Arrays.stream(values, Math.max(0, end - window), Math.max(0, end))
                  .average()
                  .orElse(0);
          assertThat(mean.value())
              .as("window %d, age %d, value %d", window, age, i)
              .isCloseTo(expected, within(1e-12));
          assertThat(mean.known()).isEqualTo(end > 0);
        }
      }
    }
  }
}
