package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.loop.LoopEvent;
import io.microscale.server.EventJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The command `run` as a process of its own, against real workers.
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunIT {
  private static final Pattern ADDRESS = Pattern.compile("page and API at (http\\S+)");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final List<Process> engines = new ArrayList<>();
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeAll
  static void bePatient() {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
  }

  @BeforeEach
  void configure() throws IOException {
    Files.createFile(pids());
    Files.writeString(
        folder.resolve("microscale.yaml"),
        """
        pool:
          name: run-it
          orchestrator: {process: {stateDirectory: state}}
          capacity: {slots: 6}
        services:
          - name: web
            priority: 100
            max: 4
            hold: 0s
            headroom: {percent: 0, replicas: 0}
            workload: &worker
              command: [sh, -c, "echo $$ >> pids; while :; do sleep 0.2; done"]
              stopGrace: 1s
            demand: {push: {}}
            scaling: {targetPerReplica: 100}
          - name: batch
            priority: 10
            remainder: true
            reclaim: [stop]
            workload: *worker
        server: {port: 0}
        """);
  }

  @AfterEach
  void endEverything() throws IOException {
    engines.forEach(Process::destroyForcibly);
    started().forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void pushedDemandBecomesReplicasThatOutliveTheEngine() throws Exception {
    var first = run("--record", "events.jsonl");
    await().until(() -> ready(first, "batch") == 6);
    push(first, 300);
    await().until(() -> ready(first, "web") == 3 && ready(first, "batch") == 3);
    var before = alive();
    assertThat(before).hasSize(6);
    var lines = Files.readAllLines(pids());

    // The engine is gone without a word; its replicas go on.
    first.process.destroyForcibly().waitFor();
    assertThat(alive()).isEqualTo(before);

    // The next one takes over what it finds: none restarted, none doubled.
    var second = run("--record", "events.jsonl");
    await().until(() -> ready(second, "web") == 3 && ready(second, "batch") == 3);
    push(second, 300);
    push(second, 299);
    await()
        .until(
            () ->
                status(second)
                    .path("services")
                    .get(0)
                    .path("claim")
                    .path("basis")
                    .asText()
                    .equals("reading"));
    assertThat(alive()).isEqualTo(before);
    assertThat(Files.readAllLines(pids())).isEqualTo(lines);

    // Told to stop, it ends with 0 and stops nothing else.
    second.process.destroy();
    assertThat(second.process.waitFor()).isZero();
    assertThat(second.lines()).last().asString().contains("replicas go on");
    assertThat(alive()).isEqualTo(before);

    var recorded = Files.readAllLines(folder.resolve("events.jsonl"));
    assertThat(JSON.readTree(recorded.getFirst()).path("type").asText()).isEqualTo("recording");
    var events = recorded.stream().skip(1).map(EventJson::parse).toList();
    assertThat(events.getFirst()).isInstanceOf(LoopEvent.Started.class);
    assertThat(events.getLast()).isInstanceOf(LoopEvent.Stopped.class);
    assertThat(folder.resolve("events.jsonl.1")).exists();
  }

  @Test
  void aDryRunTouchesNothing() throws Exception {
    var engine = run("--dry-run");
    push(engine, 300);
    await()
        .until(
            () ->
                status(engine).path("services").get(0).path("grant").path("granted").asInt() == 3);
    assertThat(status(engine).path("lastPlan").path("steps")).isNotEmpty();
    engine.process.destroy();
    assertThat(engine.process.waitFor()).isZero();
    assertThat(Files.readAllLines(pids())).isEmpty();
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void aSecondEngineOnTheSamePortIsRefusedBeforeItActs() throws Exception {
    var first = run();
    var second =
        start(
            List.of("--port", String.valueOf(first.address.getPort())),
            folder.resolve("second.err"));
    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("second.err")))
        .contains("is an engine running already?");
  }

  private record Running(Process process, URI address, Path err) {
    List<String> lines() throws IOException {
      return Files.readAllLines(err);
    }
  }

  private Running run(String... options) throws IOException {
    var err = folder.resolve("engine-" + engines.size() + ".err");
    var process = start(Arrays.asList(options), err);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !process.isAlive() || ADDRESS.matcher(Files.readString(err)).find());
    var address = ADDRESS.matcher(Files.readString(err));
    assertThat(address.find()).as("address in: %s", Files.readString(err)).isTrue();
    return new Running(process, URI.create(address.group(1)), err);
  }

  private Process start(List<String> options, Path err) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.microscale.app.Main",
                "run",
                "-f",
                "microscale.yaml"));
    command.addAll(options);
    var builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("MICROSCALE_TOKEN");
    var process = builder.start();
    engines.add(process);
    return process;
  }

  private void push(Running engine, double value) throws Exception {
    var request =
        HttpRequest.newBuilder(engine.address.resolve("/v1/services/web/demand"))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"value\": " + value + "}"))
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
  }

  private JsonNode status(Running engine) throws Exception {
    var request = HttpRequest.newBuilder(engine.address.resolve("/v1/status")).build();
    return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  private int ready(Running engine, String name) throws Exception {
    for (var service : status(engine).path("services")) {
      if (service.path("name").asText().equals(name)) {
        return service.path("replicas").path("running").asInt();
      }
    }
    throw new AssertionError("no service " + name);
  }

  private Path pids() {
    return folder.resolve("pids");
  }

  private Stream<ProcessHandle> started() throws IOException {
    return Files.readAllLines(pids()).stream()
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream());
  }

  private List<Long> alive() throws IOException {
    return started().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).sorted().toList();
  }
}
