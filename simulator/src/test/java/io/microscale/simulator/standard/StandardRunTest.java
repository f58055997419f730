package io.microscale.simulator.standard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// Runs whose every figure is worked out by hand.
class StandardRunTest {
  private static Policy policy(Supplier<Rule> rules) {
    return new Policy() {
      @Override
      public String name() {
        return "test";
      }

      @Override
      public Rule start(Terms terms) {
        return rules.get();
      }
    };
  }

  /// Wants what is written down for each step.
  private static Policy script(int... wanted) {
    return policy(() -> view -> wanted[view.step()]);
  }

  @Test
  void stopsLoseAndStartsCost() {
    var terms = new Terms(10, 1, false, 5, 1);
    var demand = Demand.of("x", 2, 3, 5, 5, 1);
    var steps = new ArrayList<Step>();
    var score = StandardRun.run(script(2, 5, 5, 4, 1), demand, terms, steps::add);
    assertThat(steps)
        .containsExactly(
            // What is wanted at step 0 serves from the beginning, and nothing was stopped for it.
            new Step(0, 2, 2, 0, 0, 8, 0, 0, 8),
            // Three are asked for: three batch replicas stop, and lose 15.
            new Step(1, 3, 2, 3, 0, 5, 0, 1, 5 - 15),
            new Step(2, 5, 5, 0, 0, 5, 0, 0, 5),
            // One goes back: a batch replica starts, which costs its first second.
            new Step(3, 5, 4, 0, 0, 6, 0, 1, 5),
            new Step(4, 1, 1, 0, 0, 9, 0, 0, 6));
    assertThat(score.unservedPercent()).isCloseTo(100 * 2 / 16.0, within(1e-12));
    assertThat(score.violationSeconds()).isEqualTo(2);
    assertThat(score.batchDone()).isEqualTo(8 - 10 + 5 + 5 + 6);
    assertThat(score.batchLostSeconds()).isEqualTo(15);
    // Three slots of the service and four of batch work, in five seconds.
    assertThat(score.startsPerHour()).isCloseTo(7 * 720.0, within(1e-9));
    // a = 3, 5, 5, 5, 1 for L = 1.
    assertThat(score.clairvoyantBatch()).isEqualTo(7 + 5 + 5 + 5 + 9);
    assertThat(score.batchOfClairvoyantPercent()).isCloseTo(100 * 14 / 31.0, within(1e-12));
    assertThat(score.usefulUtilisationPercent()).isCloseTo(100 * (14 + 14) / 50.0, within(1e-12));
  }

  @Test
  void pauseLosesNothingAndKeepsStandbys() {
    var terms = new Terms(10, 0, true, 0, 0);
    var steps = new ArrayList<Step>();
    var score = StandardRun.run(script(2, 5, 1), Demand.of("x", 2, 5.5, 1), terms, steps::add);
    assertThat(steps)
        .containsExactly(
            new Step(0, 2, 2, 0, 8, 8, 2, 0, 8),
            new Step(1, 5.5, 5, 0, 5, 5, 5, 0.5, 5),
            new Step(2, 1, 1, 0, 9, 9, 1, 0, 9));
    assertThat(score.batchLostSeconds()).isZero();
    assertThat(score.clairvoyantBatch()).isEqualTo(8 + 4 + 9);
  }

  @Test
  void ruleSeesOneStepLate() {
    var demand = Demand.of("x", 4, 7, 2, 9);
    var seen = new ArrayList<String>();
    StandardRun.run(
        policy(
            () ->
                view -> {
                  seen.add(
                      "%s %s %d %d"
                          .formatted(view.seen(), view.served(), view.ready(), view.starting()));
                  return 3 + 2 * view.step();
                }),
        demand,
        Terms.stopping(2));
    assertThat(seen).containsExactly("0.0 0.0 0 0", "4.0 3.0 3 0", "7.0 3.0 3 2", "2.0 2.0 5 2");
  }

  @Test
  void wantIsCutToThePool() {
    var steps = new ArrayList<Step>();
    StandardRun.run(script(-5, 5000), Demand.of("x", 1, 1), Terms.pausing(), steps::add);
    assertThat(steps).extracting(Step::ready).containsExactly(0, 100);
  }

