package io.microscale.simulator.policies;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Score;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What this product reaches on the example traces with its one setting: a change that makes it
/// worse does not go unnoticed.
class MicroscaleTest {
  private static final List<String> NAMES =
      List.of("azure-llm-code", "azure-llm-conv", "elb-requests", "nasa-http", "nyc-taxi");

  private static Score score(String name, Terms terms) throws IOException {
    var demand = Demand.read(Path.of("../examples/traces").resolve(name + ".csv"));
    return StandardRun.run(new Microscale(), demand, terms);
  }

  static Stream<Arguments> bars() {
    return Stream.of(
        Arguments.of(Terms.stopping(1), 82, 71), Arguments.of(Terms.pausing(), 93, 87));
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("bars")
  void riskIsKeptOnEveryTraceWithMuchBatchWork(Terms terms, int mean, int worst)
      throws IOException {
    double sum = 0;
    for (var name : NAMES) {
      var score = score(name, terms);
      assertThat(score.unservedPercent()).as("unserved of %s", name).isLessThanOrEqualTo(0.1);
      assertThat(score.batchOfClairvoyantPercent())
          .as("batch of %s", name)
          .isGreaterThanOrEqualTo(worst);
      sum += score.batchOfClairvoyantPercent();
    }
    assertThat(sum / NAMES.size()).as("mean").isGreaterThanOrEqualTo(mean);
  }

  @Test
  void sameDemandSameScore() throws IOException {
    assertThat(score("azure-llm-code", Terms.stopping(1)))
        .isEqualTo(score("azure-llm-code", Terms.stopping(1)));
  }
}
