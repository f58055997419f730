package io.microscale.app.bench.reaction.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.app.bench.Machine;
import io.microscale.app.bench.reaction.Step;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Help.Ansi;

class KubernetesReportTest {
  private static final Step STEP = new Step(2, 10, 12, true);

  @ParameterizedTest
  @ValueSource(longs = {1_300, 2_000, 7_910, 64_000})
  void aNodeIsFullAndAPodThatGivesWayMakesRoomForOneThatStandsBy(long free) {
    var size = Size.of(free, STEP);
    long standingBy = size.paused() * STEP.rise();
    long atWork = size.full() * STEP.slots();
    assertThat(atWork + standingBy).isLessThanOrEqualTo(free);
    assertThat(free - atWork).as("no room for one more").isLessThan(size.full());
    assertThat(free - atWork - standingBy + STEP.rise() * (size.full() - size.floor()))
        .isGreaterThanOrEqualTo(STEP.rise() * (size.full() - size.paused()));
    assertThat(size.floor()).isGreaterThan(size.paused());
  }

  @Test
  void aNodeThatIsTooSmallIsRefused() {
    assertThatThrownBy(() -> Size.of(600, STEP))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("need 100m")
        .hasMessageContaining("got 42m");
  }

  @Test
  void aRatioIsOfMediansAndComparesToTheFastestWayOfPlainCalls() {
    var report =
        report(
            outcome("ours", "plain", turn("", 300), turn("", 330), turn("", 600)),
            outcome("plain", "", turn("slow", 900), turn("fast", 220), turn("fast", 220)));
    assertThat(report.ratio(report.outcomes().getFirst())).hasValue(1.5);
    assertThat(report.ratio(report.outcomes().getLast())).isEmpty();
    var json = report.json();
    assertThat(json.path("contestants").path(0).path("ratio").asDouble()).isEqualTo(1.5);
    assertThat(json.path("contestants").path(0).path("limit").asText()).isEqualTo("plain");
    assertThat(json.path("contestants").path(1).path("ratio").isNull()).isTrue();
    assertThat(report.lines()).anyMatch(line -> line.contains("fastest way was 'fast'"));
  }

  @Test
  void whatPodsWereEndedIsTold() {
    var report = report(outcome("ours", "", turn("", 300), turn("", 330)));
    var json = report.json().path("contestants").path(0);
    assertThat(json.path("podsEnded").asInt()).isEqualTo(2);
    assertThat(json.path("containersRestarted").asInt()).isEqualTo(4);
    assertThat(json.path("accepted").path("runs").asInt()).isEqualTo(4);
    assertThat(json.path("accepted").path("p99Millis").asDouble()).isEqualTo(9);
    assertThat(json.path("firstAccepted").path("medianMillis").asDouble()).isEqualTo(5);
    assertThat(report.lines())
        .anyMatch(line -> line.contains("4 containers restarted"))
        .anyMatch(line -> line.contains("at least 95 %"));
    assertThat(report.table().lines(Ansi.OFF)).hasSize(2);
  }

  private static Turn turn(String how, double all) {
    return new Turn(how, 50, 100, all, 1, List.of(5.0, 9.0), 1, 2, OptionalDouble.of(95));
  }

  private static KubernetesReport.Outcome outcome(String name, String limit, Turn... turns) {
    return new KubernetesReport.Outcome(
        name, Optional.of(limit).filter(l -> !l.isEmpty()), List.of(turns));
  }

  private static KubernetesReport report(KubernetesReport.Outcome... outcomes) {
    return new KubernetesReport(
        new Machine(2, "some", OptionalLong.of(1L << 34), "Linux", "6", true),
        "v1.37.2",
        STEP,
        new Size(156, 16, 10),
        List.of(outcomes),
        1,
        90);
  }
}
