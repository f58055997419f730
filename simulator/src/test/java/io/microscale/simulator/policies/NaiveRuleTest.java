package io.microscale.simulator.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The plain rule over the example traces: what it reaches is known, so it tells whether the
/// standard run still means the same.
class NaiveRuleTest {
  private static final double MOST_UNSERVED_PERCENT = 0.1;
  private static final List<String> NAMES =
      List.of("azure-llm-code", "azure-llm-conv", "elb-requests", "nasa-http", "nyc-taxi");

  /// Mean and worst over the traces, in percent of the clairvoyant.
  private record Result(double mean, double worst) {}

  private static List<StandardRun> runs(Terms terms) throws IOException {
    var runs = new ArrayList<StandardRun>();
    for (var name : NAMES) {
      runs.add(
          new StandardRun(
              Demand.read(Path.of("../examples/traces").resolve(name + ".csv")), terms));
    }
    return runs;
  }

  private static void assertAbout(Result result, double mean, double worst) {
    assertThat(result.mean).as("mean").isCloseTo(mean, within(1.5));
    assertThat(result.worst).as("worst").isCloseTo(worst, within(2.5));
  }

  /// The best setting for all traces, and the best for each.
  private record Search(Result one, Result tuned) {}

  private static Search search(Terms terms) throws IOException {
    var settings = PlainRule.family().settings();
    var runs = runs(terms);
    var tuned = new double[runs.size()];
    var best = new Result(0, 0);
    for (var setting : settings) {
      double sum = 0;
      double worst = 100;
      boolean safe = true;
      for (int trace = 0; trace < tuned.length; trace++) {
        var score = runs.get(trace).run(setting);
        double batch = score.batchOfClairvoyantPercent();
        sum += batch;
        worst = Math.min(worst, batch);
        if (score.unservedPercent() > MOST_UNSERVED_PERCENT) {
          safe = false;
        } else {
          tuned[trace] = Math.max(tuned[trace], batch);
        }
      }
      if (safe && sum / tuned.length > best.mean) {
        best = new Result(sum / tuned.length, worst);
      }
    }
    var summary = Arrays.stream(tuned).summaryStatistics();
    return new Search(best, new Result(summary.getAverage(), summary.getMin()));
  }

  @Test
  @Tag("slow")
  void searchFindsWhatIsKnownWithStops() throws IOException {
    var found = search(Terms.stopping(1));
    assertAbout(found.one, 65, 43);
    assertAbout(found.tuned, 80, 71);
  }

  @Test
  @Tag("slow")
  void searchFindsWhatIsKnownWithPauseAndStandby() throws IOException {
    var found = search(Terms.pausing());
    assertAbout(found.one, 83, 73);
    assertAbout(found.tuned, 92, 87);
  }

  @Test
  void bestSettingReachesWhatIsKnown() throws IOException {
    assertAbout(over(Terms.stopping(1), new PlainRule(10, 15, 2)), 65, 44);
    assertAbout(over(Terms.pausing(), new PlainRule(10, 8, 1)), 83, 73);
  }

  private static Result over(Terms terms, PlainRule setting) throws IOException {
    var scores = runs(terms).stream().map(run -> run.run(setting)).toList();
    assertThat(scores).allMatch(score -> score.unservedPercent() <= MOST_UNSERVED_PERCENT);
    var summary =
        scores.stream().mapToDouble(score -> score.batchOfClairvoyantPercent()).summaryStatistics();
    return new Result(summary.getAverage(), summary.getMin());
  }
}
