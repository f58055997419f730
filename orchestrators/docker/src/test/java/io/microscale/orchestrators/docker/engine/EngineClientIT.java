package io.microscale.orchestrators.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.FaultProxy.Fault;
import io.microscale.testkit.engines.DockerEngine;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EngineClientIT {
  private static final EngineClient.Limits QUICK =
      new EngineClient.Limits(
          Duration.ofSeconds(1), Duration.ofMillis(1500), Duration.ofMillis(1500));
  private static final EngineCall PING = EngineCall.get("/_ping");

  // A write that changes nothing.
  private static final EngineCall WRITE =
      EngineCall.post("/containers/prune").query(Map.of("filters", "{\"label\":[\"none\"]}"));

  private static DockerEngine engine;
  private FaultProxy proxy;
  private EngineClient client;

  @BeforeAll
  static void start() {
    var why = DockerEngine.whyNot();
    assumeTrue(why.isEmpty(), () -> why.orElseThrow());
    engine = DockerEngine.start("client", DockerEngine.Option.TLS, DockerEngine.Option.NO_BRIDGE);
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      engine.close();
    }
  }

  @BeforeEach
  void connect() {
    var unix = (EngineAddress.Unix) parse(engine.host());
    proxy = FaultProxy.to(UnixDomainSocketAddress.of(unix.path()));
    client = EngineClient.open(parse("tcp://127.0.0.1:" + proxy.port()), QUICK);
  }

  @AfterEach
  void disconnect() {
    client.close();
    proxy.close();
  }

  private static EngineAddress parse(String text) {
    return EngineAddress.parse(text, Optional.empty());
  }

  private static OrchestratorException failure(ThrowingCallable call) {
    var e = catchThrowableOfType(OrchestratorException.class, call);
    assertThat(e).as("an OrchestratorException").isNotNull();
    return e;
  }

  private void fails(EngineCall call, Kind kind) {
    assertThat(failure(() -> client.expect(call)).kind()).as(call + "").isEqualTo(kind);
  }

  @Test
  void tlsIsSpokenAndVerified() {
    var tls = Optional.of(engine.certificates());
    try (var secure = EngineClient.open(EngineAddress.parse(engine.tcpHost(), tls))) {
      assertThat(secure.get("/info").path("ID").asText())
          .isEqualTo(client.get("/info").path("ID").asText());
    }
    assertThat(failure(() -> EngineClient.open(parse(engine.tcpHost()))).getMessage())
        .as("without TLS")
        .isNotBlank();
  }

  @Test
  void whatCannotBeReachedIsUnavailable() {
    for (var host : List.of("unix:///no/such/socket", "unix:///etc/passwd", "tcp://127.0.0.1:1")) {
      var e = failure(() -> EngineClient.open(parse(host)));
      assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(e).hasMessageStartingWith(host).hasMessageContaining("cannot connect");
    }
  }

  @Test
  void cutConnectionIsUnavailableSinceNothingWasSent() {
    client.expect(PING);
    proxy.set(new Fault.Cut());
    fails(PING, Kind.UNAVAILABLE);
    proxy.set(new Fault.None());
    client.expect(WRITE);
  }

  @Test
  void writeWithoutAnAnswerIsUncertainAndReadIsUnavailable() {
    proxy.set(new Fault.Hang());
    long begun = System.nanoTime();
    fails(WRITE, Kind.UNCERTAIN);
    fails(PING, Kind.UNAVAILABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    proxy.set(new Fault.None());
    client.expect(PING);

    // In the middle of a header and just after one, where it could be taken for the end of them.
    for (int bytes : new int[] {5, 17, 36, 40, 60, 100, 150}) {
      proxy.set(new Fault.Truncate(bytes));
      fails(EngineCall.get("/containers/json"), Kind.UNAVAILABLE);
      fails(WRITE, Kind.UNCERTAIN);
      fails(EngineCall.get("/info"), Kind.UNAVAILABLE);
    }
    proxy.set(new Fault.None());
    client.expect(WRITE);
  }

  @Test
  void slowAnswerIsAnAnswerUntilTheLimit() {
    proxy.set(new Fault.Delay(Duration.ofMillis(200)));
    client.expect(PING);
    proxy.set(new Fault.Drip(Duration.ofMillis(20)));
    fails(EngineCall.get("/info"), Kind.UNAVAILABLE); // thousands of bytes: each in time, not all
    proxy.set(new Fault.Drip(Duration.ofMillis(1)));
    client.expect(PING);
  }

  @Test
  void interruptEndsACall() throws Exception {
    proxy.set(new Fault.Hang());
    var failed = new CompletableFuture<OrchestratorException>();
    var thread =
        Thread.ofPlatform()
            .start(
                () ->
                    failed.complete(
                        failure(() -> client.expect(WRITE.within(Duration.ofMinutes(1))))));
    while (proxy.accepted() < 2 && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    assertThat(failed.get(5, TimeUnit.SECONDS).getMessage()).contains("interrupted");
  }

  @Test
  void manyCallsAtOnceKeepTheirAnswersApart() throws Exception {
    try (var direct = EngineClient.open(parse(engine.host()));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var answers =
          IntStream.range(0, 300)
              .mapToObj(
                  i ->
                      threads.submit(
                          () -> direct.send(EngineCall.get("/containers/nr" + i + "/json"))))
              .toList();
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get().message()).isEqualTo("No such container: nr" + i);
      }
    }
  }

  @Test
  void closedClientRefuses() {
    client.close();
    client.close();
    fails(PING, Kind.UNAVAILABLE);
  }

  @Test
  void eventsAreToldUntilTheConnectionEnds() throws Exception {
    var events = new LinkedBlockingQueue<String>();
    var listening = new CountDownLatch(1);
    var ended = new CompletableFuture<OrchestratorException>();
    Thread.ofVirtual()
        .start(
            () ->
                ended.complete(
                    client.events(
                        Map.of("label", List.of("told=yes")),
                        listening::countDown,
                        event -> events.add(event.path("Action").asText()))));
    assertThat(listening.await(5, TimeUnit.SECONDS)).isTrue();
    for (var label : List.of("no", "yes")) {
      var body = EngineAnswer.JSON.createObjectNode().put("Image", DockerEngine.IMAGE);
      body.putObject("Labels").put("told", label);
      var id = client.post("/containers/create", body).path("Id").asText();
      client.delete("/containers/" + id, Map.of());
    }
    assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo("create");
    assertThat(events.poll(5, TimeUnit.SECONDS)).isEqualTo("destroy");
    assertThat(ended).isNotDone();

    proxy.set(new Fault.Hang()); // nothing breaks: it has to be found out
    assertThat(ended.get(15, TimeUnit.SECONDS).kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void closingEndsTheEvents() throws Exception {
    var listening = new CountDownLatch(1);
    var ended = new CompletableFuture<OrchestratorException>();
    Thread.ofVirtual()
        .start(() -> ended.complete(client.events(Map.of(), listening::countDown, event -> {})));
    assertThat(listening.await(5, TimeUnit.SECONDS)).isTrue();
    client.close();
    assertThat(ended.get(5, TimeUnit.SECONDS).kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void callTakesLittleMoreThanTheEngine() {
    try (var direct = EngineClient.open(parse(engine.host()))) {
      var nanos = new long[300];
      for (int i = 0; i < nanos.length; i++) {
        long begun = System.nanoTime();
        direct.expect(PING);
        nanos[i] = System.nanoTime() - begun;
      }
      java.util.Arrays.sort(nanos);
      System.out.printf("a ping takes %.2f ms (median)%n", nanos[nanos.length / 2] / 1e6);
      // Far above what is seen, so that a busy machine fails no build.
      assertThat(nanos[nanos.length / 2]).isLessThan(20_000_000);
    }
  }
}
