package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Standings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private static final Map<String, String> SCHEMAS =
      Map.of("frame", "Frame", "figures", "Figures", "nodes", "Nodes", "reset", "Reset");

  private final TestServer api = new TestServer();
  private final List<Listener> listeners = new ArrayList<>();

  @AfterEach
  void stop() {
    listeners.forEach(Listener::close);
    api.close();
  }

  record Event(String type, String id, String data) {
    long number() {
      return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }
  }

  /// Reads a stream on a thread of its own; each event is checked against the description.
  private static final class Listener implements AutoCloseable {
    final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final InputStream in;
    private volatile Throwable failure;
    volatile boolean ended;

    Listener(InputStream in) {
      this.in = in;
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      var fields = new HashMap<String, String>();
      try (var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
        for (var line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.isEmpty() && fields.containsKey("data")) {
            var event = new Event(fields.get("event"), fields.get("id"), fields.get("data"));
            Description.check(SCHEMAS.getOrDefault(event.type, "LoopEvent"), event.data);
            events.add(event);
            fields.clear();
          } else if (line.contains(": ")) {
            fields.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 2));
          }
        }
      } catch (IOException e) {
        // The connection was cut: the test says whether it should have been.
      } catch (AssertionError e) {
        failure = e;
      } finally {
        ended = true;
      }
    }

    Event next(Predicate<Event> wanted) {
      try {
        for (var event = events.poll(10, TimeUnit.SECONDS);
            event != null;
            event = events.poll(10, TimeUnit.SECONDS)) {
          if (wanted.test(event)) {
            return event;
          }
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      throw new AssertionError("the event did not come", failure);
    }

    Event next(String type) {
      return next(event -> event.type.equals(type));
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private Listener listen(TestServer server, String query, String... headers) {
    var response = server.open("/v1/events" + query, headers);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("text/event-stream");
    var listener = new Listener(response.body());
    listeners.add(listener);
    return listener;
  }

  private String lastId() {
    return api.get("/v1/status").json().get("lastEventId").asText();
  }

  private void stopped(String reason) {
    api.engine.tell(new LoopEvent.Stopped(api.clock.instant(), reason));
  }

  @Test
  void everythingThatHappensIsSent() {
    var listener = listen(api, "");
    api.engine.started();
    api.engine.demand(220);
    api.engine.demand(220);
    api.engine.blind("gone");
    api.engine.reportWork(FakeEngine.BATCH, 1, 0, Duration.ZERO);
    var types = new ArrayList<String>();
    var numbers = new ArrayList<Long>();
    listener.next(
        event -> {
          if (!SCHEMAS.containsKey(event.type)) {
            types.add(event.type);
          }
          numbers.add(event.number());
          return event.type.equals("work");
        });
    assertThat(types)
        .containsSubsequence("started", "reading", "passed", "action", "observed", "reacted")
        .containsSubsequence("blind", "work");
    // The second round asks for nothing new: its passes are idle.
    assertThat(types.stream().filter("passed"::equals)).hasSize(1);
    assertThat(types.stream().filter("idle"::equals)).hasSize(3);
    assertThat(numbers).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void framesCarryTheChartAndAreFew() {
    var listener = listen(api, "?types=frame,figures,nodes");
    long begin = System.nanoTime();
    int rounds = 0;
    while (System.nanoTime() - begin < 1_000_000_000L) {
      api.engine.demand(rounds++ % 2 == 0 ? 220 : 420);
      LockSupport.parkNanos(1_000_000);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    var seen = new ArrayList<Event>();
    listener.events.drainTo(seen);
    assertThat(rounds).isGreaterThan(100);
    assertThat(seen.stream().filter(e -> e.type.equals("frame")).count())
        .isBetween(5L, (long) (seconds * 21) + 2);
    assertThat(seen.stream().filter(e -> e.type.equals("nodes")).count())
        .isBetween(1L, (long) (seconds * 4) + 2);
    assertThat(seen.stream().map(Event::type)).doesNotContain("passed", "reading", "action");
    api.engine.demand(420);
    assertThat(listener.next("figures").data).contains("\"passes\":");
    api.engine.demand(300);
    var last = listener.next(e -> e.type.equals("frame") && e.data.contains("\"granted\":6"));
    assertThat(last.data).contains("\"reading\":300.0", "\"capacity\":20.0", "\"used\":20.0");
  }

  @Test
  void aFrameComesEverySecondWhenNothingHappens() {
    var listener = listen(api, "?types=frame");
    assertThat(listener.next("frame").number()).isLessThan(listener.next("frame").number());
  }

  @Test
  void whoComesBackGetsWhatItMissed() {
    lastId();
    var first = listen(api, "?types=stopped");
    stopped("one");
    var seen = first.next("stopped");
    first.close();
    stopped("two");
    stopped("three");
    var again = listen(api, "?types=stopped", "Last-Event-ID", seen.id);
    assertThat(again.next("stopped").data).contains("two");
    assertThat(again.next("stopped").data).contains("three");
    stopped("four");
    assertThat(again.next("stopped").data).contains("four");
  }

  @Test
  void whatFollowsAStatusCanBeHad() {
    var id = lastId();
    stopped("one");
    assertThat(listen(api, "?types=stopped&after=" + id).next("stopped").data).contains("one");
  }

  @Test
  void whatIsNoLongerKeptIsAReset() {
    var id = lastId();
    for (int i = 0; i < 2_001; i++) {
      stopped("again");
    }
    await().until(() -> new Event("", lastId(), "").number() >= 2_001);
    var listener = listen(api, "?types=blind&after=" + id);
    var reset = listener.next("reset");
    assertThat(reset.data).contains("is not kept");
    // It goes on from there, once.
    api.engine.blind("now");
    assertThat(listener.next(e -> true).type).isEqualTo("blind");
  }

  @Test
  void anotherRunIsAReset() {
    String before;
    try (var old = new TestServer()) {
      before = old.get("/v1/status").json().get("lastEventId").asText();
    }
    api.clock.advance(Duration.ofSeconds(1));
    for (var id :
        new String[] {"zzz-5", "5", "garbage", before.replaceFirst("-.*", "-999"), "-1"}) {
      assertThat(listen(api, "?types=reset", "Last-Event-ID", id).next(e -> true).type)
          .as(id)
          .isEqualTo("reset");
    }
  }

  @Test
  void unknownTypesAreRefused() {
    var answer = api.get("/v1/events?types=frame,frames");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error("value")).isEqualTo("frames");
  }

  @Test
  void tooManyClientsAreRefusedAndRoomIsGivenBack() {
    for (int i = 0; i < 64; i++) {
      listen(api, "?types=frame");
    }
    assertThat(api.get("/v1/events").status()).isEqualTo(503);
    listeners.forEach(Listener::close);
    await()
        .untilAsserted(
            () -> assertThat(api.get("/metrics").body()).contains("microscale_stream_clients 0.0"));
    listen(api, "?types=frame").next("frame");
  }

  @Test
  void aSlowClientIsDroppedAndDelaysNobody() throws IOException {
    var fast = listen(api, "?types=stopped");
    try (var slow = new Socket()) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), api.server.port()));
      slow.getOutputStream()
          .write(
              "GET /v1/events?types=stopped HTTP/1.1\r\nHost: localhost\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      await()
          .untilAsserted(
              () ->
                  assertThat(api.get("/metrics").body()).contains("microscale_stream_clients 2.0"));
      var large = "x".repeat(100_000);
      for (int i = 0; i < 300; i++) {
        stopped(i + large);
        fast.next("stopped");
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(api.get("/metrics").body())
                      .contains("microscale_stream_dropped_total 1.0")
                      .contains("microscale_stream_clients 1.0"));
      // Its connection is cut, so that it knows.
      slow.setSoTimeout(10_000);
      var buffer = new byte[1 << 16];
      long read = 0;
      try {
        for (int n = slow.getInputStream().read(buffer);
            n >= 0;
            n = slow.getInputStream().read(buffer)) {
          read += n;
        }
      } catch (SocketException e) {
        assertThat(e).hasMessageContaining("reset");
      }
      assertThat(read).isLessThan(30_000_000L);
    }
    stopped("still here");
    assertThat(fast.next("stopped").data).contains("still here");
  }

  @Test
  void moreEventsThanCanBeFollowedAreAResetForAll() {
    var feed = new EventFeed(4);
    try (var small = new TestServer(feed)) {
      var listener = listen(small, "?types=reset");
      await()
          .until(
              () -> {
                flood(feed);
                return !listener.events.isEmpty();
              });
      assertThat(listener.next(e -> true).data).contains("too many to follow");
      assertThat(feed.lost()).isPositive();
      assertThat(small.get("/metrics").body()).doesNotContain("microscale_events_lost_total 0.0");
    }
  }

  @Test
  void afterAGapItGoesOnFromWhatIsNotFromWhatStillWaited() {
    var feed = new EventFeed(4);
    var engine = new FakeEngine(api.clock);
    engine.demand(100);
    // A replica that is gone by now; what told of that was lost.
    var gone = engine.replica(FakeEngine.WEB, ReplicaState.RUNNING);
    for (int i = 0; i < 10; i++) {
      feed.accept(
          new LoopEvent.Observed(
              api.clock.instant(), false, List.of(), List.of(gone), List.of(), Standings.NONE));
    }
    var server = MicroscaleServer.start(ServerSettings.local(0), engine, feed, api.clock);
    await().until(() -> feed.lost() > 6);
    server.close();
    assertThat(server.figures().usedNow("slots")).isEqualTo(20);
  }

  @Test
  void aFeedFromTheStartHoldsTheWholeRun() {
    var feed = new EventFeed();
    var clock = new TestClock();
    var engine = new FakeEngine(clock);
    engine.subscribe(feed);
    engine.started();
    engine.demand(100);
    clock.advance(Duration.ofSeconds(5));
    engine.demand(200);
    try (var server = MicroscaleServer.start(ServerSettings.local(0), engine, feed, clock)) {
      await()
          .untilAsserted(
              () -> {
                var figures = server.figures().snapshot(clock.instant());
                assertThat(figures.measuredFor()).isEqualTo(Duration.ofSeconds(5));
                assertThat(figures.decisionMicros().count()).isEqualTo(4);
                assertThat(figures.actions("start").accepted()).isEqualTo(22);
              });
    }
  }

  private void flood(EventFeed feed) {
    for (int i = 0; i < 1000; i++) {
      feed.accept(new LoopEvent.Stopped(api.clock.instant(), "flood"));
    }
  }

  @Test
  void whatWasStillToComeIsSentBeforeTheEnd() {
    var server = new TestServer(Optional.empty());
    var listener = listen(server, "?types=stopped");
    for (int i = 0; i < 50; i++) {
      server.engine.tell(new LoopEvent.Stopped(server.clock.instant(), "last words " + i));
    }
    server.server.close();
    assertThat(listener.next(e -> e.data.contains("last words 49"))).isNotNull();
    await().until(() -> listener.ended);
    server.close();
  }
}
