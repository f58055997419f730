package io.microscale.sources.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.microscale.core.demand.Reading;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpPollTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final String PASSWORD = "changeit";

  private final Backend backend = new Backend();

  @AfterEach
  void stop() {
    backend.close();
  }

  private Reading read(String url, String pointer, Duration deadline) {
    try (var source =
        new HttpPoll(
            new HttpPoll.Settings(URI.create(url), pointer, Duration.ofSeconds(1), deadline))) {
      return source.read(NOW);
    }
  }

  private Reading read(String pointer) {
    return read(url(), pointer, Duration.ofSeconds(30));
  }

  private String url() {
    return "http://127.0.0.1:" + backend.port() + "/a";
  }

  private static String why(Reading reading) {
    assertThat(reading).isInstanceOf(Reading.Missing.class);
    return ((Reading.Missing) reading).why();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "17|''|17",
        "{\"a\": 1.5e3}|/a|1500",
        "{\"a\": \" 42 \"}|/a|42",
        "{\"data\": {\"result\": [{\"value\": [1700000000.1, \"7.25\"]}]}}|/data/result/0/value/1|7.25",
        "{\"a/b\": {\"c~d\": 3}}|/a~1b/c~0d|3",
      })
  void numberIsTaken(String body, String pointer, double value) {
    backend.answer(Backend.text(200, body));
    assertThat(read(pointer)).isEqualTo(new Reading.Value(value, NOW));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 1}|/b|nothing at /b",
        "[1, 2]|/2|nothing at /2",
        "{\"a\": true}|/a|/a is true, not a number",
        "{\"a\": null}|/a|/a is null, not a number",
        "{\"a\": [1]}|/a|/a is an array, not a number",
        "{\"a\": \"NaN\"}|/a|/a is 'NaN', not a number",
        "{\"a\": \"0x10\"}|/a|/a is '0x10', not a number",
        "{\"a\": \"1d\"}|/a|/a is '1d', not a number",
        "{}|''|the document is an object, not a number",
        "{\"a\": -1}|/a|need a finite number >= 0, got -1.0",
        "{\"a\": 1e999}|/a|need a finite number >= 0, got Infinity",
        "' '|''|the answer is empty",
        "<!DOCTYPE html><p>sign in|/a|the answer is HTML or XML, not JSON",
      })
  void anythingElseIsMissing(String body, String pointer, String why) {
    backend.answer(Backend.text(200, body));
    assertThat(why(read(pointer))).isEqualTo(why);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"a\": 1", "{\"a\": 1} {}", "{\"a\": NaN}", "a b", "{'a': 1}"})
  void textThatIsNotJsonIsMissing(String body) {
    backend.answer(Backend.text(200, body));
    assertThat(why(read("/a")))
        .startsWith("not JSON: ")
        .contains(" at line 1")
        .hasSizeLessThan(202);
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 304, 401, 404, 500, 503})
  void otherStatusIsMissing(int status) {
    backend.answer(Backend.text(status, status == 204 || status == 304 ? "" : "{\"a\": 1}"));
    assertThat(why(read("/a"))).isEqualTo("status " + status);
  }

  @Test
  void deepNestingIsMissing() {
    backend.answer(Backend.text(200, "[".repeat(100_000)));
    assertThat(why(read(""))).startsWith("not JSON: ");
  }

  @Test
  void bodyOfAMebibyteIsReadAndAByteMoreIsNot() {
    var body = "5" + " ".repeat((1 << 20) - 1);
    backend.answer(Backend.text(200, body));
    assertThat(read("")).isEqualTo(new Reading.Value(5, NOW));
    backend.answer(Backend.text(200, body + " "));
    assertThat(why(read(""))).startsWith("the answer broke off: ").contains("1048576");
  }

  @Test
  void endlessBodyEnds() {
    backend.answer(
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          var spaces = " ".repeat(8192).getBytes(US_ASCII);
          try {
            while (true) {
              exchange.getResponseBody().write(spaces);
            }
          } catch (IOException _) {
            // The client has had enough.
          }
        });
    assertThat(why(read(""))).contains("1048576");
  }

  @Test
  void redirectOnTheSameHostIsFollowed() {
    backend.answer(
        exchange ->
            (exchange.getRequestURI().getPath().equals("/a")
                    ? Backend.redirect("/b")
                    : Backend.text(200, "8"))
                .to(exchange));
    assertThat(read("")).isEqualTo(new Reading.Value(8, NOW));
  }

  @Test
  void redirectElsewhereIsNotFollowed() {
    backend.answer(Backend.redirect("http://localhost:" + backend.port() + "/"));
    assertThat(why(read(""))).isEqualTo("redirected to http://localhost, which is not followed");
    backend.answer(Backend.redirect("file:///etc/hostname"));
    assertThat(why(read(""))).isEqualTo("redirected to file://null, which is not followed");
    backend.answer(Backend.redirect(""));
    assertThat(why(read(""))).startsWith("redirected more than 5 times");
    assertThat(backend.requests()).isEqualTo(2 + 6);
  }

  @Test
  void refusedConnectionIsMissing() {
    int port = backend.port();
    backend.close();
    assertThat(why(read("http://127.0.0.1:" + port + "/", "", Duration.ofSeconds(30))))
        .isEqualTo("cannot connect to 127.0.0.1:" + port);
  }

  @Test
  void hostThatDoesNotExistIsMissing() {
    assertThat(why(read("http://nowhere.invalid/", "", Duration.ofSeconds(30))))
        .isEqualTo("cannot connect to nowhere.invalid");
  }

  @Test
  void answerWithoutTlsIsMissing() throws Exception {
    try (var plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                try (var socket = plain.accept()) {
                  socket.getInputStream().read();
                  socket.getOutputStream().write("no TLS here\r\n".getBytes(US_ASCII));
                } catch (IOException _) {
                  // The client has had enough.
                }
              });
      var url = "https://127.0.0.1:" + plain.getLocalPort() + "/";
      assertThat(why(read(url, "", Duration.ofSeconds(30)))).startsWith("TLS failed: ");
    }
  }

  @Test
  void certificateThatNobodyTrustsIsMissing(@TempDir Path folder) throws Exception {
    var store = folder.resolve("store.p12");
    var keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-storepass",
                PASSWORD,
                "-keystore",
                store.toString())
            .redirectErrorStream(true)
            .start();
    assertThat(keytool.waitFor()).isZero();
    var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    var tls = SSLContext.getInstance("TLS");
    tls.init(managers.getKeyManagers(), null, null);
    var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    try (AutoCloseable _ = () -> server.stop(0)) {
      server.setHttpsConfigurator(new HttpsConfigurator(tls));
      server.createContext("/", Backend.text(200, "1")::to);
      server.start();
      var url = "https://127.0.0.1:" + server.getAddress().getPort() + "/";
      assertThat(why(read(url, "", Duration.ofSeconds(30))))
          .startsWith("TLS failed: ")
          .contains("certification path");
    }
  }

  @Test
  void drippingAnswerIsMissingByTheDeadline() {
    backend.answer(Backend.text(200, "8" + " ".repeat(10_000)));
    try (var proxy = FaultProxy.to(backend.port())) {
      proxy.set(new Fault.Drip(Duration.ofMillis(1)));
      long begun = System.nanoTime();
      var why = why(read("http://127.0.0.1:" + proxy.port() + "/", "", Duration.ofMillis(300)));
      assertThat(why).isEqualTo("no complete answer within 300 ms");
      assertThat(System.nanoTime() - begun).isLessThan(2_000_000_000L);
    }
  }

  @Test
  void answerThatBreaksOffIsMissing() {
    backend.answer(Backend.text(200, "8" + " ".repeat(10_000)));
    try (var proxy = FaultProxy.to(backend.port())) {
      proxy.set(new Fault.Truncate(300));
      assertThat(why(read("http://127.0.0.1:" + proxy.port() + "/", "", Duration.ofSeconds(30))))
          .startsWith("the answer broke off: ");
    }
  }

  @Test
  void oneRequestForEachReading() {
    backend.answer(Backend.text(503, ""));
    read("");
    assertThat(backend.requests()).isEqualTo(1);
  }

  @Test
  void beatIsKeptHoweverLongAnAnswerTakes() {
    backend.answer(Backend.text(200, "1"));
    try (var source =
        new HttpPoll(
            new HttpPoll.Settings(
                URI.create(url()), "", Duration.ofSeconds(10), Duration.ofSeconds(30)))) {
      source.read(NOW);
      assertThat(source.next(NOW)).contains(NOW.plusSeconds(10));
      assertThat(source.next(NOW.plusSeconds(4))).contains(NOW.plusSeconds(10));
      assertThat(source.next(NOW.plusSeconds(10))).contains(NOW.plusSeconds(20));
      assertThat(source.next(NOW.plusSeconds(34))).contains(NOW.plusSeconds(40));
    }
  }

  @Test
  void impossibleSettingsAreRefused() {
    refused("http.url", "ftp://host/", "", Duration.ofSeconds(1), Duration.ofSeconds(1));
    refused("http.url", "/relative", "", Duration.ofSeconds(1), Duration.ofSeconds(1));
    refused("http.pointer", "http://host/", "a.b", Duration.ofSeconds(1), Duration.ofSeconds(1));
    refused("http.interval", "http://host/", "", Duration.ZERO, Duration.ofSeconds(1));
    refused("http.deadline", "http://host/", "", Duration.ofSeconds(1), Duration.ZERO);
    assertThatThrownBy(
            () ->
                new HttpPoll.Settings(
                    URI.create("http://me:secret@host/"),
                    "",
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1)))
        .hasMessageContaining("without a user or password")
        .hasMessageNotContaining("secret");
  }

  private static void refused(
      String name, String url, String pointer, Duration interval, Duration deadline) {
    assertThatThrownBy(() -> new HttpPoll.Settings(URI.create(url), pointer, interval, deadline))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name + ": need")
        .hasMessageContaining("got");
  }
}
