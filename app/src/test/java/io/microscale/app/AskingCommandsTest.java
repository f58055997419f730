package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.server.EventFeed;
import io.microscale.server.MicroscaleServer;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// `status` and `explain` against a real engine and a real server.
class AskingCommandsTest {
  private static final ServiceId WEB = new ServiceId("web");

  private static LiveEngine engine;
  private static MicroscaleServer server;

  @BeforeAll
  static void start() {
    var clock = new MonotonicClock();
    var pool =
        PoolSpec.of(
            "kittens",
            List.of(
                ServiceSpec.named("web")
                    .priority(100)
                    .replicas(0, 20)
                    .scaling(new ScalingPolicy.PerReplicaTarget(50))
                    .build(),
                ServiceSpec.named("batch")
                    .priority(10)
                    .replicas(0, 20)
                    .remainder()
                    .reclaim(Reclaim.PAUSE, Reclaim.STOP)
                    .build()));
    var feed = new EventFeed();
    engine =
        LiveEngine.start(
            new LiveEngine.Settings(pool, "process", clock, false),
            new OneNode(20),
            Map.of(),
            List.of(feed));
    server = MicroscaleServer.start(ServerSettings.local(0), engine, feed, clock);
    engine.push(WEB, Reading.of(330, clock.instant()));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                Console.run("status", "--url", url())
                    .out()
                    .matches("(?s).*web .* 7 +7 +7 .*batch .* 13 .*"));
  }

  @AfterAll
  static void stop() {
    engine.close();
    server.close();
  }

  @Test
  void statusShowsServicesNodesPlanAndFigures() {
    var console = Console.run("status", "--url", url());
    assertThat(console.exitCode()).isZero();
    assertThat(console.err()).isEmpty();
    assertThat(console.out())
        .matches("(?s)pool kittens on process: ready, up .*, \\d+ passes, 0 actions in flight\n.*")
        .matches(
            "(?s).*SERVICE +PRIORITY +DEMAND +CLAIM +GRANTED +READY +STARTING"
                + " +PAUSED +STOPPING +WHY\n.*")
        .matches("(?s).*web +100 +6\\.60 +7 +7 +7 +0 +0 +0 +demand 330.*")
        .matches("(?s).*batch +10 +- +20 +13 +13 +0 .*")
        .matches("(?s).*host +slots 20 +slots 20 +batch 13.*, web 7\n.*")
        .containsPattern("last plan: pass \\d+, .* ago, decided in \\d+ µs\n  \\w+ .*: .*\n")
        .containsPattern(
            "reaction +p50 [\\d.]+ ms, p90 [\\d.]+ ms, p99 [\\d.]+ ms, max [\\d.]+ ms, of \\d+\n")
        .containsPattern("utilisation +[\\d.]+ % \\(now 100 %\\), unserved [\\d.]+ %\n")
        .containsPattern("actions +start \\d+.*stop.*pause.*resume")
        .doesNotContain("\u001b");
  }

  @Test
  void statusAsJsonIsTheAnswerOfTheServer() throws IOException {
    var console = Console.run("status", "--json", "--url", url());
    assertThat(console.exitCode()).isZero();
    var tree = new ObjectMapper().readTree(console.out());
    assertThat(tree.path("v").asInt()).isEqualTo(1);
    assertThat(tree.path("pool").asText()).isEqualTo("kittens");
  }

  @Test
  void explainTellsTheWayFromTheDemandToThePlan() {
    var console = Console.run("explain", "web", "--url", url());
    assertThat(console.exitCode()).isZero();
    assertThat(console.out())
        .matches("(?s)web at [\\d:.]+: 7 of 7 claimed replicas granted\n.*")
        .containsPattern("decided by  pass \\d+ at .*still in force\n")
        .containsPattern("demand      330, read at [\\d:.]+\n")
        .contains("claim       7: demand 330.00 at 50.00 per replica is 6.60 replicas; claims 7\n")
        .containsPattern("grant       7: .+\n")
        .containsPattern("there was   \\d+ ready, \\d+ starting, 0 paused, 0 stopping\n");
  }

  @Test
  void explainAsJsonIsTheAnswerOfTheServer() throws IOException {
    var console = Console.run("explain", "batch", "--json", "--url", url());
    assertThat(new ObjectMapper().readTree(console.out()).path("service").asText())
        .isEqualTo("batch");
  }

  @Test
  void explainOfATimeBeforeTheRunSaysSo() {
    var console = Console.run("explain", "web", "--at", "2020-01-01T00:00:00Z", "--url", url());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).startsWith("microscale: ");
  }

  @Test
  void explainOfAnUnknownServiceNamesIt() {
    var console = Console.run("explain", "wbe/../x", "--url", url());
    assertThat(console.exitCode()).isEqualTo(1);
    assertThat(console.out()).isEmpty();
    assertThat(console.err()).startsWith("microscale: ").doesNotContain("at io.");
  }

  @Test
  void aTimeThatIsNoneIsWrongUse() {
    var console = Console.run("explain", "web", "--at", "noonish", "--url", url());
    assertThat(console.exitCode()).isEqualTo(2);
    assertThat(console.err())
        .isEqualTo(
            "microscale: --at: need a time such as 2026-01-31T03:12:00Z, 2026-01-31T03:12,"
                + " 03:12 or '5m ago', got 'noonish'\n");
  }

  @Test
  void anEngineThatWantsATokenSaysWhereToPutIt() {
    var settings = new ServerSettings("127.0.0.1", 0, Optional.of("correct-horse-battery"));
    try (var guarded = MicroscaleServer.start(settings, engine, new MonotonicClock())) {
      var console = Console.run("status", "--url", guarded.uri().toString());
      assertThat(console.exitCode()).isEqualTo(1);
      assertThat(console.err()).contains("wants a token").contains("Set MICROSCALE_TOKEN to it.");
    }
  }

  private static String url() {
    return server.uri().toString();
  }
}
