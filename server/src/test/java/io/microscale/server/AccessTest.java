package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessTest {
  private static final String TOKEN = "correct-horse-battery";
  private final TestServer open = new TestServer();
  private final TestServer guarded = new TestServer(Optional.of(TOKEN));

  @AfterEach
  void stop() {
    open.close();
    guarded.close();
  }

  private String bearer() {
    return "Bearer " + TOKEN;
  }

  @Test
  void withATokenEveryCallNeedsIt() {
    for (var operation : Description.operations()) {
      var words = operation.split(" ", 2);
      var path = words[1].replace("{name}", "web").replace("{file}", "uPlot.min.css");
      var answer = guarded.call(words[0], path, words[0].equals("GET") ? null : "{}");
      if (path.startsWith("/v1/") || path.equals("/metrics")) {
        assertThat(answer.status()).as(operation).isEqualTo(401);
        assertThat(answer.header("WWW-Authenticate")).as(operation).isEqualTo("Bearer");
      } else {
        assertThat(answer.status()).as(operation).isNotEqualTo(401);
      }
    }
    assertThat(guarded.call("HEAD", "/v1/status", null).status()).isEqualTo(401);
    assertThat(guarded.call("OPTIONS", "/v1/status", null).status()).isGreaterThan(400);
    assertThat(guarded.post("/v1/nothing", "{}").status()).isEqualTo(401);
    assertThat(guarded.get("/v1/status", "Authorization", bearer()).status()).isEqualTo(200);
    assertThat(guarded.get("/v1/status", "Authorization", "bearer " + TOKEN).status())
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Bearer",
        "Bearer ",
        "Bearer correct-horse-batterx",
        "Bearer correct-horse-batter",
        "Bearer correct-horse-batteryy",
        "Basic correct-horse-battery",
        "correct-horse-battery"
      })
  void wrongTokensAreRefusedAndNotRepeated(String header) {
    var answer = guarded.get("/v1/status", "Authorization", header);
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).doesNotContain("correct-horse");
  }

  @Test
  void pathTricksDoNotOpenAnything() {
    for (var path :
        new String[] {
          "/v1//status", "//v1/status", "/v1/./status", "/x/../v1/status", "/v1/%73tatus",
          "/V1/status", "/v1/status/", "/v1/status;x=1", "/%2e%2e/openapi.yaml",
              "/lib/uplot/../../x"
        }) {
      var answer =
          guarded.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(answer).as(path).doesNotContain("200 OK").doesNotContain("kittens");
    }
  }

  @Test
  void readinessTellsItsReasonOnlyToThoseWhoMayCall() {
    assertThat(guarded.get("/readyz").json().get("reason").isNull()).isTrue();
    assertThat(guarded.get("/readyz", "Authorization", bearer()).json().get("reason").asText())
        .contains("orchestrator");
  }

  @Test
  void aSessionLetsThePageIn() {
    assertThat(guarded.call("POST", "/v1/session", null).status()).isEqualTo(401);
    var opened = guarded.call("POST", "/v1/session", null, "Authorization", bearer());
    var setCookie = opened.header("Set-Cookie");
    assertThat(setCookie)
        .startsWith("microscale-" + guarded.server.port() + "=")
        .contains("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200")
        .doesNotContain(TOKEN);
    var cookie = setCookie.replaceFirst(";.*", "");
    assertThat(guarded.get("/v1/status", "Cookie", cookie).status()).isEqualTo(200);
    // It cannot renew itself, be changed, or outlive its time.
    assertThat(guarded.call("POST", "/v1/session", null, "Cookie", cookie).status()).isEqualTo(401);
    var later = cookie.replaceFirst("=\\d", "=9");
    assertThat(guarded.get("/v1/status", "Cookie", later).status()).isEqualTo(401);
    assertThat(guarded.get("/v1/status", "Cookie", cookie + "x").status()).isEqualTo(401);
    assertThat(guarded.get("/v1/status", "Cookie", cookie.replaceFirst("=.*", "=")).status())
        .isEqualTo(401);
    guarded.clock.advance(Duration.ofHours(12).plusSeconds(1));
    assertThat(guarded.get("/v1/status", "Cookie", cookie).status()).isEqualTo(401);
  }

  @Test
  void aSessionOutlivesARestartButNotANewToken() {
    var call = guarded.call("POST", "/v1/session", null, "Authorization", bearer());
    var value = call.header("Set-Cookie").replaceFirst(";.*", "").replaceFirst(".*?=", "");
    try (var again = new TestServer(Optional.of(TOKEN));
        var other = new TestServer(Optional.of("another-token"))) {
      assertThat(cookieStatus(again, value)).isEqualTo(200);
      assertThat(cookieStatus(other, value)).isEqualTo(401);
    }
  }

  private static int cookieStatus(TestServer server, String value) {
    return server
        .get("/v1/status", "Cookie", "microscale-%d=%s".formatted(server.server.port(), value))
        .status();
  }

  @Test
  void closingASessionDropsTheCookie() {
    var closed = open.delete("/v1/session");
    assertThat(closed.header("Set-Cookie")).contains("Max-Age=0");
  }

  @Test
  void otherNamesForThisHostAreRefused() {
    var request = "GET /v1/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";
    for (var host : new String[] {"evil.example", "127.0.0.1.evil.example", "10.0.0.1:80"}) {
      assertThat(open.raw(request.formatted(host))).as(host).contains(" 403 ");
    }
    for (var host :
        new String[] {"localhost", "LOCALHOST:1", "127.0.0.1:9", "[::1]:80", "127.1.2.3"}) {
      assertThat(open.raw(request.formatted(host))).as(host).contains(" 200 ");
    }
  }

  @Test
  void otherOriginsChangeNothingAndReadNothing() {
    var own = "http://127.0.0.1:" + open.server.port();
    var body = "{\"suspended\": true}";
    var path = "/v1/services/web/suspended";
    for (var origin :
        new String[] {"https://evil.example", "null", "http://127.0.0.1:1", own + "0"}) {
      assertThat(open.put(path, body, "Origin", origin).status()).as(origin).isEqualTo(403);
    }
    for (var site : new String[] {"cross-site", "same-site"}) {
      assertThat(open.put(path, body, "Sec-Fetch-Site", site).status()).as(site).isEqualTo(403);
      assertThat(open.get("/v1/status", "Sec-Fetch-Site", site).status()).as(site).isEqualTo(403);
    }
    assertThat(open.engine.status().overrides()).isEmpty();
    assertThat(open.put(path, body, "Origin", own, "Sec-Fetch-Site", "same-origin").status())
        .isEqualTo(200);
    assertThat(open.put(path, body, "Content-Type", "text/plain").status()).isEqualTo(415);
  }

  @Test
  void everyAnswerTellsTheBrowserToBeStrict() {
    for (var path :
        new String[] {"/v1/status", "/nothing", "/healthz", "/lib/uplot/uPlot.esm.js"}) {
      var answer = open.get(path);
      assertThat(answer.header("Content-Security-Policy"))
          .isEqualTo(
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
                  + " connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'");
      assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
    }
  }

  @Test
  void beyondLoopbackATokenIsNeeded() {
    for (var host :
        new String[] {"0.0.0.0", "::", "[::]", "192.168.1.5", "example.org", "localhost.evil"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ServerSettings(host, 0, Optional.empty()))
          .withMessageContaining("loopback")
          .withMessageContaining(host);
      Assertions.assertThatCode(() -> new ServerSettings(host, 0, Optional.of(TOKEN)))
          .doesNotThrowAnyException();
    }
    for (var host : new String[] {"127.0.0.1", "127.9.9.9", "localhost", "::1", "[::1]"}) {
      Assertions.assertThatCode(() -> new ServerSettings(host, 0, Optional.empty()))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void settingsAreCheckedAndNeverPrintTheToken() {
    assertThat(new ServerSettings("localhost", 80, Optional.of(TOKEN)).toString())
        .doesNotContain(TOKEN);
    for (var token : new String[] {"short", "with space in it", "", "line\nbreak-in-it"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new ServerSettings("localhost", 80, Optional.of(token)))
          .withMessageContaining("server.token")
          .satisfies(e -> assertThat(token.isEmpty() || !e.getMessage().contains(token)).isTrue());
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServerSettings.local(70_000))
        .withMessageContaining("server.port")
        .withMessageContaining("70000");
  }

  @Test
  void aTakenPortIsOneClearError() {
    var settings = ServerSettings.local(open.server.port());
    Assertions.assertThatThrownBy(() -> MicroscaleServer.start(settings, open.engine, open.clock))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("free address and port")
        .hasMessageContaining(String.valueOf(open.server.port()));
  }
}
