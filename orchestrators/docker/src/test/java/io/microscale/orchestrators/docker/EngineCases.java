package io.microscale.orchestrators.docker;

import static io.microscale.orchestrators.docker.TestPool.BATCH;
import static io.microscale.orchestrators.docker.TestPool.POOL;
import static io.microscale.orchestrators.docker.TestPool.WEB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import io.microscale.testkit.engines.DockerEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the contract does not ask, over a real engine, one for all tests of a class.
abstract class EngineCases {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  static final Workload.Container TINY =
      Workload.Container.of(DockerEngine.IMAGE).network("host").stopGrace(Duration.ofSeconds(5));

  private TestPool opened;

  abstract EngineClient client();

  /// Where the engine's machine is reached from here.
  abstract String address();

  abstract void killEngine();

  abstract void startEngine();

  final TestPool pool(Map<ServiceId, Workload> workloads) {
    opened = new TestPool(client(), workloads);
    return opened;
  }

  final TestPool opened(Workload web) {
    return pool(Map.of(WEB, web, BATCH, TINY)).open();
  }

  @AfterEach
  final void cleanUp() {
    if (opened != null) {
      opened.close();
    }
    for (var one : client().get("/containers/json", Map.of("all", "1"))) {
      var path = "/containers/" + one.path("Id").asText();
      client().send(EngineCall.post(path + "/unpause"));
      client().send(EngineCall.post(path + "/kill")); // Podman would wait out a grace
      client().send(EngineCall.delete(path).query(Map.of("force", "1", "v", "1")));
    }
  }

  private String created(String name, ObjectNode body) {
    return client().post("/containers/create", body, Map.of("name", name)).path("Id").asText();
  }

  private static ObjectNode tiny() {
    var body = JSON.objectNode().put("Image", DockerEngine.IMAGE);
    body.putObject("HostConfig").put("NetworkMode", "host");
    return body;
  }

  private static OrchestratorException failure(ThrowingCallable call) {
    var e = catchThrowableOfType(OrchestratorException.class, call);
    assertThat(e).as("an OrchestratorException").isNotNull();
    return e;
  }

  // Like.

  @Test
  void likeTakesTheSettingsAndLeavesWhatIsTheOthersOwn() {
    var body = tiny();
    body.putArray("Env").add("COLOUR=red").add("MICROSCALE_POOL=other");
    body.put("Hostname", "own").put("StopTimeout", 3);
    body.putArray("Cmd").add("/bin/sh").add("-c").add("sleep 600");
    body.putObject("Labels")
        .put("com.docker.compose.project", "shop")
        .put("com.docker.compose.service", "front")
        .put("route", "/shop");
    var host = body.withObject("/HostConfig");
    host.put("Memory", 32 << 20).put("AutoRemove", false);
    host.put("CpuQuota", 50_000).put("CpuPeriod", 100_000);
    host.putArray("Binds").add("/tmp:/host:ro");
    host.putObject("PortBindings").putArray("80/tcp").addObject().put("HostPort", "8080");
    host.putObject("RestartPolicy").put("Name", "always");
    var original = created("original", body);
    boolean publishes = // Podman forgets ports where the network is the host's
        !client().get("/containers/" + original + "/json").at("/HostConfig/PortBindings").isEmpty();

    for (var name : List.of("original", "shop/front")) {
      try (var pool = pool(Map.of(WEB, Workload.Like.of(name))).open()) {
        var copy = pool.inspect(pool.running(WEB));
        var environment = copy.path("Config").path("Env").toString();
        assertThat(environment).contains("COLOUR=red", "MICROSCALE_POOL=pool");
        assertThat(environment).doesNotContain("MICROSCALE_POOL=other");
        assertThat(copy.path("Config").path("Cmd").toString()).contains("sleep 600");
        var labels = copy.path("Config").path("Labels");
        assertThat(labels.path("route").asText()).isEqualTo("/shop");
        assertThat(labels.has("com.docker.compose.project")).isFalse();
        var settings = copy.path("HostConfig");
        assertThat(settings.path("Memory").asLong()).isEqualTo(32 << 20);
        assertThat(settings.path("NanoCpus").asLong()).isEqualTo(500_000_000);
        assertThat(settings.path("Binds").toString()).contains("/tmp:/host:ro");
        assertThat(settings.path("PortBindings").isEmpty()).isTrue();
        assertThat(settings.path("RestartPolicy").path("Name").asText()).isIn("", "no");
        assertThat(pool.notices.stream().anyMatch(notice -> notice.contains("8080:80/tcp")))
            .isEqualTo(publishes);
      }
    }
  }

