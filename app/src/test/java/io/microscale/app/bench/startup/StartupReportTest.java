package io.microscale.app.bench.startup;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.bench.Idle;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Samples;
import io.microscale.app.bench.startup.StartupReport.Measured;
import io.microscale.app.bench.startup.StartupReport.Missing;
import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class StartupReportTest {
  private static final Accelerator EMULATED = new Accelerator("tcg", "this machine has no <kvm>");

  private static final Measured PROCESS =
      measured("process", Kind.Family.PROCESS, 100, 2.0, 2.0, 3.0);
  private static final Measured CRUN = measured("crun", Kind.Family.RUNTIME, 100, 20.0);
  private static final Measured DOCKER = measured("docker-bridge", Kind.Family.ENGINE, 100, 400.0);
  private static final Measured MICRO = measured("vm-micro", Kind.Family.VM, 100, 1600.0);
  private static final Measured DEBIAN = measured("vm-debian", Kind.Family.VM, 70, 8000.0, 9000.0);

  @Test
  void theAnswerIsTheUsualContainerAgainstTheWholeVm() {
    assertThat(report(PROCESS, CRUN, DOCKER, MICRO, DEBIAN).answerLine())
        .isEqualTo(
            "process : container : VM = 1 : 200 : 4300 (docker-bridge!; vm-debian!);"
                + " a container starts 21 times as fast as a VM"
                + " (4 to 430 times, depending on which of each)");
  }

  @Test
  void withoutOneOfTheThreeThereIsNoAnswer() {
    for (var report : List.of(report(PROCESS, CRUN), report(CRUN, MICRO), report())) {
      assertThat(report.answerLine()).startsWith("no answer: it needs");
      assertThat(report.json().path("answer").isNull()).isTrue();
    }
  }

  @Test
  void theTableComparesWithTheProcessAndEachVm() {
    var report = report(PROCESS, DOCKER, MICRO, DEBIAN);
    assertThat(report.heads())
        .containsExactly(
            "kind",
            ">runs",
            ">median ms",
            ">p90",
            ">min",
            ">max",
            ">x process",
            ">x faster than vm-micro",
            ">x faster than vm-debian",
            ">idle before");
    assertThat(report.rows().get(1))
        .containsExactly(
            "docker-bridge!", "1", "400", "400", "400", "400", "200", "4.0", "21", "100 %");
    assertThat(report.rows().getFirst())
        .startsWith("process!", "3", "2.0", "3.0", "2.0", "3.0", "1.0");
  }

  @Test
  void whatEmulationAndABusyMachineMeanIsSaidInAllOutputs() throws Exception {
    var report = report(PROCESS, DOCKER, DEBIAN);
    var emulated = "SOFTWARE-EMULATED (TCG): this machine has no <kvm>.";
    var busy = "vm-debian!: the machine was busier than 90 % idle before 2 of 2 runs.";
    var cloud = "no cloud that has to find a host";
    assertThat(report.caveats())
        .anyMatch(line -> line.contains(emulated))
        .contains(busy)
        .anyMatch(line -> line.contains(cloud));
    assertThat(report.json().toString()).contains(emulated, busy, cloud, "\"emulated\":true");
    assertThat(report.html())
        .contains("SOFTWARE-EMULATED (TCG): this machine has no &lt;kvm&gt;.", busy, cloud);
    var real =
        new StartupReport(
            machine(),
            List.of(DEBIAN),
            List.of(),
            Optional.of(new Accelerator("kvm", "tried")),
            90,
            false);
    assertThat(real.caveats().getFirst()).contains("hardware virtualization (KVM)");
    assertThat(real.json().path("vm").path("emulated").asBoolean(true)).isFalse();
  }

  @Test
  void theDocumentHasEveryFigure() throws Exception {
    var report =
        new StartupReport(
            machine(),
            List.of(PROCESS, DOCKER, DEBIAN),
            List.of(new Missing(CRUN.kind(), "crun is not installed", false)),
            Optional.of(EMULATED),
            90,
            true);
    var tree = new ObjectMapper().readTree(report.json().toPrettyString());
    assertThat(tree.path("v").asInt()).isEqualTo(1);
    assertThat(tree.path("interrupted").asBoolean()).isTrue();
    assertThat(tree.path("machine").path("cpus").asInt()).isEqualTo(2);
    var docker = tree.path("kinds").get(1);
    assertThat(docker.path("kind").asText()).isEqualTo("docker-bridge");
    assertThat(docker.path("medianMillis").asDouble()).isEqualTo(400);
    assertThat(docker.path("ratioToProcess").asDouble()).isEqualTo(200);
    assertThat(docker.path("timesFasterThan").path("vm-debian").asDouble()).isEqualTo(21.25);
    assertThat(docker.path("idleBeforePercent").path("mean").asDouble()).isEqualTo(100);
    assertThat(docker.path("samplesMillis")).hasSize(1);
    var missing = tree.path("notMeasured").get(0);
    assertThat(missing.path("kind").asText()).isEqualTo("crun");
    assertThat(missing.path("reason").asText()).isEqualTo("crun is not installed");
    assertThat(missing.path("failed").asBoolean(true)).isFalse();
    assertThat(tree.path("answer").path("vmToProcess").asDouble()).isEqualTo(4250);
  }

  @Test
  void thePageIsWellFormedAndNeedsNothingButItself() throws Exception {
    var report =
        new StartupReport(
            machine(),
            List.of(PROCESS, DOCKER, DEBIAN),
            List.of(new Missing(CRUN.kind(), "<b>\u0007&", true)),
            Optional.of(EMULATED),
            90,
            false);
    for (var html : List.of(report.html(), report().html())) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(html)));
      assertThat(document.getDocumentElement().getTagName()).isEqualTo("html");
      assertThat(document.getElementsByTagName("script").getLength()).isZero();
      assertThat(html).doesNotContain("src=", "href=", "url(", "@import", "<b>");
      assertThat(html).contains("prefers-color-scheme: dark");
    }
  }

  private static StartupReport report(Measured... measured) {
    return new StartupReport(
        machine(), Arrays.asList(measured), List.of(), Optional.of(EMULATED), 90, false);
  }

  private static Machine machine() {
    return new Machine(2, "Some <CPU>", OptionalLong.of(1L << 32), "An OS", "6.1", true);
  }

  private static Measured measured(
      String id, Kind.Family family, double idlePercent, Double... millis) {
    var kind =
        new Kind(
            id,
            id + "!",
            family,
            () -> {
              throw new Unavailable("not to be started");
            });
    return new Measured(
        kind,
        "how",
        new Samples(List.of(millis)),
        new Idle(Arrays.stream(millis).map(each -> idlePercent).toList()));
  }
}
