package io.microscale.app.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  @BeforeEach
  void writeTraces() throws IOException {
    trace("low.csv", 20, 20);
    trace("step.csv", 20, 80);
    Files.writeString(folder.resolve("README.md"), "not a trace");
  }

  @Test
  void theTableHasARowForEachPolicyUnderAllTerms() {
    var console = compare("--policies", "static,plain", "--latency", "pause,5");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out().lines().filter(line -> line.startsWith("plain  "))).hasSize(2);
    assertThat(console.out().lines().filter(line -> line.startsWith("static  "))).hasSize(2);
    assertThat(console.out())
        .contains("pause (pause and standby: ready at once, nothing is lost)")
        .contains("L=5 (ready 5 s after it is asked for;")
        .contains("alone on a pool sized for the peak, and shared by static")
        .contains("step: more batch work with plain")
        .doesNotContain("left out");
    // Mean 20 at a peak of 20, and mean 50 at a peak of 80.
    assertThat(console.out()).containsPattern("low +100\\.0 ").containsPattern("step +62\\.5 ");
  }

  @Test
  void leftOutHasColumnsOfItsOwn() {
    var console = compare("--policies", "static", "--latency", "pause", "--leave-one-out");
    assertThat(console.exitCode()).as(console.err()).isZero();
    // Chosen by the trace of 20 it is 20 slots, which leave 60 of 80 unserved half the time.
    assertThat(console.out()).contains("left out: batch").containsPattern("60\\.000!");
  }

  @Test
  void progressIsOnTheErrorOutputInPlainLines() {
    var console = compare("--policies", "static", "--latency", "pause", "--json");
    assertThat(console.err().lines())
        .isNotEmpty()
        .allMatch(
            line -> line.matches("microscale: (\\d+ % of \\d+ runs|compared 1 policies on .*)"));
    assertThat(console.err()).contains("100 % of").doesNotContain("\u001b");
  }

  @Test
  void theDocumentHasACellForEachPolicyTraceTermsAndChoice() throws IOException {
    var document =
        document("--policies", "clairvoyant,static", "--latency", "1,pause", "--leave-one-out");
    assertThat(names(document))
        .containsExactlyInAnyOrder(
            "v", "unservedAtMostPercent", "backlog", "traces", "terms", "policies", "cells");
    assertThat(document.path("unservedAtMostPercent").asDouble()).isEqualTo(0.1);
    assertThat(document.path("traces")).hasSize(2);
    assertThat(document.path("terms")).hasSize(2);
    // 2 policies, 2 terms, 4 ways of choosing; and 2 traces.
    assertThat(document.path("policies")).hasSize(16);
    assertThat(document.path("cells")).hasSize(32);
    for (var cell : document.path("cells")) {
      assertThat(names(cell))
          .containsExactlyInAnyOrder(
              "policy",
              "latency",
              "choice",
              "trace",
              "setting",
              "safe",
              "unservedPercent",
              "batchOfClairvoyantPercent",
              "usefulUtilisationPercent",
              "violationSeconds",
              "batchLostSeconds",
              "startsPerHour");
      for (var figure : List.of("unservedPercent", "usefulUtilisationPercent")) {
        assertThat(cell.path(figure).asDouble()).isBetween(0.0, 100.0);
      }
    }
    for (var summary : document.path("policies")) {
      assertThat(names(summary))
          .containsExactlyInAnyOrder(
              "policy",
              "latency",
              "choice",
              "bound",
              "settingsTried",
              "setting",
              "safe",
              "meanBatchOfClairvoyantPercent",
              "worstBatchOfClairvoyantPercent",
              "meanUnservedPercent",
              "worstUnservedPercent",
              "meanUsefulUtilisationPercent",
              "worstUsefulUtilisationPercent");
      assertThat(summary.path("bound").asBoolean())
          .isEqualTo(summary.path("policy").asText().equals("clairvoyant"));
    }
  }

  @Test
  void theSummariesAreTheMeansAndWorstOfTheirCells() throws IOException {
    var document = document("--policies", "plain", "--latency", "pause");
    for (var summary : document.path("policies")) {
      var cells =
          StreamSupport.stream(document.path("cells").spliterator(), false)
              .filter(cell -> cell.path("choice").equals(summary.path("choice")))
              .toList();
      assertThat(cells).hasSize(2);
      var batch = figures(cells, "batchOfClairvoyantPercent");
      var unserved = figures(cells, "unservedPercent");
      assertThat(summary.path("meanBatchOfClairvoyantPercent").asDouble())
          .isCloseTo((batch.get(0) + batch.get(1)) / 2, within(1e-5));
      assertThat(summary.path("worstBatchOfClairvoyantPercent").asDouble())
          .isEqualTo(Math.min(batch.get(0), batch.get(1)));
      assertThat(summary.path("worstUnservedPercent").asDouble())
          .isEqualTo(Math.max(unserved.get(0), unserved.get(1)));
      assertThat(summary.path("safe").asBoolean())
          .isEqualTo(summary.path("worstUnservedPercent").asDouble() <= 0.1);
    }
  }

  @Test
  void theSameComparisonGivesTheSameBytes() {
    var options = new String[] {"--policies", "plain", "--latency", "1", "--json"};
    assertThat(compare(options).out()).isEqualTo(compare(options).out());
  }

  @Test
  void oneFileIsATraceToo() throws IOException {
    var console =
        Console.run(
            "compare",
            "--traces",
            folder.resolve("low.csv").toString(),
            "--policies=static",
            "--latency=pause",
            "--json");
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(JSON.readTree(console.out()).path("traces").path(0).path("name").asText())
        .isEqualTo("low");
  }

  @Test
  void demandThatThePoolCannotServeIsToldOf() throws IOException {
    trace("high.csv", 20, 120);
    assertThat(compare("--policies", "static", "--latency", "pause").err())
        .contains("warning: high: its peak of 120.0 is more than the pool's 100 slots");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--latency|0.5|--latency: need whole seconds from 0 to 3600 or 'pause', got '0.5'",
        "--latency|1,,5|--latency: need whole seconds from 0 to 3600 or 'pause', got ''",
        "--latency|-1|--latency: need whole seconds from 0 to 3600 or 'pause', got '-1'",
        "--latency|1,2,3,4,5,6,7,8,9,10,11,12,13|--latency: need at most 12 different ones, got 13",
        "--policies|magic|--policies: need some of clairvoyant, ",
        "--policies|static,Plain|got 'Plain'",
        "--report|none/x.html|--report: need a file in a folder that exists, got 'none/x.html'",
        "--backlog|none|--backlog: need a folder, got 'none'",
        "--report|src|--report: need a file in a folder that exists, got 'src'",
      })
  void wrongUseIsTwoAndSaysWhatIsWrong(String option, String value, String message) {
    var console = compare(option + "=" + value);
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).startsWith("microscale: ").contains(message).doesNotContain("\tat ");
  }

  @Test
  void tracesAreNeeded() throws IOException {
    assertThat(Console.run("compare").err()).contains("Missing required option: '--traces=PLACE'");
    assertThat(Console.run("compare", "--traces", "none"))
        .extracting(Console::exitCode, Console::err)
        .containsExactly(2, "microscale: --traces: need a folder or a file, got 'none'\n");
    var empty = Files.createDirectory(folder.resolve("empty"));
    assertThat(Console.run("compare", "--traces", empty.toString()))
        .extracting(Console::exitCode, Console::err)
        .containsExactly(
            2, "microscale: --traces: need 1 to 50 .csv files, got 0 in " + empty + "\n");
  }

  @Test
  void oneTraceCannotBeLeftOut() {
    var console =
        Console.run("compare", "--traces", folder.resolve("low.csv").toString(), "--leave-one-out");
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err()).contains("--leave-one-out: need at least 2 traces, got 1");
  }

  @Test
  void aWrongTraceIsNamedWithFileLineRuleAndValue() throws IOException {
    var wrong = Files.writeString(folder.resolve("wrong.csv"), "t_s,demand\n0,1\n1,many\n");
    var console = compare("--policies", "static");
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).isEmpty();
    assertThat(console.err())
        .isEqualTo("microscale: %s: line 3: demand: need a number, got 'many'\n".formatted(wrong));
  }

  @Test
  void aTraceThatIsNoTextIsSaidToBe() throws IOException {
    var wrong = folder.resolve("wrong.csv");
    Files.write(wrong, new byte[] {'t', (byte) 0xff});
    var console = compare("--policies", "static");
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).isEqualTo("microscale: " + wrong + ": need text in UTF-8\n");
  }

  @Test
  void batchJobsMayBeFinite() throws IOException {
    var jobs = "../examples/traces/azure-vm-batch";
    var options = new String[] {"--policies", "clairvoyant", "--latency", "pause"};
    var finite =
        document(
            Stream.concat(Stream.of(options), Stream.of("--backlog", jobs)).toArray(String[]::new));
    assertThat(finite.path("backlog").asText()).isEqualTo("azure-vm-batch");
    var endless = document(options);
    assertThat(endless.path("backlog").asText()).isEqualTo("endless");
    // Half of the jobs comes after the step, when there is room for less.
    var useful = "meanUsefulUtilisationPercent";
    assertThat(endless.path("policies").path(0).path(useful).asDouble()).isEqualTo(100);
    assertThat(finite.path("policies").path(0).path(useful).asDouble()).isLessThan(95);
    assertThat(finite.path("policies").path(0).path("meanBatchOfClairvoyantPercent").asDouble())
        .isEqualTo(100);
  }

  @Test
  void aWrongBacklogIsNamed() throws IOException {
    var console = compare("--policies", "static", "--backlog", folder.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).startsWith("microscale: " + folder);
  }

  @Test
  void itHasHelp() {
    var console = Console.run("compare", "--help");
    assertThat(console.exitCode()).isZero();
    assertThat(console.out()).startsWith("Usage: microscale compare").contains("--leave-one-out");
  }

  private Console compare(String... options) {
    var all = new ArrayList<>(List.of("compare", "--traces", folder.toString()));
    all.addAll(List.of(options));
    return Console.run(all.toArray(String[]::new));
  }

  private JsonNode document(String... options) throws IOException {
    var all = new ArrayList<>(List.of(options));
    all.add("--json");
    var console = compare(all.toArray(String[]::new));
    assertThat(console.exitCode()).as(console.err()).isZero();
    return JSON.readTree(console.out());
  }

  private static List<Double> figures(List<JsonNode> cells, String figure) {
    return cells.stream().map(cell -> cell.path(figure).asDouble()).toList();
  }

  private static Set<String> names(JsonNode node) {
    var names = new HashSet<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  /// 300 s of one demand, then 300 s of another.
  private void trace(String name, double first, double second) throws IOException {
    Files.writeString(
        folder.resolve(name),
        IntStream.range(0, 600)
            .mapToObj(t -> t + "," + (t < 300 ? first : second))
            .collect(Collectors.joining("\n", "t_s,demand\n", "\n")));
  }
}
