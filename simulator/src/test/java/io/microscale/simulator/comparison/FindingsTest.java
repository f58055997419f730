package io.microscale.simulator.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Terms;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FindingsTest {
  private static final List<Demand> TRACES = List.of(constant("a", 20), constant("b", 40));

  @Test
  void theSafeWithTheMostBatchIsFirstAndTheLeastSafeLast() throws InterruptedException {
    var section = find(35, 90, 40, 10, 50).sections().getFirst();
    assertThat(section.ranked(Way.USUAL))
        .extracting(Findings.Row::name)
        .containsExactly(
            "clairvoyant",
            "fixed(slots=40)",
            "fixed(slots=50)",
            "fixed(slots=90)",
            "fixed(slots=35)",
            "fixed(slots=10)");
    assertThat(section.ranked(Way.LEAVE_ONE_OUT)).isEmpty();
  }

  @Test
  void whoIsAheadIsNamedUnlessItIsUnsafeOrABound() throws InterruptedException {
    var section = find(50, 35, 40, 45, 90).sections().getFirst();
    assertThat(section.ahead("fixed(slots=50)", 0, Way.USUAL))
        .containsExactly("fixed(slots=40)", "fixed(slots=45)");
    assertThat(section.ahead("fixed(slots=40)", 1, Way.USUAL)).isEmpty();
  }

  @Test
  void eachOfTheTermsHasASection() throws InterruptedException {
    assertThat(find(50).sections())
        .extracting(section -> section.terms().name())
        .containsExactly("pause", "L=5");
  }

  @Test
  void aloneThePoolIsAsBusyAsItsMeanOverItsPeak() {
    assertThat(Findings.aloneUtilisation(Demand.of("d", 0, 10, 50, 20)))
        .isCloseTo(40, within(1e-9));
    assertThat(Findings.aloneUtilisation(Demand.of("none", 0, 0))).isZero();
  }

  private static Findings find(int... slots) throws InterruptedException {
    var families =
        Arrays.stream(slots)
            .mapToObj(n -> Family.of(new Fixed(n)))
            .collect(Collectors.toCollection(ArrayList::new));
    families.add(Family.of(new Clairvoyant()));
    var comparison = new Comparison(families, TRACES, List.of(Terms.pausing(), Terms.stopping(5)));
    return Findings.of(comparison, comparison.run(1, Progress.NONE), List.of(Way.USUAL));
  }

  private static Demand constant(String name, double demand) {
    var steps = new double[100];
    Arrays.fill(steps, demand);
    return Demand.of(name, steps);
  }
}