  @Test
  void batchThatLosesMoreThanItDoesScoresZero() {
    var terms = new Terms(10, 0, false, 5, 1);
    var score = StandardRun.run(script(0, 10, 0, 10), Demand.of("x", 0, 0, 0, 0), terms);
    assertThat(score.batchDone()).isEqualTo(10 - 50 + 0 - 50);
    assertThat(score.batchOfClairvoyantPercent()).isZero();
    assertThat(score.usefulUtilisationPercent()).isZero();
    assertThat(score.unservedPercent()).isZero();
  }

  @Test
  void finiteBacklogLeavesSlotsIdleAndDoesLostWorkAgain() {
    var terms = new Terms(10, 0, false, 2, 0);
    var steps = new ArrayList<Step>();
    var backlog = Backlog.of("jobs", 5, 0, 0, 4.5);
    var score =
        StandardRun.run(
            script(6, 8, 0, 0, 0, 0), Demand.of("x", 6, 8, 0, 0, 0, 0), terms, backlog, steps::add);
    assertThat(steps)
        .extracting(Step::batchRunning, Step::batchDone)
        .containsExactly(
            tuple(4, 4.0), // 1 left, so three of the four end
            tuple(1, 1.0), // room for two: nothing is stopped
            tuple(0, 0.0),
            tuple(5, 4.5),
            tuple(0, 0.0),
            tuple(0, 0.0));
    assertThat(score.batchDone()).isEqualTo(9.5);
    assertThat(score.clairvoyantBatch()).isEqualTo(9.5);
    assertThat(score.batchOfClairvoyantPercent()).isEqualTo(100);
    assertThat(score.batchLostSeconds()).isZero();

    var stopped =
        StandardRun.run(
            script(0, 8, 0, 0), Demand.of("x", 0, 0, 0, 0), terms, Backlog.of("jobs", 20), s -> {});
    // 10 done, then 8 of 10 stop and lose 16; 2 done; 24 are left, of which 20 fit.
    assertThat(stopped.batchLostSeconds()).isEqualTo(16);
    assertThat(stopped.batchDone()).isEqualTo(10 + 2 - 16 + 20);
    assertThat(stopped.clairvoyantBatch()).isEqualTo(20);
  }

  @Test
  void policyMayStartMoreSlowlyThanThePool() {
    var slow =
        new Policy() {
          @Override
          public String name() {
            return "slow";
          }

          @Override
          public Rule start(Terms terms) {
            return view -> view.step();
          }

          @Override
          public int startLatency(Terms terms) {
            return 3;
          }
        };
    var steps = new ArrayList<Step>();
    StandardRun.run(slow, Demand.of("x", 0, 0, 0, 0, 0, 0), Terms.stopping(1), steps::add);
    assertThat(steps).extracting(Step::ready).containsExactly(0, 0, 0, 0, 1, 2);
    assertThat(steps).extracting(Step::starting).containsExactly(0, 1, 2, 3, 3, 3);
  }

  @Test
  void termsAreValidatedAndNamed() {
    assertThat(Terms.stopping(30).name()).isEqualTo("L=30");
    assertThat(Terms.pausing().name()).isEqualTo("pause");
    assertThatThrownBy(() -> new Terms(0, 1, false, 5, 1))
        .hasMessage("slots: need 1 to 1000000, got 0");
    assertThatThrownBy(() -> new Terms(1, -1, false, 5, 1))
        .hasMessage("startLatency: need 0 to 86400 steps, got -1");
    assertThatThrownBy(() -> new Terms(1, 1, true, 5, 1))
        .hasMessage("startLatency: need 0 where room is made by pausing, got 1");
    assertThatThrownBy(() -> new Terms(1, 1, false, Double.NaN, 1))
        .hasMessage("stopLoses: need a finite number >= 0, got NaN");
  }

  @Test
  void familyHoldsItsUsualSettingAndTellsSettingsApart() {
    var first = script(1);
    var second = script(2);
    assertThatThrownBy(() -> new Family("f", first, List.of()))
        .hasMessage("f: need the usual setting among all, got test");
    assertThatThrownBy(() -> new Family("f", first, List.of(first, second)))
        .hasMessage("f: need settings with different names, got 1 names for 2");
    assertThat(Family.of(first).settings()).containsExactly(first);
  }
}
