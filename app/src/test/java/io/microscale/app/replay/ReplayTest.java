package io.microscale.app.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.CommandException;
import io.microscale.app.Console;
import io.microscale.app.record.Recorder;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.scaling.Headroom;
import io.microscale.server.EventJson;
import io.microscale.simulator.cluster.Simulation;
import io.microscale.simulator.cluster.SimulationSettings;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine.Help.Ansi;

/// Random runs recorded to files and decided again. The seed of a failed run is in the test's name.
class ReplayTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  static LongStream seeds() {
    return LongStream.range(1, 41);
  }

  private Path file() {
    return folder.resolve("events.jsonl");
  }

  private void record(long seed, int passes) throws IOException {
    record(seed, passes, Recorder.Bounds.DEFAULT);
  }

  private void record(long seed, int passes, Recorder.Bounds bounds) throws IOException {
    record(bounds, recorder -> RandomRun.play(seed, passes, recorder));
  }

  private void record(Recorder.Bounds bounds, Consumer<Recorder> run) throws IOException {
    var problems = new ConcurrentLinkedQueue<String>();
    try (var recorder = new Recorder(file(), bounds, "9.9", problems::add)) {
      run.accept(recorder);
    }
    assertThat(problems).isEmpty();
  }

  private static ReplayReport replay(Path... files) {
    return Replay.of(List.of(files), Optional.empty());
  }

  private static String text(ReplayReport report) {
    return String.join("\n", report.lines(Ansi.OFF));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyPassComesOutTheSame(long seed) throws IOException {
    record(seed, 150);
    var report = replay(file());
    assertThat(report.exitCode()).as(text(report)).isZero();
    var document = report.document();
    assertThat(document.path("passes").asInt()).as(text(report)).isGreaterThan(60);
    assertThat(document.path("different").asInt()).isZero();
    assertThat(document.path("gaps")).isEmpty();
    assertThat(text(report)).contains("of pool random on simulated").endsWith("all the same");
  }

  @Test
  void whatWasLearnedMeanwhileIsLearnedAgain() throws IOException {
    var random = new SplittableRandom(1);
    var demand =
        DoubleStream.iterate(20, last -> Math.clamp(last + random.nextDouble(-4, 4), 0, 60))
            .limit(1_000)
            .toArray();
    var settings =
        SimulationSettings.standard(
            Demand.of("walk", demand), Terms.pausing(), Headroom.Learned.DEFAULT, Duration.ZERO, 1);
    var bounds = new Recorder.Bounds(1L << 30, 2, 1 << 17);
    record(bounds, recorder -> Simulation.run(settings, _ -> {}, recorder));
    var report = replay(file());
    assertThat(report.exitCode()).as(text(report)).isZero();
    assertThat(report.document().path("passes").asInt()).isGreaterThan(1_000);
    assertThat(report.document().path("gaps")).isEmpty();
    var fixed = new Headroom.Fixed(25, 1);
    assertThat(
            Replay.of(List.of(file()), Optional.of(pool(spec -> with(spec, fixed))))
                .document()
                .path("different")
                .asInt())
        .isPositive();
  }

  @ParameterizedTest
  @CsvSource({"took,true", "source,true", "at,true", "reason,false"})
  void aFieldThatIsChangedShows(String field, boolean decides) throws IOException {
    int different = 0;
    for (long seed = 1; seed <= 12; seed++) {
      record(seed, 60);
      rewrite(
          tree -> {
            switch (field) {
              case "took" -> tree.put("took", "PT0.0001S");
              case "source" -> tree.replace("source", tree.get("reading"));
              case "at" ->
                  tree.put("at", tree.path("at").asText().replaceFirst("\\d{6}Z", "000000Z"));
              default -> tree.put("reason", "another");
            }
            return tree;
          },
          field);
      different += replay(file()).exitCode();
    }
    assertThat(different > 0).isEqualTo(decides);
  }

  private void rewrite(UnaryOperator<ObjectNode> change, String having) throws IOException {
    var lines = new ArrayList<String>();
    for (var line : Files.readAllLines(file())) {
      var tree = (ObjectNode) JSON.readTree(line);
      lines.add(
          tree.has(having) && !tree.path("type").asText().equals("started")
              ? change.apply(tree).toString()
              : line);
    }
    Files.write(file(), lines);
  }

  private Path numbered(int number) {
    return folder.resolve("events.jsonl." + number);
  }

  @Test
  void aRotatedSetIsReadFromTheBeginningOfItsRun() throws IOException {
    record(1, 10);
    record(2, 400, new Recorder.Bounds(80_000, 20, 1 << 14));
    assertThat(numbered(3)).exists();
    var report = replay(file());
    assertThat(report.exitCode()).as(text(report)).isZero();
    var document = report.document();
    assertThat(document.path("runs").asInt()).isEqualTo(1);
    assertThat(document.path("gaps")).isEmpty();
    assertThat(document.path("files").size()).isGreaterThan(3);
    assertThat(document.path("passes").asLong()).isEqualTo(passes(file()));

    // The earlier run is there too, and read if it is named.
    int oldest = document.path("files").size();
    var both = replay(numbered(oldest), numbered(oldest - 1)).document();
    assertThat(both.path("runs").asInt()).isEqualTo(2);
    assertThat(both.path("gaps")).isEmpty();
  }

  /// The number of the last pass in a file.
  private static long passes(Path file) throws IOException {
    long number = 0;
    for (var line : Files.readAllLines(file)) {
      if (line.contains("\"type\":\"passed\"")) {
        number = JSON.readTree(line).path("number").asLong();
      }
    }
    return number;
  }

  @Test
  void whatIsMissingIsTold() throws IOException {
    record(2, 400, new Recorder.Bounds(80_000, 20, 1 << 14));
    Files.delete(numbered(2));
    var document = replay(numbered(1), file()).document();
    assertThat(document.path("gaps")).hasSize(1);
    var gap = document.path("gaps").path(0);
    assertThat(gap.path("why").asText()).matches("passes 1 to \\d+ are not there");
    assertThat(gap.path("passes").asLong()).isEqualTo(document.path("passes").asLong());
    assertThat(gap.path("different").asLong()).isEqualTo(document.path("different").asLong());
    assertThat(text(replay(file())))
        .contains("so what the engine remembered is not known from here on: of ");
  }

  @Test
  void lostEventsAreTold() throws IOException {
    var lines = new ArrayList<String>();
    record(3, 80);
    var recorded = Files.readAllLines(file());
    lines.addAll(recorded.subList(0, recorded.size() / 2));
    lines.add("{\"v\":1,\"type\":\"lost\",\"at\":\"2026-01-01T00:00:00Z\",\"events\":3}");
    lines.addAll(recorded.subList(recorded.size() / 2, recorded.size()));
    Files.write(file(), lines);
    var report = replay(file());
    assertThat(report.document().path("gaps")).hasSize(1);
    assertThat(text(report))
        .contains("events.jsonl:%d: 3 events are lost".formatted(recorded.size() / 2 + 1));
  }

  @Test
  void aLastLineThatIsCutOffIsLeftOutAndTold() throws IOException {
    record(4, 60);
    var whole = replay(file()).document().path("passes").asInt();
    var bytes = Files.readAllBytes(file());
    int cut = 0;
    for (int length : new int[] {bytes.length - 1, bytes.length - 2, bytes.length - 40}) {
      Files.write(file(), Arrays.copyOf(bytes, length));
      var report = replay(file());
      assertThat(report.exitCode()).as(text(report)).isZero();
      assertThat(report.document().path("passes").asInt()).isEqualTo(whole);
      cut += report.document().path("cutOff").size();
      assertThat(report.document().path("gaps")).isEmpty();
    }
    assertThat(cut).isEqualTo(2);
    assertThat(text(replay(file())))
        .contains("events.jsonl: the last line is cut off and left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          1 |                             | events.jsonl:1: need one JSON object
          1 | {"type":"stopped"}          | events.jsonl:1: need the first line of a recording
          1 | {"type":"recording","format":1} | events.jsonl:1: format: need 2, got 1
          1 | {"type":"recording"}        | events.jsonl:1: format: need 2, got nothing
          2 | {"v":1,"type":"stopped","at":"2026-01-01T00:00:00Z","reason":""} | events.jsonl:2: type: need the event of a start first
          3 | hello                       | events.jsonl:3: need one JSON object
          3 | {"v":1,"type":"exploded","at":"2026-01-01T00:00:00Z"} | events.jsonl:3: type: need a type of event, got "exploded"
          3 | {"v":1,"type":"lost","events":-1} | events.jsonl:3: events: need a whole number >= 1, got -1
          3 | {"v":1,"v":1}               | events.jsonl:3: need one JSON object: Duplicate field 'v'
          3 | {} {}                       | events.jsonl:3: need one JSON object
          """)
  void aLineThatNoRecorderWroteIsNamed(int number, String line, String message) throws IOException {
    record(5, 5);
    var lines = new ArrayList<>(Files.readAllLines(file()));
    lines.set(number - 1, line == null ? "" : line);
    Files.write(file(), lines);
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> replay(file()))
        .withMessageContaining(message)
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(1));
  }

  @Test
  void filesThatAreNotThereOrInTheWrongOrderAreRefused() throws IOException {
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> replay(folder.resolve("none.jsonl")))
        .withMessageEndingWith("none.jsonl: no such file")
        .satisfies(e -> assertThat(e.exitCode()).isEqualTo(2));
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> replay(folder))
        .withMessageEndingWith("need a file, got a folder");
    Files.createFile(file());
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> replay(file()))
        .withMessageEndingWith("events.jsonl:1: need a recording, got an empty file");
    record(2, 200, new Recorder.Bounds(80_000, 20, 1 << 14));
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> replay(file(), numbered(1)))
        .withMessageContaining("number: need a pass after");
  }

  @Test
  void otherSettingsTellWhatWouldHaveBeen() throws IOException {
    record(6, 150);
    var same = Replay.of(List.of(file()), Optional.of(pool(UnaryOperator.identity())));
    assertThat(same.document().path("different").asInt()).isZero();

    var more =
        Replay.of(
            List.of(file()), Optional.of(pool(spec -> with(spec, new Headroom.Fixed(100, 2)))));
    assertThat(more.exitCode()).isZero();
    var document = more.document();
    assertThat(document.path("different").asInt()).isPositive();
    assertThat(document.path("differentActions").asInt()).isPositive();
    var web = document.path("services").path(2);
    assertThat(web.path("name").asText()).isEqualTo("web");
    assertThat(web.path("claims").path("mostAbove").asInt()).isPositive();
    assertThat(web.path("claims").path("moreReplicaSeconds").asDouble()).isPositive();
    assertThat(document.path("first").path(0).path("differences").path(0).path("where").asText())
        .isEqualTo("web: claim.replicas");
    assertThat(text(more))
        .contains("claims differ", "what would have been decided with what was seen")
        .doesNotContain("claim.reason");

    var other = PoolSpec.of("random", List.of(ServiceSpec.named("shop").build()));
    assertThatExceptionOfType(CommandException.class)
        .isThrownBy(() -> Replay.of(List.of(file()), Optional.of(other)))
        .withMessageContaining("events.jsonl:2: services: need those of the recording");
  }

  @Test
  void theCommandSaysSoInTextAndInJson() throws IOException {
    record(7, 60);
    var same = Console.run("simulate", "--replay", file().toString());
    assertThat(same.exitCode()).as(same.err()).isZero();
    assertThat(same.out()).endsWith("decided again: all the same\n");

    rewrite(tree -> tree.put("number", tree.get("number").asLong() + 1), "number");
    var json = Console.run("simulate", "--replay", file().toString(), "--json");
    assertThat(JSON.readTree(json.out()).path("gaps").path(0).path("why").asText())
        .isEqualTo("pass 1 is not there");

    rewrite(tree -> tree.put("took", "PT0.0001S"), "took");
    rewrite(
        tree -> {
          var grant = (ObjectNode) tree.path("decisions").path(0).path("grant");
          grant.put("granted", grant.path("granted").asInt() + 1);
          return tree;
        },
        "decisions");
    var different = Console.run("simulate", "--replay", file().toString());
    assertThat(different.exitCode()).isEqualTo(1);
    assertThat(different.out()).contains("web: grant.granted: recorded ", " differ");

    assertThat(wrong("--replay", file().toString(), "--policy", "hpa", "--nodes", "3"))
        .contains("--policy, --nodes: not with --replay");
    assertThat(wrong("--replay", file() + ".9")).contains("no such file");
    assertThat(wrong("--replay")).contains("--replay");
  }

  private static String wrong(String... options) {
    var run =
        Console.run(
            Stream.concat(Stream.of("simulate"), Arrays.stream(options)).toArray(String[]::new));
    assertThat(run.exitCode()).isEqualTo(2);
    return run.err();
  }

  /// The recorded pool with other services.
  private PoolSpec pool(UnaryOperator<ServiceSpec> change) throws IOException {
    var started = (LoopEvent.Started) EventJson.parse(Files.readAllLines(file()).get(1));
    var pool = started.pool();
    return new PoolSpec(
        pool.name(),
        pool.services().stream().map(change).toList(),
        pool.stopsPerMinute(),
        pool.actionsInFlight(),
        pool.actionDeadline(),
        pool.resync());
  }

  private static ServiceSpec with(ServiceSpec spec, Headroom headroom) {
    return new ServiceSpec(
        spec.id(),
        spec.priority(),
        spec.min(),
        spec.max(),
        spec.weight(),
        spec.resources(),
        spec.remainder(),
        spec.scaling(),
        headroom,
        spec.hold(),
        spec.reclaim(),
        spec.throttled(),
        spec.whilePaused(),
        spec.standby(),
        spec.minRuntime(),
        spec.fallback());
  }
}
