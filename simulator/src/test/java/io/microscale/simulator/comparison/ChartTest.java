package io.microscale.simulator.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChartTest {
  /// 1,000 s at 10 replicas, with one second of 80 and one of 2.
  private static final Demand SPIKE = spike();

  @Test
  void aPeakOfOneSecondIsSeenInTheWhole() {
    var whole = chart(30, 7).whole();
    assertThat(whole.count()).isEqualTo(7);
    assertThat(whole.demandMost()).containsExactly(10, 10, 10, 80, 10, 10, 10);
    assertThat(whole.demandLeast()).containsExactly(10, 10, 10, 10, 10, 2, 10);
    assertThat(whole.unservedMost()).containsExactly(0, 0, 0, 50, 0, 0, 0);
    assertThat(whole.readyMean()).containsOnly(new double[] {30}, within(1e-9));
    assertThat(whole.heldMost()).containsOnly(30);
    assertThat(whole.batchMost()).containsOnly(70);
  }

  @Test
  void whatStartsIsHeldAndNotReady() {
    var whole = chart(new Rising(), demand(40, 0), Terms.stopping(5), 4).whole();
    assertThat(whole.heldMost()).containsExactly(10, 20, 30, 40);
    assertThat(whole.readyMean()).containsExactly(new double[] {2, 10.5, 20.5, 30.5}, within(1e-9));
  }

  @Test
  void thereAreNotMorePartsThanSeconds() {
    assertThat(chart(new Fixed(1), demand(3, 1), Terms.pausing(), 100).whole().count())
        .isEqualTo(3);
  }

  @Test
  void theSteepestRiseIsLookedAt() {
    var steepest = chart(90, 10).steepest();
    assertThat(steepest.count()).isEqualTo(60);
    // It rises within the ten seconds that begin at 490, a third into the 60.
    assertThat(steepest.from()).isEqualTo(470);
    assertThat(steepest.demand()[30]).isEqualTo(80);
    assertThat(steepest.ready()).containsOnly(90);
    assertThat(steepest.held()).containsOnly(90);
  }

  @Test
  void aSlowStartIsLookedAtForLonger() {
    var chart = chart(new Fixed(90), SPIKE, Terms.stopping(120), 10);
    assertThat(chart.steepest().count()).isEqualTo(180);
  }

  @Test
  void aShortTraceIsLookedAtWhole() {
    var chart = chart(new Fixed(0), Demand.of("short", 0, 5, 3), Terms.pausing(), 10);
    assertThat(chart.steepest().demand()).containsExactly(0, 5, 3);
    assertThat(chart.worst().orElseThrow().from()).isZero();
  }

  @Test
  void theSecondsWithTheMostUnservedAreLookedAt() {
    var values = steps(1000, 10);
    Arrays.fill(values, 200, 230, 12);
    Arrays.fill(values, 700, 710, 12);
    var worst = chart(new Fixed(11), Demand.of("two", values), Terms.pausing(), 10).worst();
    assertThat(worst.orElseThrow().from()).isEqualTo(185);
    assertThat(Arrays.stream(worst.get().demand()).filter(d -> d > 11).count()).isEqualTo(30);
  }

  @Test
  void whereAllIsServedThereIsNoWorst() {
    assertThat(chart(80, 10).worst()).isEmpty();
  }

  @Test
  void batchWorkThatHasNothingToDoHasNoSlot() {
    // There is room for 40 times 95: a quarter of it comes first, which is 950 or ten steps of 90
    // and one of 50, and the rest after 30 s.
    var jobs = new double[40];
    jobs[0] = 1;
    jobs[30] = 3;
    var backlog = Backlog.of("jobs", jobs);
    var chart = Chart.of(run(new Fixed(10), demand(40, 5), Terms.pausing(), backlog), 4);
    assertThat(chart.whole().batchMost()).containsExactly(90, 50, 0, 90);
    assertThat(Arrays.copyOfRange(chart.steepest().batch(), 8, 13))
        .containsExactly(90, 90, 50, 0, 0);
  }

  @Test
  void manyAreDrawnInTheirOrder() throws InterruptedException {
    var runs =
        IntStream.range(0, 20)
            .mapToObj(n -> run(new Fixed(n), SPIKE, Terms.pausing(), Backlog.endless()))
            .toList();
    var made = new ArrayList<Integer>();
    var charts = Chart.all(runs, 5, 2, (done, of) -> made.add(100 * done / of));
    assertThat(charts)
        .extracting(chart -> chart.whole().heldMost()[0])
        .containsExactlyElementsOf(IntStream.range(0, 20).boxed().toList());
    assertThat(made).hasSize(20).isSorted().endsWith(100);
  }

  @Test
  void noPartsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> chart(1, 0))
        .withMessage("parts: need >= 1, got 0");
  }

  private static Chart chart(int slots, int parts) {
    return chart(new Fixed(slots), SPIKE, Terms.pausing(), parts);
  }

  private static Chart chart(Policy policy, Demand demand, Terms terms, int parts) {
    return Chart.of(run(policy, demand, terms, Backlog.endless()), parts);
  }

  private static Chart.Run run(Policy policy, Demand demand, Terms terms, Backlog backlog) {
    var comparison =
        new Comparison(List.of(Family.of(policy)), List.of(demand), List.of(terms), backlog);
    return new Chart.Run(comparison, policy, 0, terms);
  }

  private static Demand spike() {
    var values = steps(1000, 10);
    values[500] = 80;
    values[800] = 2;
    return Demand.of("spike", values);
  }

  private static Demand demand(int length, double value) {
    return Demand.of("constant", steps(length, value));
  }

  private static double[] steps(int length, double value) {
    var steps = new double[length];
    Arrays.fill(steps, value);
    return steps;
  }

  /// Holds one slot more each second.
  private record Rising() implements Policy {
    @Override
    public String name() {
      return "rising";
    }

    @Override
    public Rule start(Terms terms) {
      return view -> view.step() + 1;
    }
  }
}
