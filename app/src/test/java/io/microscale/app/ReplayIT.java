package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.config.ConfigurationReader;
import io.microscale.app.engine.Labelled;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.server.ServerSettings;
import io.microscale.testkit.engines.DockerEngine;
import io.microscale.testkit.engines.PodmanEngine;
import io.microscale.testkit.engines.SwarmCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What real engines recorded, decided again. Some seconds of random demand on each orchestrator,
/// with somebody who sets things by hand and replicas that end on their own.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReplayIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String LABEL = "io.microscale.pool=replay-it";
  private static final int LEAST_PASSES = 40;

  @TempDir private Path folder;

  private final HttpClient http = HttpClient.newHttpClient();

  @AfterEach
  void endProcesses() throws IOException {
    if (Files.exists(pids())) {
      Files.readAllLines(pids()).stream()
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
          .forEach(ProcessHandle::destroyForcibly);
    }
  }

  private Path pids() {
    return folder.resolve("pids");
  }

  @Test
  void process() throws Exception {
    Files.createFile(pids());
    recordAndDecideAgain(
        "{process: {stateDirectory: state}}",
        "{command: [sh, -c, 'echo $$ >> %s; while :; do sleep 0.2; done'], stopGrace: 1s}"
            .formatted(pids()),
        "[pause, stop]");
  }

  @Test
  void docker() throws Exception {
    skipUnless(DockerEngine.whyNot());
    try (var engine = DockerEngine.start("replay-docker", DockerEngine.Option.NO_BRIDGE)) {
      onContainers("docker", engine.host());
    }
  }

  @Test
  void podman() throws Exception {
    skipUnless(PodmanEngine.whyNot());
    try (var engine = PodmanEngine.start("replay-podman")) {
      onContainers("podman", engine.host());
    }
  }

  @Test
  void swarm() throws Exception {
    skipUnless(SwarmCluster.whyNot());
    try (var cluster = SwarmCluster.start("replay-swarm", 2)) {
      recordAndDecideAgain(
          "{swarm: {host: '%s'}}".formatted(cluster.host()),
          "{image: '%s', stopGrace: 1s}".formatted(SwarmCluster.IMAGE),
          "[stop]");
    }
  }

  private static void skipUnless(Optional<String> whyNot) {
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
  }

  private void onContainers(String kind, String host) throws Exception {
    try {
      recordAndDecideAgain(
          "{%s: {host: '%s'}}".formatted(kind, host),
          "{image: '%s', network: none, stopGrace: 1s}".formatted(DockerEngine.IMAGE),
          "[pause, stop]");
    } finally {
      try (var client = EngineClient.open(EngineAddress.parse(host, Optional.empty()))) {
        Labelled.remove(client, LABEL);
      }
    }
  }

  private Path configuration(
      String name, String orchestrator, String workload, String reclaim, String headroom)
      throws IOException {
    return Files.writeString(
        folder.resolve(name),
        """
        pool:
          name: replay-it
          orchestrator: %s
          capacity: {slots: 6}
        services:
          - name: web
            priority: 100
            min: 1
            max: 5
            headroom: %s
            reclaim: %s
            workload: %s
            demand: {random: {seed: 5, max: 5, interval: 150ms, jump: 0.6}}
            scaling: {replicas: {}}
            fallback: {after: 2s, replicas: 2}
          - name: batch
            remainder: true
            reclaim: %s
            workload: %s
        """
            .formatted(orchestrator, headroom, reclaim, workload, reclaim, workload));
  }

  private void recordAndDecideAgain(String orchestrator, String workload, String reclaim)
      throws Exception {
    var file = configuration("microscale.yaml", orchestrator, workload, reclaim, "learned");
    var events = folder.resolve("events.jsonl");
    try (var engine =
        RunningEngine.start(
            ConfigurationReader.read(file),
            new RunningEngine.Options(
                false, Optional.of(events), ServerSettings.local(0), Fence.NONE),
            _ -> {})) {
      await().atMost(PATIENCE).until(() -> passes(engine.uri()) > LEAST_PASSES / 2);
      call(engine.uri(), "POST", "/v1/services/web/spike", "{\"amount\": 2, \"seconds\": 1}");
      call(engine.uri(), "PUT", "/v1/services/batch/suspended", "{\"suspended\": true}");
      killOne();
      await().atMost(PATIENCE).until(() -> passes(engine.uri()) > LEAST_PASSES);
      call(engine.uri(), "PUT", "/v1/services/batch/suspended", "{\"suspended\": false}");
      call(engine.uri(), "PUT", "/v1/services/web/override/demand", "{\"value\": 1.5}");
      long now = passes(engine.uri());
      await().atMost(PATIENCE).until(() -> passes(engine.uri()) > now + LEAST_PASSES / 2);
    }

    var same = Console.run("simulate", "--replay", events.toString(), "--json");
    assertThat(same.exitCode()).as(same.out() + same.err()).isZero();
    var report = JSON.readTree(same.out());
    assertThat(report.path("passes").asInt()).isGreaterThan(LEAST_PASSES);
    assertThat(report.path("different").asInt()).isZero();
    assertThat(report.path("gaps")).isEmpty();

    var more =
        configuration("more.yaml", orchestrator, workload, reclaim, "{percent: 90, replicas: 1}");
    var other =
        Console.run("simulate", "--replay", events.toString(), "-f", more.toString(), "--json");
    assertThat(other.exitCode()).as(other.err()).isZero();
    assertThat(JSON.readTree(other.out()).path("different").asInt()).isPositive();

    // An engine that is killed leaves the last line cut off.
    var bytes = Files.readAllBytes(events);
    Files.write(events, Arrays.copyOf(bytes, bytes.length - 7));
    var cut = Console.run("simulate", "--replay", events.toString());
    assertThat(cut.exitCode()).as(cut.out() + cut.err()).isZero();
    assertThat(cut.out()).contains("the last line is cut off", "all the same");
  }

  /// Lets a worker process end on its own, where there are any.
  private void killOne() throws IOException {
    if (Files.exists(pids())) {
      Files.readAllLines(pids()).stream()
          .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
          .filter(ProcessHandle::isAlive)
          .findFirst()
          .ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  private long passes(URI engine) throws Exception {
    return status(engine).path("passes").asLong();
  }

  private JsonNode status(URI engine) throws Exception {
    var request = HttpRequest.newBuilder(engine.resolve("/v1/status")).build();
    return JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
  }

  private void call(URI engine, String method, String path, String body) throws Exception {
    var request =
        HttpRequest.newBuilder(engine.resolve(path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    var response = http.send(request, BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 299);
  }
}