  @Test
  void likeIsInTheSameNetworksUnderTheSameNames() {
    for (var network : List.of("front", "back")) {
      client()
          .expect(EngineCall.post("/networks/create").body(JSON.objectNode().put("Name", network)));
    }
    try {
      var body = JSON.objectNode().put("Image", DockerEngine.IMAGE);
      body.putObject("HostConfig").put("NetworkMode", "front");
      body.withObject("/NetworkingConfig/EndpointsConfig/front").putArray("Aliases").add("shop");
      var original = created("original", body);
      var more = JSON.objectNode().put("Container", original);
      more.putObject("EndpointConfig").putArray("Aliases").add("store");
      client().expect(EngineCall.post("/networks/back/connect").body(more));
      client().post("/containers/" + original + "/start");

      var pool = pool(Map.of(WEB, Workload.Like.of("original"))).open();
      var networks = pool.inspect(pool.running(WEB)).at("/NetworkSettings/Networks");
      assertThat(networks.size()).isEqualTo(2);
      assertThat(networks.path("front").path("Aliases").toString())
          .contains("shop")
          .doesNotContain(original.substring(0, 12));
      assertThat(networks.path("back").path("Aliases").toString()).contains("store");
    } finally {
      cleanUp();
      client().send(EngineCall.delete("/networks/front"));
      client().send(EngineCall.delete("/networks/back"));
    }
  }

  @Test
  void likeOfNothingIsRefusedWithItsPlace() {
    for (var name : List.of("nobody", "no/body")) {
      var e = failure(() -> pool(Map.of(WEB, Workload.Like.of(name))).open());
      assertThat(e.kind()).isEqualTo(Kind.REJECTED);
      assertThat(e).hasMessageStartingWith("services.web.workload.like: need a container");
    }
  }

  // What cannot be started.

  @Test
  void missingImageIsToldInTheEnginesWordsAndHoldsUpNobody() {
    var pool = opened(Workload.Container.of("nothing:9"));
    var e = failure(() -> pool.start(WEB));
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    assertThat(e.getMessage()).containsIgnoringCase("no such image").contains("nothing:9");
    assertThat(pool.orchestrator().observe().replicas()).isEmpty();
    pool.running(BATCH);
  }

  @Test
  void deadNetworkIsToldInTheEnginesWordsAndLeavesNothing() {
    var pool = opened(TINY.network("nowhere"));
    var e = failure(() -> pool.start(WEB));
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    assertThat(e).hasMessageContaining("nowhere").hasMessageContaining("not found");
    pool.until("nothing left", () -> pool.truth().isEmpty());
  }

  @Test
  void badCommandIsToldInTheEnginesWordsAndLeavesNothing() {
    var pool = opened(TINY.command("/no/such/program"));
    var e = failure(() -> pool.start(WEB));
    assertThat(e).hasMessageContaining("/no/such/program");
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    pool.until("nothing left", () -> pool.truth().isEmpty());
  }

  @Test
  void nameThatAnotherHasIsToldInTheEnginesWords() {
    var pool = opened(TINY);
    var id = new ReplicaId("web-taken");
    var other = created(POOL + "-web-taken", tiny());
    var e =
        failure(
            () ->
                pool.orchestrator()
                    .perform(new Action.Start(WEB, id, pool.node(), Resources.slots(1))));
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    assertThat(e).hasMessageContaining("already in use");
    assertThat(client().get("/containers/" + other + "/json").path("State").path("Status").asText())
        .isEqualTo("created");
  }

  // What ends by itself.

