package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.DockerEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The command as it is used, in a JVM of its own. No times are asserted: the machine may be busy.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BenchStartupIT {
  @TempDir private Path folder;

  @Test
  void processesAndContainersOfRuntimesAreMeasured() throws Exception {
    var page = folder.resolve("page.html");
    var bench =
        bench(
            "--only",
            "process,runc,crun",
            "--runs",
            "3",
            "--quiet-limit",
            "0",
            "--json",
            "--html",
            page.toString());
    bench.waitFor();
    var result = document();
    assumeThat(result.path("notMeasured"))
        .as("what is not installed here, or may not be used")
        .isEmpty();
    assertThat(bench.exitValue()).as(err()).isZero();
    assertThat(result.path("kinds")).hasSize(3);
    for (var kind : result.path("kinds")) {
      assertThat(kind.path("runs").asInt()).isEqualTo(3);
      assertThat(kind.path("minMillis").asDouble()).isPositive();
    }
    assertThat(Files.readString(page)).contains("runc run", "<svg");
    assertNothingIsLeft();
  }

  @Test
  void containersOfAnEngineAreMeasuredAndNothingIsLeftThere() throws Exception {
    var whyNot = DockerEngine.whyNot();
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    try (var engine = DockerEngine.start("bench-startup", DockerEngine.Option.NO_BRIDGE);
        var client = EngineClient.open(EngineAddress.parse(engine.host(), Optional.empty()))) {
      var images = client.get("/images/json");
      var bench =
          bench(
              "--only",
              "docker-host,swarm",
              "--docker",
              engine.host(),
              "--runs",
              "2",
              "--quiet-limit",
              "0",
              "--json");
      bench.waitFor();
      var result = document();
      assertThat(result.path("kinds")).as(err()).hasSize(1);
      assertThat(result.path("kinds").get(0).path("kind").asText()).isEqualTo("docker-host");
      assertThat(result.path("notMeasured").get(0).path("reason").asText())
          .contains("is not the manager of a swarm");
      assertThat(client.get("/containers/json", Map.of("all", "1"))).isEmpty();
      assertThat(client.get("/images/json")).isEqualTo(images);
    }
    assertNothingIsLeft();
  }

  @Test
  void toldToStopItSaysWhatItHasAndLeavesNothing() throws Exception {
    var bench = bench("--only", "process,runc", "--runs", "1000", "--json", "--quiet-limit", "0");
    await().atMost(Duration.ofSeconds(60)).until(() -> err().contains("1000 runs"));
    bench.destroy();
    assertThat(bench.waitFor()).as(err()).isZero();
    assertThat(document().path("interrupted").asBoolean()).isTrue();
    assertNothingIsLeft();
  }

  private void assertNothingIsLeft() throws IOException {
    try (var files = Files.list(folder.resolve("tmp"))) {
      assertThat(files).isEmpty();
    }
    assertThat(ProcessHandle.current().descendants())
        .noneMatch(process -> process.info().commandLine().orElse("").contains("sleep 600"));
  }

  private JsonNode document() throws IOException {
    var text = Files.readString(folder.resolve("out"));
    assertThat(text).as(err()).startsWith("{");
    return new ObjectMapper().readTree(text);
  }

  private String err() {
    try {
      return Files.readString(folder.resolve("err"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Process bench(String... options) throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.io.tmpdir=" + Files.createDirectory(folder.resolve("tmp")),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.microscale.app.Main",
                "bench",
                "startup"));
    command.addAll(Arrays.asList(options));
    return new ProcessBuilder(command)
        .redirectOutput(folder.resolve("out").toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }
}
