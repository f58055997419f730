package io.microscale.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.net.ServerSocket;
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
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The demo with real workers. No times are asserted: the machine may be busy.
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DemoIT {
  private static final Pattern ADDRESS = Pattern.compile("the page is at (http\\S+?);?\\s");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final List<Process> demos = new ArrayList<>();

  @AfterEach
  void endEverything() throws InterruptedException {
    for (var demo : demos) {
      demo.destroyForcibly().waitFor();
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> workers().isEmpty());
  }

  private static List<ProcessHandle> descendantsBut(List<ProcessHandle> others) {
    return ProcessHandle.current().descendants().filter(p -> !others.contains(p)).toList();
  }

  @Test
  void itsNumbersComeFromWorkThatWasDone() throws Exception {
    var notices = new CopyOnWriteArrayList<String>();
    var settings =
        new Demo.Settings(
            LocalWorkers::open,
            6,
            1,
            "step",
            DemandKind.of("step", 6, 1),
            Optional.of(folder.resolve("events.jsonl")),
            ServerSettings.local(0));
    // What other tests of this JVM killed stays its child until the JVM ends.
    var before = ProcessHandle.current().descendants().toList();
    Summary summary;
    try (var demo = Demo.start(settings, notices::add)) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> demo.work().requests().answered() > 50 && demo.work().blocks() > 2);
      assertThat(descendantsBut(before)).hasSizeGreaterThan(6);
      // The page tells the same numbers, or newer ones.
      var status = get(demo.uri().resolve("/v1/status"));
      assertThat(status.path("services").get(0).path("work").path("done").asLong())
          .isGreaterThan(50);
      summary = demo.finish(false);
    }
    assertThat(descendantsBut(before)).isEmpty();

    var work = summary.work();
    assertThat(work.requests().sent())
        .isEqualTo(work.requests().answered() + work.requests().missed());
    assertThat(work.requests().wrong()).isZero();
    assertThat(work.wrongBlocks()).isZero();
    var figures = summary.figures();
    assertThat(figures.service(Demo.WEB).work()).isNotNull();
    assertThat(figures.service(Demo.WEB).work().done())
        .isBetween(50.0, (double) work.requests().answered());
    assertThat(figures.reactionMillis().count()).isPositive();
    assertThat(notices).noneMatch(line -> line.contains("ended by itself"));
    assertThat(Files.readAllLines(folder.resolve("events.jsonl")).getLast()).contains("stopped");
    requireKeys(summary.json());
    assertThat(summary.lines()).allMatch(line -> !line.contains("NaN"));
  }

  @Test
  void theSummaryIsOneJsonDocumentAndNothingIsLeft() throws Exception {
    var demo = demo("--duration", "5s", "--slots", "4", "--seed", "3", "--json");
    assertThat(demo.waitFor()).as(err()).isZero();
    var summary = JSON.readTree(Files.readString(out()));
    requireKeys(summary);
    assertThat(summary.path("seed").asLong()).isEqualTo(3);
    assertThat(summary.path("slots").asInt()).isEqualTo(4);
    assertThat(summary.path("engine").path("startMillis").asDouble()).isPositive();
    assertThat(summary.path("engine").path("idleCpuPercent").isNumber()).isTrue();
    assertThat(summary.path("engine").path("eventsLost").asLong()).isZero();
    assertThat(workers()).isEmpty();
  }

  @Test
  void toldToStopItSumsUpAndLeavesNothing() throws Exception {
    var demo = demo("--slots", "4", "--demand", "wave", "--json");
    await().atMost(Duration.ofSeconds(60)).until(() -> workers().size() >= 4);
    demo.destroy();
    assertThat(demo.waitFor()).as(err()).isZero();
    requireKeys(JSON.readTree(Files.readString(out())));
    assertThat(workers()).isEmpty();
    assertThat(folders()).isEmpty();
  }

  @Test
  void killedItLeavesNothingEither() throws Exception {
    var demo = demo("--slots", "4");
    // Some are paused: they stand by.
    await().atMost(Duration.ofSeconds(60)).until(() -> workers().size() >= 6);
    demo.destroyForcibly().waitFor();
    await().atMost(Duration.ofSeconds(60)).until(() -> workers().isEmpty() && folders().isEmpty());
  }

  @Test
  void whatIsSetByHandIsWhatUsersSend() throws Exception {
    demo("--slots", "4", "--demand", "wave");
    await().atMost(Duration.ofSeconds(60)).until(() -> ADDRESS.matcher(err()).find());
    var address = ADDRESS.matcher(err());
    assertThat(address.find()).isTrue();
    var page = URI.create(address.group(1));
    put(page.resolve("/v1/services/web/override/demand"), "{\"value\": 0}");
    // Whatever was on its way is over after a while, and then nothing more comes.
    var last = new AtomicLong(-1);
    await()
        .atMost(Duration.ofSeconds(60))
        .during(Duration.ofSeconds(1))
        .until(
            () -> {
              long now = done(page);
              return last.getAndSet(now) == now;
            });
    long before = done(page);
    put(page.resolve("/v1/services/web/override/demand"), "{\"value\": 3}");
    await().atMost(Duration.ofSeconds(60)).until(() -> done(page) > before + 20);
  }

  @Test
  void aPortThatIsAskedForAndTakenIsRefusedBeforeAnythingStarts() throws Exception {
    try (var taken = new ServerSocket(0)) {
      var demo = demo("--port", Integer.toString(taken.getLocalPort()));
      assertThat(demo.waitFor()).isEqualTo(1);
      assertThat(err()).contains("--port: need a free port, got " + taken.getLocalPort());
    }
    assertThat(workers()).isEmpty();
  }

  private static void requireKeys(JsonNode summary) {
    for (var name :
        List.of("seed", "slots", "demand", "passes", "unservedPercent", "utilisationPercent")) {
      assertThat(summary.has(name)).as(name).isTrue();
    }
    for (var times : List.of("reactionMillis", "decisionMicros")) {
      requireKeys(summary.path(times), "count", "p50", "p90", "p99", "max");
    }
    requireKeys(summary.path("requests"), "sent", "answered", "missed", "wrong");
    requireKeys(
        summary.path("batch"), "unitsDone", "starts", "stops", "pauses", "resumes", "lostSeconds");
    requireKeys(summary.path("engine"), "startMillis", "rssMegabytes", "cpuPercent");
  }

  private static void requireKeys(JsonNode node, String... names) {
    for (var name : names) {
      assertThat(node.path(name).isNumber()).as(name).isTrue();
    }
  }

  private Process demo(String... options) throws IOException {
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
                "demo"));
    command.addAll(Arrays.asList(options));
    if (!command.contains("--port")) {
      command.addAll(List.of("--port", "0"));
    }
    var builder =
        new ProcessBuilder(command)
            .redirectOutput(out().toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("XDG_RUNTIME_DIR", folder.toString());
    var demo = builder.start();
    demos.add(demo);
    return demo;
  }

  private Path out() {
    return folder.resolve("out");
  }

  private String err() {
    try {
      return Files.exists(folder.resolve("err")) ? Files.readString(folder.resolve("err")) : "";
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Of demos whose temporary files are in the test's folder.
  private List<Long> workers() {
    var theirs = folder.resolve("microscale-demo-").toString();
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                Arrays.stream(process.info().arguments().orElse(new String[0]))
                    .anyMatch(argument -> argument.startsWith(theirs)))
        .map(ProcessHandle::pid)
        .toList();
  }

  private List<Path> folders() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("microscale-demo-"))
          .toList();
    }
  }

  private static long done(URI page) throws Exception {
    return get(page.resolve("/v1/status"))
        .path("services")
        .get(0)
        .path("work")
        .path("done")
        .asLong();
  }

  private static JsonNode get(URI address) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var response = http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString());
      return JSON.readTree(response.body());
    }
  }

  private static void put(URI address, String body) throws Exception {
    try (var http = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(address)
              .header("Content-Type", "application/json")
              .PUT(BodyPublishers.ofString(body))
              .build();
      var response = http.send(request, BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    }
  }
}
