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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The commands on real container engines. No times are asserted: the machine may be busy.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EnginesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String POOL = "io.microscale.pool=engines-it";
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, AutoCloseable> ENGINES = new TreeMap<>();
  private static final Map<String, String> HOSTS = new TreeMap<>();

  @BeforeAll
  static void startEngines() {
    if (DockerEngine.whyNot().isEmpty()) {
      var docker = DockerEngine.start("app-docker", DockerEngine.Option.NO_BRIDGE);
      ENGINES.put("docker", docker);
      HOSTS.put("docker", docker.host());
    }
    if (PodmanEngine.whyNot().isEmpty()) {
      var podman = PodmanEngine.start("app-podman");
      ENGINES.put("podman", podman);
      HOSTS.put("podman", podman.host());
    }
    if (SwarmCluster.whyNot().isEmpty()) {
      var swarm = SwarmCluster.start("app-swarm", 3);
      ENGINES.put("swarm", swarm);
      HOSTS.put("swarm", swarm.host());
    }
  }

  @AfterAll
  static void stopEngines() throws Exception {
    for (var engine : ENGINES.values()) {
      engine.close();
    }
  }

  private static String host(String kind) {
    var whyNot =
        switch (kind) {
          case "docker" -> DockerEngine.whyNot();
          case "podman" -> PodmanEngine.whyNot();
          case "process" -> Optional.<String>empty();
          default -> SwarmCluster.whyNot();
        };
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    return HOSTS.getOrDefault(kind, "");
  }

  private static EngineClient client(String kind) {
    return EngineClient.open(EngineAddress.parse(host(kind), Optional.empty()));
  }

  /// What is there: containers, or services of a swarm, and images.
  private static List<String> things(String kind) {
    if (kind.equals("process")) {
      return List.of();
    }
    try (var client = client(kind)) {
      var left =
          kind.equals("swarm")
              ? client.get("/services")
              : client.get("/containers/json", Map.of("all", "1"));
      return StreamSupport.stream(left.spliterator(), false).map(JsonNode::toString).toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker", "podman", "swarm"})
  void theDemoRunsThereAndLeavesNothing(String kind) throws Exception {
    var demo =
        Console.run(
            "demo",
            "--orchestrator=" + kind,
            "--host=" + host(kind),
            "--slots=4",
            "--demand=step",
            "--duration=20s",
            "--port=0",
            "--json");
    assertThat(demo.exitCode()).as(demo.err()).isZero();
    var summary = JSON.readTree(demo.out());
    assertThat(summary.path("requests").path("answered").asInt()).as(demo.out()).isPositive();
    assertThat(summary.path("requests").path("wrong").asInt()).isZero();
    assertThat(summary.path("batch").path("unitsDone").asInt()).isPositive();
    assertThat(summary.path("batch").path("unitsWrong").asInt()).isZero();
    assertThat(things(kind)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"process", "docker", "podman", "swarm"})
  void reactionIsMeasuredBesideTheRawLimit(String kind) throws Exception {
    var bench =
        Console.run(
            "bench",
            "reaction",
            "--orchestrator=" + kind,
            "--host=" + host(kind),
            "--image=" + DockerEngine.IMAGE,
            "--step=1:3",
            "--slots=4",
            "--rounds=2",
            "--quiet-limit=0",
            "--json");
    assertThat(bench.exitCode()).as(bench.err()).isZero();
    var report = JSON.readTree(bench.out());
    assertThat(report.path("rounds")).hasSize(2);
    for (var round : report.path("rounds")) {
      double first = round.path("firstMillis").asDouble();
      assertThat(first).isPositive();
      assertThat(round.path("allMillis").asDouble()).isGreaterThanOrEqualTo(first);
      assertThat(round.path("unservedReplicaSeconds").asDouble()).isPositive();
      assertThat(round.path("batchUnitsLost").asInt()).isEqualTo(kind.equals("swarm") ? 2 : 0);
    }
    assertThat(report.path("raw").path("medianMillis").asDouble()).isPositive();
    assertThat(report.path("ratio").asDouble()).isPositive();
    assertThat(things(kind)).isEmpty();
  }

  @Test
  void pushedDemandBecomesContainersThatTheNextEngineTakesOver() throws Exception {
    var configuration =
        ConfigurationReader.read(
            """
            pool:
              name: engines-it
              orchestrator: {docker: {host: "%s"}}
              capacity: {slots: 4}
            services:
              - name: web
                priority: 100
                max: 4
                hold: 0s
                headroom: {percent: 0, replicas: 0}
                standby: 1
                workload: &worker {image: "%s", network: none, stopGrace: 1s}
                demand: {push: {}}
                scaling: {replicas: {}}
              - {name: batch, remainder: true, workload: *worker}
            """
                .formatted(host("docker"), DockerEngine.IMAGE),
            Path.of("microscale.yaml"));
    var options =
        new RunningEngine.Options(false, Optional.empty(), ServerSettings.local(0), Fence.NONE);
    try (var client = client("docker")) {
      try (var engine = RunningEngine.start(configuration, options, _ -> {})) {
        push(engine.uri(), 1);
        await()
            .atMost(PATIENCE)
            .until(() -> count(client, "web", "paused") == 1 && running(client, "batch") == 3);
        push(engine.uri(), 3);
        await()
            .atMost(PATIENCE)
            .until(() -> running(client, "web") == 3 && count(client, "web", "paused") == 1);
      }
      // Stopping the engine stops nothing.
      assertThat(running(client, "web")).isEqualTo(3);
      var before = ids(client, "web");
      try (var engine = RunningEngine.start(configuration, options, _ -> {})) {
        push(engine.uri(), 3);
        await()
            .atMost(PATIENCE)
            .until(() -> web(engine.uri()).path("grant").path("granted").asInt() == 3);
        assertThat(ids(client, "web")).containsAll(before);
      }
    } finally {
      removeAll();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker", "podman", "swarm"})
  void aDryRunTouchesNothing(String kind) throws Exception {
    var configuration =
        ConfigurationReader.read(
            """
            pool:
              name: engines-it
              orchestrator: {%s: {host: "%s"}}
              capacity: {slots: 4}
            services:
              - name: web
                max: 4
                workload: {image: "%s"}
                demand: {push: {}}
                scaling: {replicas: {}}
            """
                .formatted(kind, host(kind), DockerEngine.IMAGE),
            Path.of("microscale.yaml"));
    var options =
        new RunningEngine.Options(true, Optional.empty(), ServerSettings.local(0), Fence.NONE);
    try (var engine = RunningEngine.start(configuration, options, _ -> {})) {
      push(engine.uri(), 3);
      // A service that Swarm does not have stays missing, and is told so.
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  kind.equals("swarm")
                      ? web(engine.uri())
                          .path("grant")
                          .path("reason")
                          .asText()
                          .contains("Swarm has no")
                      : web(engine.uri()).path("grant").path("granted").asInt() >= 3);
    }
    assertThat(things(kind)).isEmpty();
  }

  private static void removeAll() {
    try (var client = client("docker")) {
      Labelled.remove(client, POOL);
    }
  }

  private static void push(URI engine, int replicas) throws Exception {
    var request =
        HttpRequest.newBuilder(engine.resolve("/v1/services/web/demand"))
            .header("Content-Type", "application/json")
            .PUT(BodyPublishers.ofString("{\"value\": " + replicas + "}"))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      var response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }

  private static JsonNode web(URI engine) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(engine.resolve("/v1/status")).build();
      var status = JSON.readTree(http.send(request, BodyHandlers.ofString()).body());
      return status.path("services").path(0);
    }
  }

  private static int count(EngineClient client, String service, String state) {
    return (int) in(client, service, state).count();
  }

  private static Stream<JsonNode> in(EngineClient client, String service, String state) {
    var labels = List.of(POOL, "io.microscale.service=" + service);
    return StreamSupport.stream(client.containers(labels).spliterator(), false)
        .filter(c -> c.path("State").asText().equals(state));
  }

  private static List<String> ids(EngineClient client, String service) {
    return in(client, service, "running").map(c -> c.path("Id").asText()).toList();
  }

  private static int running(EngineClient client, String service) {
    return count(client, service, "running");
  }
}