  @Test
  void crashLoopIsReportedWithItsLastWordsAndBackedOff() {
    var pool = opened(TINY.command("/bin/sh", "-c", "echo cannot bind; exit 3"));
    var first = pool.start(WEB);
    // Long before the next listing: also one that ends while its start is being answered is told.
    await("gone at once")
        .atMost(Duration.ofSeconds(6))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> pool.find(first).isEmpty());
    var second = pool.start(WEB);
    pool.untilGone(second);
    pool.untilNotice(second + ": ended by itself");
    assertThat(pool.notices).anyMatch(n -> n.contains("exit 3; last output: cannot bind"));
    while (pool.orchestrator().observe().backoffs().isEmpty()) {
      try {
        pool.untilGone(pool.start(WEB));
      } catch (OrchestratorException e) {
        assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
      }
    }
    pool.until(
        "the reason",
        () -> {
          var backoff = pool.orchestrator().observe().backoffs().get(WEB);
          return backoff == null || backoff.reason().contains("exit 3; last output: cannot bind");
        });
    pool.running(BATCH);
    pool.until("its end", () -> pool.orchestrator().observe().backoffs().isEmpty());
    pool.untilTrue();
  }

  @Test
  void oneThatIgnoresTheSignalIsKilledAfterItsGrace() {
    var pool = opened(TINY.command("/bin/sleep", "600").stopGrace(Duration.ofSeconds(2)));
    var id = pool.running(WEB);
    long begun = System.nanoTime();
    pool.stop(id);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofMillis(1900));
    assertThat(pool.state(id)).contains(ReplicaState.STOPPING);
    pool.stop(id);
    pool.untilGone(id);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(1900));
    assertThat(pool.orchestrator().observe().backoffs()).isEmpty();
    pool.untilTrue();
  }

  // Readiness.

  @Test
  void tcpIsReadyWhenItTakesConnectionsAndIsCheckedAgainAfterAPause() {
    var ready = new Readiness.Tcp(18_080, Duration.ofSeconds(3));
    var workload = TINY.environment(Map.of("PORT", "18080", "START_SECONDS", "1")).readiness(ready);
    opened =
        new TestPool(
            client(),
            DockerSettings.of(POOL, client().address(), Map.of(WEB, workload, BATCH, TINY))
                .slots(4)
                .nodeAddress(address()));
    var pool = opened.open();
    var id = pool.start(WEB);
    assertThat(pool.state(id)).contains(ReplicaState.STARTING);
    pool.until("running", () -> pool.state(id).equals(Optional.of(ReplicaState.RUNNING)));

    pool.pause(id);
    assertThat(pool.state(id)).contains(ReplicaState.PAUSED);
    pool.resume(id);
    pool.until("running again", () -> pool.state(id).equals(Optional.of(ReplicaState.RUNNING)));

    pool.execute(id, "kill $(pidof httpd)");
    pool.pause(id);
    pool.resume(id);
    assertThat(pool.state(id)).contains(ReplicaState.STARTING);
    pool.untilGone(id);
    pool.untilNotice("not ready within 3.0 s");
  }

  @Test
  void healthCheckOfTheOtherContainerDecides() {
    assumeFalse(client().version().podman(), "its health checks need systemd");
    var body = tiny();
    body.putObject("Healthcheck")
        .put("Interval", 500_000_000L)
        .put("Retries", 1)
        .putArray("Test")
        .add("CMD-SHELL")
        .add("test -e /tmp/ok");
    created("checked", body);
    var pool = pool(Map.of(WEB, Workload.Like.of("checked"))).open();
    var id = pool.start(WEB);
    assertThat(pool.state(id)).contains(ReplicaState.STARTING);
    pool.execute(id, "touch /tmp/ok");
    pool.until("healthy", () -> pool.state(id).equals(Optional.of(ReplicaState.RUNNING)));
    pool.pause(id);
    pool.resume(id);
    assertThat(pool.state(id)).contains(ReplicaState.RUNNING);
    pool.execute(id, "rm /tmp/ok");
    pool.untilGone(id);
    pool.untilNotice("unhealthy");
  }

  // Resources.

  @Test
  void resourcesAreLimitsAndOthersLimitsAreNoRoom() {
    opened =
        new TestPool(
            client(), DockerSettings.of(POOL, client().address(), Map.of(WEB, TINY, BATCH, TINY)));
    var body = tiny();
    body.withObject("/HostConfig").put("NanoCpus", 300_000_000).put("Memory", 64 << 20);
    var foreign = created("foreign", body);
    client().post("/containers/" + foreign + "/start");
    var pool = opened.open();
    var info = client().get("/info");
    assertThat(pool.orchestrator().observe().capacity())
        .isEqualTo(
            Resources.cpuAndMemory(
                info.path("NCPU").asLong() * 1000 - 300,
                info.path("MemTotal").asLong() - (64 << 20)));

    // No event tells of what is not ours: the next listing does.
    var before = pool.orchestrator().observe().capacity();
    var later = created("later", body);
    client().post("/containers/" + later + "/start");
    pool.until(
        "less room",
        () ->
            pool.orchestrator()
                .observe()
                .capacity()
                .equals(before.minus(Resources.cpuAndMemory(300, 64 << 20))));

    var size = Resources.cpuAndMemory(250, 32 << 20);
    var id = pool.start(WEB, size);
    assertThat(pool.find(id).orElseThrow().resources()).isEqualTo(size);
    var host = pool.inspect(id).path("HostConfig");
    assertThat(host.path("NanoCpus").asLong()).isEqualTo(250_000_000);
    assertThat(host.path("Memory").asLong()).isEqualTo(32 << 20);

    assumeTrue(pool.orchestrator().abilities().contains(Ability.RESIZES), "cannot resize");
    var less = Resources.cpuAndMemory(100, 32 << 20);
    pool.orchestrator().perform(new Action.Resize(WEB, id, less));
    assertThat(pool.inspect(id).path("HostConfig").path("NanoCpus").asLong())
        .isEqualTo(100_000_000);
    pool.close();
    assertThat(pool.open().find(id).orElseThrow().resources()).isEqualTo(less);
  }

  @Test
  void limitsOfAWorkloadHoldInAPoolOfSlots() {
    var pool = opened(TINY.limits(new Limits(OptionalLong.of(400), OptionalLong.of(48 << 20))));
    var id = pool.running(WEB);
    var host = pool.inspect(id).path("HostConfig");
    assertThat(host.path("NanoCpus").asLong()).isEqualTo(400_000_000);
    assertThat(host.path("Memory").asLong()).isEqualTo(48 << 20);
  }

  // What others do, and what is left.

  @Test
  void whatOthersDoToAReplicaIsSeen() {
    var pool = opened(TINY);
    var id = pool.running(WEB);
    var name = "/containers/" + Actions.name(POOL, id);
    client().post(name + "/pause");
    pool.until("paused", () -> pool.state(id).equals(Optional.of(ReplicaState.PAUSED)));
    client().post(name + "/unpause");
    pool.until("running", () -> pool.state(id).equals(Optional.of(ReplicaState.RUNNING)));
    client().delete(name, Map.of("force", "1"));
    pool.untilGone(id);
    pool.untilNotice(id + ": ended by itself");
  }

  @Test
  void leftoversAreRemovedAndWhatIsHalfMarkedIsLeftAlone() {
    var left = marked("web-left");
    created(POOL + "-web-left", left);
    left.withObject("/Labels").put(Labels.REPLICA, "web-ended");
    left.putArray("Cmd").add("/bin/sh").add("-c").add("exit 0");
    var ended = created(POOL + "-web-ended", left);
    client().post("/containers/" + ended + "/start");
    client().expect(EngineCall.post("/containers/" + ended + "/wait"));
    var half = tiny();
    half.putObject("Labels").put(Labels.POOL, POOL);
    var stranger = created("half", half);
    client().post("/containers/" + stranger + "/start");

    var pool = opened(TINY);
    assertThat(pool.orchestrator().observe().replicas()).isEmpty();
    pool.until("one left", () -> pool.truth().keySet().equals(java.util.Set.of("")));
    assertThat(pool.notices)
        .contains("0 replicas adopted, 2 had ended meanwhile")
        .anyMatch(notice -> notice.contains("half: left alone"));
    assertThat(
            client()
                .get("/containers/" + stranger + "/json")
                .path("State")
                .path("Running")
                .asBoolean())
        .isTrue();
  }

  @Test
  void startThatAnEarlierTryHasBegunGoesOnFromThere() {
    var pool = opened(TINY);
    for (boolean runs : new boolean[] {false, true}) {
      var id = new ReplicaId("web-early-" + runs);
      var body = marked(id.value());
      var early = created(POOL + "-" + id, body);
      if (runs) {
        client().post("/containers/" + early + "/start");
      }
      pool.orchestrator().perform(new Action.Start(WEB, id, pool.node(), Resources.slots(1)));
      assertThat(pool.state(id)).contains(ReplicaState.RUNNING);
      assertThat(pool.inspect(id).path("Id").asText().equals(early)).isEqualTo(runs);
    }
    pool.untilTrue();
    assertThat(pool.said()).hasSize(2);
  }

  private static ObjectNode marked(String replica) {
    var body = tiny();
    body.putObject("Labels")
        .put(Labels.POOL, POOL)
        .put(Labels.SERVICE, WEB.value())
        .put(Labels.REPLICA, replica)
        .put(Labels.STARTED, "1")
        .put(Labels.RESOURCES, "slots=1");
    return body;
  }

  // The engine goes away.

  @Test
  void engineKilledAndStartedAgainUnderLoadLosesAndDoublesNothing() throws Exception {
    var pool = opened(TINY);
    var ids = new ArrayList<ReplicaId>();
    for (int i = 0; i < 6; i++) {
      ids.add(pool.running(i % 2 == 0 ? WEB : BATCH));
    }
    var load =
        ids.stream().map(id -> Thread.ofVirtual().unstarted(() -> disturb(pool, id))).toList();
    load.forEach(Thread::start);
    killEngine();
    pool.until(
        "unavailable",
        () -> {
          try {
            pool.orchestrator().observe();
            return false;
          } catch (OrchestratorException e) {
            return e.kind() == Kind.UNAVAILABLE;
          }
        });
    startEngine();
    pool.until("known", () -> !pool.orchestrator().observe().nodes().isEmpty());
    for (var thread : load) {
      thread.join();
    }
    pool.untilTrue();
    var id = pool.running(WEB);
    pool.stop(id);
    pool.untilTrue();
  }

  /// Pauses, resumes, stops and starts, whatever comes of it.
  private static void disturb(TestPool pool, ReplicaId id) {
    for (int i = 0; i < 40; i++) {
      try {
        switch (i % 4) {
          case 0, 2 -> pool.pause(id);
          case 1, 3 -> pool.resume(id);
          default -> throw new AssertionError();
        }
        if (i == 20 && id.hashCode() % 2 == 0) {
          pool.stop(id);
          pool.start(WEB);
        }
      } catch (OrchestratorException e) {
        assertThat(e.getMessage()).isNotBlank();
      }
    }
  }

  @Test
  void hundredsOfPausesLeakNothing() throws Exception {
    var pool = opened(TINY);
    var ids = Stream.generate(() -> pool.running(WEB)).limit(8).toList();
    cycle(pool, ids, 15);
    long files = files();
    int threads = Thread.activeCount();
    cycle(pool, ids, 40);
    assertThat(files()).isLessThanOrEqualTo(files + 5);
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 3);
    pool.untilTrue();
  }

  private static void cycle(TestPool pool, List<ReplicaId> ids, int times) throws Exception {
    for (int i = 0; i < times; i++) {
      var threads =
          ids.stream()
              .map(
                  id ->
                      Thread.ofVirtual()
                          .start(
                              () -> {
                                pool.pause(id);
                                pool.resume(id);
                              }))
              .toList();
      for (var thread : threads) {
        thread.join();
      }
    }
  }

  private static long files() throws Exception {
    try (var all = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      return StreamSupport.stream(all.spliterator(), false).count();
    }
  }
}
