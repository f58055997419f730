package io.microscale.simulator.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.Rule;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// On a pool of 100 slots that pauses, a demand of `d` and `n >= d` slots held all the time give
/// `(100 - n) / (100 - d)` of the clairvoyant's batch work, and nothing unserved.
class ComparisonTest {
  private static final Terms PAUSE = Terms.pausing();

  @Test
  void everyPolicyRunsOnEveryTraceUnderAllTerms() throws InterruptedException {
    var standings =
        new Comparison(
                List.of(Fixed.family(40, 60), Family.of(new Fixed(30))),
                List.of(constant("a", 20), constant("b", 30)),
                List.of(PAUSE, Terms.stopping(1)))
            .run(2, Progress.NONE);
    assertThat(standings)
        .extracting(standing -> standing.family().name() + " " + standing.terms().name())
        .containsExactly(
            "fixed pause", "fixed(slots=30) pause", "fixed L=1", "fixed(slots=30) L=1");
    var cells = standings.getFirst().tried().getLast().cells();
    assertThat(cells).extracting(cell -> cell.policy().name()).containsOnly("fixed(slots=60)");
    assertThat(cells)
        .extracting(cell -> cell.score().batchOfClairvoyantPercent())
        .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : Double.compare(a, b))
        .containsExactly(100 * 40 / 80.0, 100 * 40 / 70.0);
  }

  @Test
  void aChoiceTellsItsMeanAndItsWorst() throws InterruptedException {
    var usual =
        run(Fixed.family(30, 60), constant("a", 20), constant("b", 30), constant("c", 40)).usual();
    assertThat(usual.setting()).contains("fixed(slots=30)");
    assertThat(usual.worstBatch()).isCloseTo(100 * 70 / 80.0, within(1e-9));
    assertThat(usual.worstUnserved()).isCloseTo(25, within(1e-9));
    assertThat(usual.isSafe()).isFalse();
    assertThat(usual.mean(score -> score.violationSeconds())).isCloseTo(100 / 3.0, within(1e-9));
  }

  @Test
  void theSearchedSettingIsSafeEverywhereAndGivesTheMostBatch() throws InterruptedException {
    var standing = run(Fixed.family(90, 40, 30, 50), constant("a", 20), constant("b", 40));
    assertThat(standing.searched().setting()).contains("fixed(slots=40)");
    assertThat(standing.searched().isSafe()).isTrue();
    assertThat(standing.searched().meanBatch())
        .isCloseTo((100 * 60 / 80.0 + 100) / 2, within(1e-9));
  }

  @Test
  void theLimitItselfIsSafe() throws InterruptedException {
    // 1 of 1000 replica-seconds is unserved; then 2.
    var once = Demand.of("once", steps(1000, 1));
    assertThat(run(Fixed.family(0), once).searched().worstUnserved()).isEqualTo(100);
    var limit = steps(999, 1);
    limit[5] = 2;
    assertThat(run(Fixed.family(1), Demand.of("limit", limit)).searched().isSafe()).isTrue();
    limit[6] = 2;
    assertThat(run(Fixed.family(1), Demand.of("more", limit)).searched().isSafe()).isFalse();
  }

  @Test
  void whereNoneIsSafeTheLeastUnservedIsChosen() throws InterruptedException {
    var standing = run(Fixed.family(10, 35, 20), constant("a", 20), constant("b", 40));
    assertThat(standing.searched().setting()).contains("fixed(slots=35)");
    assertThat(standing.searched().isSafe()).isFalse();
  }

  @Test
  void ofEqualSettingsTheFirstIsChosen() throws InterruptedException {
    var twice =
        new Family("twice", new Named("second", 40), List.of(named("first"), named("second")));
    assertThat(run(twice, constant("a", 20)).searched().setting()).contains("first");
  }

  @Test
  void withHindsightEachTraceHasItsOwnSetting() throws InterruptedException {
    var hindsight = run(Fixed.family(90, 20, 40), constant("a", 20), constant("b", 40)).hindsight();
    assertThat(names(hindsight)).containsExactly("fixed(slots=20)", "fixed(slots=40)");
    assertThat(hindsight.setting()).isEmpty();
    assertThat(hindsight.worstBatch()).isCloseTo(100, within(1e-9));
  }

  /// 20 slots are the best on the first two traces and miss half of the third.
  @Test
  void leftOutTheTrapIsWalkedInto() throws InterruptedException {
    var standing =
        run(Fixed.family(20, 40), constant("a", 20), constant("b", 20), constant("trap", 40));
    assertThat(standing.searched().isSafe()).isTrue();
    var leftOut = standing.leaveOneOut().orElseThrow();
    assertThat(names(leftOut))
        .containsExactly("fixed(slots=40)", "fixed(slots=40)", "fixed(slots=20)");
    assertThat(leftOut.isSafe()).isFalse();
    assertThat(leftOut.worstUnserved()).isCloseTo(50, within(1e-9));
  }

  @Test
  void oneTraceCannotBeLeftOut() throws InterruptedException {
    var standing = run(Fixed.family(20), constant("a", 20));
    assertThat(standing.leaveOneOut()).isEmpty();
    assertThat(standing.chosen(List.of(Choice.Way.values())))
        .containsOnlyKeys(Choice.Way.USUAL, Choice.Way.SEARCHED, Choice.Way.HINDSIGHT);
  }

  @Test
  void finiteWorkIsAsMuchAsTheClairvoyantHasRoomFor() throws InterruptedException {
    // 20 of 100 slots in use: room for 8,000 slot-seconds in 100 s.
    var trace = constant("a", 20);
    var early =
        new Comparison(
            List.of(Fixed.family(60)), List.of(trace), List.of(PAUSE), Backlog.of("early", 1, 0));
    assertThat(early.backlog(trace, PAUSE).total()).isCloseTo(8_000, within(1e-6));
    assertThat(batch(early)).isCloseTo(50, within(1e-9));
    // All of it comes with the last step: nobody can do more than one second of it.
    var late = new double[100];
    late[99] = 1;
    var last =
        new Comparison(
            List.of(Fixed.family(60)), List.of(trace), List.of(PAUSE), Backlog.of("late", late));
    assertThat(batch(last)).isCloseTo(100 * 40 / 80.0, within(1e-9));
    assertThat(last.run(1, Progress.NONE).getFirst().usual().cells().getFirst().score().batchDone())
        .isCloseTo(40, within(1e-9));
  }

  private static double batch(Comparison comparison) throws InterruptedException {
    return comparison.run(1, Progress.NONE).getFirst().usual().meanBatch();
  }

  @Test
  void threadsChangeNothing() throws InterruptedException {
    var slots = new int[60];
    Arrays.setAll(slots, i -> i);
    var comparison =
        new Comparison(
            List.of(Fixed.family(slots)),
            List.of(constant("a", 20), constant("b", 30)),
            List.of(PAUSE, Terms.stopping(5)));
    assertThat(comparison.run(4, Progress.NONE)).isEqualTo(comparison.run(1, Progress.NONE));
  }

  @Test
  void theCallerHearsHowFarItIs() throws InterruptedException {
    var comparison =
        new Comparison(
            List.of(Fixed.family(1, 2, 3)),
            List.of(constant("a", 20), constant("b", 30)),
            List.of(PAUSE));
    var heard = new ArrayList<String>();
    var caller = Thread.currentThread();
    comparison.run(
        2,
        (runs, of) -> {
          assertThat(Thread.currentThread()).isSameAs(caller);
          heard.add(runs + "/" + of);
        });
    assertThat(heard).containsExactly("2/6", "4/6", "6/6");
    assertThat(comparison.runs()).isEqualTo(6);
  }

  @Test
  void interruptedItBeginsNoOtherRun() {
    var caller = Thread.currentThread();
    var begun = new AtomicInteger();
    var never = new CountDownLatch(1);
    var settings = new ArrayList<Policy>();
    for (int i = 0; i < 50; i++) {
      settings.add(
          new Ruled(
              "waiting-" + i,
              () -> {
                begun.incrementAndGet();
                caller.interrupt();
                try {
                  never.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return _ -> 0;
              }));
    }
    var family = new Family("waiting", settings.getFirst(), settings);
    assertThatThrownBy(() -> run(family, constant("a", 1)))
        .isInstanceOf(InterruptedException.class);
    assertThat(begun).hasValue(1);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aPolicyThatFailsIsNotPassedOver() {
    var broken =
        new Ruled(
            "broken",
            () -> {
              throw new IllegalStateException("no rule today");
            });
    assertThatThrownBy(() -> run(Family.of(broken), constant("a", 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no rule today");
  }

  @Test
  void nothingToCompareIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Comparison(List.of(), List.of(constant("a", 1)), List.of(PAUSE)))
        .withMessage("families: need at least one, got none");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Comparison(List.of(Fixed.family(1)), List.of(), List.of(PAUSE)))
        .withMessage("traces: need at least one, got none");
  }

  private static Standing run(Family family, Demand... traces) throws InterruptedException {
    return new Comparison(List.of(family), List.of(traces), List.of(PAUSE))
        .run(1, Progress.NONE)
        .getFirst();
  }

  private static List<String> names(Choice choice) {
    return choice.cells().stream().map(cell -> cell.policy().name()).toList();
  }

  private static Demand constant(String name, double demand) {
    return Demand.of(name, steps(100, demand));
  }

  private static double[] steps(int count, double demand) {
    var steps = new double[count];
    Arrays.fill(steps, demand);
    return steps;
  }

  private static Policy named(String name) {
    return new Named(name, 40);
  }

  private record Named(String name, int slots) implements Policy {
    @Override
    public Rule start(Terms terms) {
      return _ -> slots;
    }
  }

  private record Ruled(String name, Supplier<Rule> rule) implements Policy {
    @Override
    public Rule start(Terms terms) {
      return rule.get();
    }
  }
}
