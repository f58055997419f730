package io.microscale.orchestrators.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.microscale.core.orchestrator.OrchestratorException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What the stream makes of watches that end, break or are refused, against a server that says what
/// it is told to.
class ObjectStreamTest {
  private static final String END =
      event("BOOKMARK", "", "9", "\"annotations\":{\"k8s.io/initial-events-end\":\"true\"},");

  private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private Api api;
  private ObjectStream stream;
  private final Told told = new Told();

  /// One answer: a status, and what is written; then it ends, breaks, or stays open.
  private record Script(int status, String body, Then then) {}

  private enum Then {
    END,
    BREAK,
    STAY
  }

  private static final class Told implements ObjectStream.Sink {
    private final Set<String> there = new ConcurrentSkipListSet<>();
    private final AtomicInteger known = new AtomicInteger();

    @Override
    public void put(JsonNode object) {
      there.add(object.path("metadata").path("uid").asString(""));
    }

    @Override
    public void remove(String uid) {
      there.remove(uid);
    }

    @Override
    public void retain(Set<String> uids) {
      there.retainAll(uids);
    }

    @Override
    public void known() {
      known.incrementAndGet();
    }
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    var config =
        new ConfigBuilder()
            .withAutoConfigure(false)
            .withMasterUrl("http://127.0.0.1:" + server.getAddress().getPort())
            .withRequestRetryBackoffLimit(0)
            .withHttp2Disable(true)
            .build();
    api = new Api(config);
    stream = new ObjectStream(api, "/api/v1/pods", () -> {}, told);
  }

  @AfterEach
  void stop() {
    over.countDown();
    stream.close();
    api.close();
    server.stop(0);
    threads.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    queries.add(exchange.getRequestURI().getQuery());
    var script = scripts.poll();
    if (script == null) {
      script = new Script(503, "{\"message\":\"no more\"}", Then.END);
    }
    exchange.sendResponseHeaders(script.status, 0);
    var body = exchange.getResponseBody();
    body.write(script.body.getBytes(StandardCharsets.UTF_8));
    body.flush();
    switch (script.then) {
      case END -> exchange.close();
      case BREAK -> throw new IOException("broken by the test");
      case STAY -> {
        try {
          over.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  private static String event(String type, String uid, String version, String more) {
    return "{\"type\":\"%s\",\"object\":{\"metadata\":{%s\"uid\":\"%s\",\"resourceVersion\":\"%s\"}}}\n"
        .formatted(type, more, uid, version);
  }

  private static String event(String type, String uid, String version) {
    return event(type, uid, version, "");
  }

  private void says(int status, Then then, String... lines) {
    scripts.add(new Script(status, String.join("", lines), then));
  }

  private void isKnown() {
    stream.requireKnown(Duration.ZERO);
  }

  private void awaitThere(String... uids) {
    await().untilAsserted(() -> assertThat(told.there).containsExactly(uids));
  }

  @Test
  void stateIsKnownWhenAllOfItWasTold() {
    says(200, Then.STAY, event("ADDED", "a", "1"), event("ADDED", "b", "2"));
    stream.start();
    awaitThere("a", "b");
    assertThatThrownBy(this::isKnown).isInstanceOf(OrchestratorException.class);
    assertThat(told.known).hasValue(0);
    assertThat(queries.getFirst())
        .contains("sendInitialEvents=true")
        .contains("allowWatchBookmarks=true");
  }

  @Test
  void watchThatEndsGoesOnWhereItWas() {
    says(200, Then.END, event("ADDED", "a", "1"), END, event("ADDED", "b", "12"));
    says(200, Then.STAY, event("DELETED", "a", "13"));
    stream.start();
    awaitThere("b");
    isKnown();
    assertThat(queries.get(1)).contains("resourceVersion=12").doesNotContain("sendInitialEvents");
    assertThat(told.known).hasValue(1);
  }

  @Test
  void bookmarksMoveThePlace() {
    says(200, Then.END, event("ADDED", "a", "1"), END, event("BOOKMARK", "", "77"));
    says(200, Then.STAY);
    stream.start();
    await().until(() -> queries.size() == 2);
    assertThat(queries.get(1)).contains("resourceVersion=77");
  }

  @Test
  void placeThatIsForgottenIsBegunAnewAndWhatIsGoneIsGone() {
    says(200, Then.END, event("ADDED", "a", "1"), event("ADDED", "b", "1"), END);
    var gone = "{\"type\":\"ERROR\",\"object\":{\"code\":410,\"message\":\"too old\"}}\n";
    says(200, Then.STAY, gone);
    says(200, Then.STAY, event("ADDED", "b", "20"), event("ADDED", "c", "20"), END);
    stream.start();
    awaitThere("b", "c");
    await().untilAsserted(this::isKnown);
    assertThat(queries.get(2)).contains("sendInitialEvents=true");
  }

  @Test
  void watchThatBreaksIsInDoubtUntilTheStateIsToldAnew() {
    says(200, Then.BREAK, event("ADDED", "a", "1"), END);
    says(200, Then.STAY, event("ADDED", "a", "1"));
    stream.start();
    await().until(() -> queries.size() == 2);
    stream.requireKnown(Duration.ofMinutes(1));
    assertThatThrownBy(this::isKnown)
        .isInstanceOf(OrchestratorException.class)
        .hasMessageContaining("/api/v1/pods");
  }

  @Test
  void connectionThatIsGivenUpIsReplaced() {
    says(200, Then.STAY, event("ADDED", "a", "1"), END);
    says(200, Then.STAY, event("ADDED", "b", "5"), END);
    stream.start();
    awaitThere("a");
    await().untilAsserted(this::isKnown);
    stream.restart();
    awaitThere("b");
    await().untilAsserted(this::isKnown);
    assertThat(told.known).hasValue(2);
  }

  @Test
  void serverThatCannotTellTheStateOverAWatchIsAskedForAListInPages() {
    says(422, Then.END, "{\"kind\":\"Status\",\"message\":\"sendInitialEvents is forbidden\"}");
    says(
        200,
        Then.END,
        "{\"metadata\":{\"resourceVersion\":\"30\",\"continue\":\"next-one\"},\"items\":"
            + "[{\"metadata\":{\"uid\":\"a\"}}]}");
    says(
        200,
        Then.END,
        "{\"metadata\":{\"resourceVersion\":\"30\"},\"items\":[{\"metadata\":{\"uid\":\"b\"}}]}");
    says(200, Then.STAY, event("ADDED", "c", "31"));
    stream.start();
    awaitThere("a", "b", "c");
    isKnown();
    assertThat(queries.get(1)).doesNotContain("watch=");
    assertThat(queries.get(2)).contains("continue=next-one");
    assertThat(queries.get(3)).contains("resourceVersion=30");
  }

  @Test
  void refusalIsToldInTheServersWords() {
    says(403, Then.END, "{\"kind\":\"Status\",\"message\":\"pods is forbidden\"}");
    scripts.add(new Script(200, "", Then.STAY));
    stream.start();
    await()
        .untilAsserted(
            () -> assertThatThrownBy(this::isKnown).hasMessageContaining("pods is forbidden"));
  }

  @Test
  void closedStreamAsksNoMore() {
    says(200, Then.STAY, event("ADDED", "a", "1"), END);
    stream.start();
    awaitThere("a");
    stream.close();
    says(200, Then.STAY, event("ADDED", "b", "1"), END);
    assertThat(queries).hasSize(1);
    assertThat(told.there).containsExactly("a");
  }
}
