package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StaticFilesTest {
  private final TestServer server = new TestServer();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void filesHaveTheirTypeAndATag() {
    var file = server.get("/probe/probe.js");
    assertThat(file.status()).isEqualTo(200);
    assertThat(file.header("Content-Type")).isEqualTo("text/javascript; charset=utf-8");
    assertThat(file.header("Cache-Control")).isEqualTo("no-cache");
    assertThat(file.body()).contains("probe");
    var again = server.get("/probe/probe.js", "If-None-Match", file.header("ETag"));
    assertThat(again.status()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(server.get("/probe/probe.js", "If-None-Match", "\"old\"").status()).isEqualTo(200);
  }

  @Test
  void theChartLibraryIsServed() {
    assertThat(server.get("/lib/uplot/uPlot.esm.js").header("Content-Type"))
        .startsWith("text/javascript");
    assertThat(server.get("/lib/uplot/uPlot.iife.min.js").body()).contains("uPlot");
    assertThat(server.get("/lib/uplot/uPlot.min.css").header("Content-Type"))
        .startsWith("text/css");
    assertThat(server.get("/lib/uplot/uPlot.d.ts").status()).isEqualTo(404);
  }

  @Test
  void theDescriptionIsServed() {
    assertThat(server.get("/openapi.yaml").body()).startsWith("openapi: 3.1.0");
  }

  @Test
  void nothingElseOfTheClassPathIsServed() {
    for (var path :
        new String[] {
          "/../openapi.yaml",
          "/%2e%2e/openapi.yaml",
          "/probe/..%2f..%2fopenapi.yaml",
          "/io/microscale/server/Routes.class",
          "/META-INF/MANIFEST.MF",
          "/.hidden",
          "/probe",
          "/probe/"
        }) {
      var answer =
          server.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertThat(answer).as(path).containsPattern("^HTTP/1.1 40[04]").doesNotContain("openapi: ");
    }
  }
}
