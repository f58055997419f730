package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.DockerEngine;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What is in `deploy/`, used as its README says: Microscale in a container beside what it scales.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeployIT {
  private static final Path DEPLOY = Path.of("../deploy").toAbsolutePath().normalize();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String IMAGE = "busybox:stable"; // what the examples run
  private static final String TOKEN = "a-token-for-this-test";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;
  private static @Nullable SwarmCluster swarm;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static EngineClient client;

  private static Map<String, String> environment = Map.of();

  @BeforeAll
  static void startEngineWithImage() throws Exception {
    var whyNot =
        SwarmCluster.whyNot().or(() -> missing("docker")).or(() -> missing("docker-compose"));
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    var image = ImageFile.make(folder, "microscale:latest");
    // One of its nodes is the engine for Compose as well.
    swarm = SwarmCluster.start("app-deploy", 2);
    client = EngineClient.open(EngineAddress.parse(swarm.host(), Optional.empty()));
    for (var node : swarm.nodes()) {
      environment = Map.of("DOCKER_HOST", swarm.host(node));
      run(DEPLOY, "docker", "tag", DockerEngine.IMAGE, IMAGE);
    }
    environment =
        Map.of(
            "DOCKER_HOST", swarm.host(),
            "DOCKER_SOCKET", swarm.host().substring("unix://".length()),
            "MICROSCALE_ADDRESS", swarm.address("n1"),
            "MICROSCALE_TOKEN", TOKEN);
    run(DEPLOY, "docker", "load", "-i", image.toString());
  }

  @AfterEach
  void leaveNothingToTheNext() throws Exception {
    run(
        DEPLOY,
        "sh",
        "-c",
        "docker stack rm kittens; docker ps -aq --filter label=com.docker.compose.project"
            + " | xargs -r docker rm -f; docker ps -aq --filter label=io.microscale.pool"
            + " | xargs -r docker rm -f; docker network rm kittens_default; true");
    await().atMost(PATIENCE).until(DeployIT::nothingIsLeft);
  }

  @AfterAll
  static void stopEngine() {
    if (swarm != null) {
      client.close();
      swarm.close();
    }
  }

  private static Optional<String> missing(String program) {
    return Optional.of("not installed: " + program)
        .filter(
            reason ->
                List.of(System.getenv("PATH").split(":")).stream()
                    .noneMatch(path -> Files.isExecutable(Path.of(path, program))));
  }

  @Test
  void composeExampleScalesWhatIsBesideIt() throws Exception {
    var compose = DEPLOY.resolve("compose");
    run(compose, "docker-compose", "up", "-d");
    await().atMost(PATIENCE).until(() -> replicas("transcode", "running").size() == 8);

    // 50 requests a second for each replica, and one replica more.
    push(150);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                replicas("web", "running").size() == 4
                    && replicas("transcode", "paused").size() == 4
                    && ready("web") == 4);
    assertThat(containers("web"))
        .allSatisfy(
            web -> {
              assertThat(web.path("Image").asText()).isEqualTo(IMAGE);
              assertThat(web.path("NetworkSettings").path("Networks").has("kittens_default"))
                  .isTrue();
            });

    // Without Microscale nothing changes, and with it again neither.
    var before = replicas("web", "running");
    run(compose, "docker-compose", "stop", "microscale");
    assertThat(replicas("web", "running")).isEqualTo(before);
    assertThat(replicas("transcode", "paused")).hasSize(4);
    run(compose, "docker-compose", "start", "microscale");
    push(150);
    await().atMost(PATIENCE).until(() -> ready("web") == 4);
    assertThat(replicas("web", "running")).isEqualTo(before);

    run(compose, "docker-compose", "stop", "microscale");
    run(
        compose,
        "sh",
        "-c",
        "docker ps -aq --filter label=io.microscale.pool=kittens | xargs -r docker rm -f");
    run(compose, "docker-compose", "down");
    assertThat(nothingIsLeft()).isTrue();
  }

  @Test
  void swarmStackScalesItsOwnServices() throws Exception {
    var token = Files.writeString(folder.resolve("token"), TOKEN).toString();
    run(DEPLOY, "docker", "secret", "create", "microscale-token", token);
    var deploy = "docker stack deploy --resolve-image never -c stack.yaml kittens";
    run(DEPLOY.resolve("swarm"), deploy.split(" "));
    await().atMost(PATIENCE).until(() -> runs(1, 11));
    push(150);
    await().atMost(PATIENCE).until(() -> runs(4, 8));

    var before = tasks("web");
    run(DEPLOY, "docker", "service", "scale", "--detach", "kittens_microscale=0");
    await().atMost(PATIENCE).until(() -> tasks("microscale").isEmpty());
    assertThat(tasks("web")).isEqualTo(before);
    assertThat(runs(4, 8)).isTrue();
  }

  private static void run(Path directory, String... words) throws Exception {
    var out = Files.createTempFile(folder, "out", "");
    var process =
        command(environment, List.of(words))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    end(process, out);
  }

  private static ProcessBuilder command(Map<String, String> variables, List<String> words) {
    var builder = new ProcessBuilder(words);
    builder.environment().keySet().removeIf(name -> name.startsWith("MICROSCALE_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(variables);
    return builder;
  }

  private static void end(Process process, Path output) throws Exception {
    boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    process.destroyForcibly();
    assertThat(ended).as(Files.readString(output)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  private static List<JsonNode> containers(String service) {
    var labels = List.of("io.microscale.pool=kittens", "io.microscale.service=" + service);
    return StreamSupport.stream(client.containers(labels).spliterator(), false).toList();
  }

  private static List<String> replicas(String service, String state) {
    return containers(service).stream()
        .filter(container -> container.path("State").asText().equals(state))
        .map(container -> container.path("Id").asText())
        .sorted()
        .toList();
  }

  private static List<String> tasks(String service) {
    var filters = "{\"service\":[\"kittens_%s\"]}".formatted(service);
    return StreamSupport.stream(
            client.get("/tasks", Map.of("filters", filters)).spliterator(), false)
        .filter(task -> task.path("Status").path("State").asText().equals("running"))
        .map(task -> task.path("ID").asText())
        .sorted()
        .toList();
  }

  private static boolean nothingIsLeft() {
    var networks = Map.of("filters", "{\"name\":[\"kittens_default\"]}");
    return client.get("/containers/json", Map.of("all", "1")).isEmpty()
        && client.get("/networks", networks).isEmpty();
  }

  private static boolean runs(int web, int transcode) {
    return tasks("web").size() == web && tasks("transcode").size() == transcode;
  }

  private static void push(int requests) {
    var body = "{\"value\": " + requests + "}";
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> call("PUT", "/v1/services/web/demand", body).path("value").asInt() > 0);
  }

  private static int ready(String service) throws Exception {
    for (var one : call("GET", "/v1/status", "").path("services")) {
      if (one.path("name").asText().equals(service)) {
        return one.path("replicas").path("running").asInt();
      }
    }
    return -1;
  }

  /// Calls Microscale.
  private static JsonNode call(String method, String path, String body) throws Exception {
    var address = "http://%s:7700%s".formatted(environment.get("MICROSCALE_ADDRESS"), path);
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create(address))
              .timeout(Duration.ofSeconds(5))
              .header("Content-Type", "application/json")
              .header("Authorization", "Bearer " + TOKEN)
              .method(method, BodyPublishers.ofString(body))
              .build();
      var response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
      return JSON.readTree(response.body());
    }
  }
}
