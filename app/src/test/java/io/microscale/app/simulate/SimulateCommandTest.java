package io.microscale.app.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulateCommandTest {
  private static final int SLOTS = 20;
  private static final int SECONDS = 240;

  @TempDir private Path folder;
  private Path file = Path.of("");
  private Path trace = Path.of("");

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("microscale.yaml");
    Files.writeString(
        file,
        """
        pool:
          name: kittens
          orchestrator: {process: {}}
          capacity: {slots: %d}
        services:
          - name: web
            priority: 100
            min: 1
            max: %d
            workload: {command: [sleep, "1000"]}
            demand: {push: {}}
            scaling: {replicas: {}}
            headroom: {percent: 10, replicas: 1}
          - name: transcode
            remainder: true
            max: %d
            workload: {command: [sleep, "1000"]}
            reclaim: [stop]
        """
            .formatted(SLOTS, SLOTS, SLOTS));
    trace = folder.resolve("wave.csv");
    var lines = new StringBuilder("t_s,demand\n");
    for (int second = 0; second < SECONDS; second++) {
      lines.append(second).append(',').append(8 + 7.5 * Math.sin(second / 9.0)).append('\n');
    }
    Files.writeString(trace, lines);
  }

  private static JsonNode json(Console console) throws IOException {
    assertThat(console.exitCode()).as(console.err()).isZero();
    return new ObjectMapper().readTree(console.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "5"})
  void theScoreOfAFileCanBeComputedAgainFromTheSteps(String latency) throws IOException {
    var out = folder.resolve("steps.csv");
    var document =
        json(
            Console.run(
                "simulate",
                "-f",
                file.toString(),
                "--trace",
                trace.toString(),
                "--latency",
                latency,
                "--out",
                out.toString(),
                "--json"));
    assertScore(document, out, SLOTS, Integer.parseInt(latency));
    assertThat(document.at("/services/web/starts").asInt()).isPositive();
    assertThat(document.at("/refusedForRoom").asInt()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1,1", "30,30", "pause,0"})
  void theScoreOfAPolicyCanBeComputedAgainFromTheSteps(String latency, int steps)
      throws IOException {
    var out = folder.resolve("steps.csv");
    var document =
        json(
            Console.run(
                "simulate",
                "--policy",
                "plain",
                "--trace",
                trace.toString(),
                "--latency",
                latency,
                "--out",
                out.toString(),
                "--json"));
    assertScore(document, out, 100, steps);
  }

  private static void assertScore(JsonNode document, Path out, int slots, int latency)
      throws IOException {
    var lines = Files.readAllLines(out);
    assertThat(lines.getFirst())
        .isEqualTo(
            "t_s,demand,ready,starting,standby,batch_running,batch_paused,unserved,batch_done");
    var rows = new ArrayList<double[]>();
    for (var line : lines.subList(1, lines.size())) {
      rows.add(List.of(line.split(",", -1)).stream().mapToDouble(Double::parseDouble).toArray());
    }
    assertThat(rows).hasSize(SECONDS);
    double demand = 0;
    double unserved = 0;
    double done = 0;
    double clairvoyant = 0;
    int violations = 0;
    for (int t = 0; t < rows.size(); t++) {
      var row = rows.get(t);
      assertThat(row[0]).isEqualTo(t);
      demand += row[1];
      unserved += row[7];
      done += row[8];
      violations += row[7] > 0 ? 1 : 0;
      double most = 0;
      for (int ahead = t; ahead <= Math.min(t + latency, rows.size() - 1); ahead++) {
        most = Math.max(most, Math.ceil(rows.get(ahead)[1]));
      }
      clairvoyant += slots - most;
    }
    var score = document.get("score");
    assertThat(score.get("unservedPercent").asDouble())
        .isCloseTo(100 * unserved / demand, within(1e-6));
    assertThat(score.get("batchOfClairvoyantPercent").asDouble())
        .isCloseTo(100 * done / clairvoyant, within(1e-6));
    assertThat(score.get("usefulUtilisationPercent").asDouble())
        .isCloseTo(100 * (demand - unserved + done) / (slots * rows.size()), within(1e-6));
    assertThat(score.get("violationSeconds").asInt()).isEqualTo(violations);
  }

  @Test
  void theSameOptionsGiveTheSameBytesAndAnotherSeedOthers() throws IOException {
    var first = faulty("7");
    assertThat(faulty("7")).isEqualTo(first);
    assertThat(faulty("8")).isNotEqualTo(first);
  }

  private List<String> faulty(String seed) throws IOException {
    var out = folder.resolve("steps-" + seed + ".csv");
    var console =
        Console.run(
            "simulate",
            "-f",
            file.toString(),
            "--trace",
            "web=" + trace,
            "--start-latency",
            "web=200ms/2s",
            "--start-latency",
            "50ms..400ms",
            "--stop-latency",
            "30ms",
            "--answer-latency",
            "stop=5ms..50ms",
            "--checkpoint",
            "20s",
            "--failing",
            "0.05",
            "--failed-starts",
            "0.05",
            "--lost-events",
            "0.1",
            "--seed",
            seed,
            "--out",
            out.toString());
    assertThat(console.exitCode()).as(console.err()).isZero();
    assertThat(console.out()).contains("unserved").contains("transcode");
    var all = new ArrayList<>(Files.readAllLines(out));
    all.add(console.out());
    return all;
  }

  @Test
  void measuredLatenciesAreReadFromAFile() throws IOException {
    var measured = folder.resolve("starts.txt");
    Files.writeString(measured, "250ms\n\n250ms\n");
    var fromFile =
        Console.run(
            "simulate",
            "-f",
            file.toString(),
            "--trace",
            trace.toString(),
            "--start-latency",
            "web=file:" + measured,
            "--json");
    var asConstant =
        Console.run(
            "simulate",
            "-f",
            file.toString(),
            "--trace",
            trace.toString(),
            "--start-latency",
            "web=250ms",
            "--json");
    assertThat(json(fromFile)).isEqualTo(json(asConstant));
    Files.writeString(measured, "250ms\nsoon\n");
    var wrong =
        Console.run(
            "simulate",
            "-f",
            file.toString(),
            "--trace",
            trace.toString(),
            "--start-latency",
            "file:" + measured);
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("--start-latency: " + measured + ": line 2: need a duration")
        .contains("got 'soon'");
  }

  @Test
  void demandThatTheFilePlaysNeedsNoTrace() throws IOException {
    var text = Files.readString(file).replace("push: {}", "wave: {high: 10, period: 1m}");
    Files.writeString(file, text);
    var document =
        json(Console.run("simulate", "-f", file.toString(), "--duration", "2m", "--json"));
    assertThat(document.get("seconds").asInt()).isEqualTo(120);
    assertThat(document.at("/services/web/demandSeconds").asDouble()).isCloseTo(600, within(15.0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void batchWorkMayRunOut(boolean policy) throws IOException {
    var options = new ArrayList<>(List.of("simulate", "--trace", trace.toString(), "--json"));
    options.addAll(policy ? List.of("--policy", "plain") : List.of("-f", file.toString()));
    var endless = json(Console.run(options.toArray(String[]::new)));
    options.addAll(List.of("--backlog", "../examples/traces/azure-vm-batch"));
    var finite = json(Console.run(options.toArray(String[]::new)));
    assertThat(finite.at("/score/clairvoyantBatchSeconds").asDouble())
        .isPositive()
        .isLessThanOrEqualTo(endless.at("/score/clairvoyantBatchSeconds").asDouble());
    options.set(options.size() - 1, trace.toString());
    var wrong = Console.run(options.toArray(String[]::new));
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err()).contains("--backlog: need a folder, got '" + trace + "'");
  }

  @Test
  void nodesAreGivenWhereThePoolDoesNotCountInSlots() throws IOException {
    var text =
        Files.readString(file)
            .replaceFirst("  capacity: .*\\n", "")
            .replace("workload:", "resources: {cpu: 500m, memory: 1Gi}\n    workload:");
    Files.writeString(file, text);
    var document =
        json(
            Console.run(
                "simulate",
                "-f",
                file.toString(),
                "--trace",
                trace.toString(),
                "--node",
                "cpu=4,memory=6Gi",
                "--nodes",
                "3",
                "--json"));
    assertThat(document.at("/terms/slots").asInt()).isEqualTo(18);
    var none = Console.run("simulate", "-f", file.toString(), "--trace", trace.toString());
    assertThat(none.exitCode()).isEqualTo(2);
    assertThat(none.err()).contains("--node: need what a node has");
  }

  @Test
  void whatIsWrongIsSaid() throws IOException {
    assertWrong("need one of -f FILE, --policy NAME and --replay FILE.jsonl, got none");
    assertWrong(
        "need one of -f FILE, --policy NAME and --replay FILE.jsonl, got two",
        "-f",
        file.toString(),
        "--policy",
        "hpa");
    assertWrong("--policy: need one of clairvoyant,", "--policy", "hpb", "--trace", "x.csv");
    assertWrong("--trace: need one FILE.csv with --policy, got []", "--policy", "plain");
    assertWrong(
        "--failing, --nodes: need -f FILE",
        "--policy",
        "plain",
        "--nodes",
        "2",
        "--failing",
        "0.1",
        "--trace",
        trace.toString());
    assertWrong(
        "--latency: need whole seconds from 0 to 3600 or 'pause', got 'soon'",
        "-f",
        file.toString(),
        "--latency",
        "soon");
    assertWrong("--trace: need web=FILE.csv", "-f", file.toString());
    assertWrong(
        "--trace: need a service of the file, got 'web2'",
        "-f",
        file.toString(),
        "--trace",
        "web2=" + trace,
        "--trace",
        "web=" + trace);
    assertWrong(
        "faults.failing: need 0 to 1, got 2.0",
        "-f",
        file.toString(),
        "--trace",
        trace.toString(),
        "--failing",
        "2");
    assertWrong("no such file", "-f", folder.resolve("none.yaml").toString());
  }

  private static void assertWrong(String message, String... options) {
    var all = new ArrayList<>(List.of("simulate"));
    all.addAll(List.of(options));
    var console = Console.run(all.toArray(String[]::new));
    assertThat(console.exitCode()).as(console.err()).isEqualTo(2);
    assertThat(console.err()).contains(message);
    assertThat(console.out()).isEmpty();
  }

  @Test
  void aBrokenTraceIsToldWithItsLine() throws IOException {
    Files.writeString(trace, "t_s,demand\n0,1\n1,many\n");
    var console = Console.run("simulate", "-f", file.toString(), "--trace", trace.toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).contains(trace + ": line 3: demand: need a number, got 'many'");
  }

  @Test
  void whereStepsCannotBeWrittenItFails() {
    var console =
        Console.run(
            "simulate",
            "--policy",
            "plain",
            "--trace",
            trace.toString(),
            "--out",
            folder.resolve("none/steps.csv").toString());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.err()).contains("--out: ").contains("no such file or folder");
  }
}
