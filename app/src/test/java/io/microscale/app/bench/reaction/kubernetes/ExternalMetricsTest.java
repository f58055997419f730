package io.microscale.app.bench.reaction.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

class ExternalMetricsTest {
  @Test
  void tellsItsNumberOverHttps() throws Exception {
    try (var metrics = ExternalMetrics.open(false)) {
      metrics.set(10);
      var base = "https://localhost:" + metrics.port() + "/apis/external.metrics.k8s.io/v1beta1";
      assertThat(get(base).body()).contains("\"APIResourceList\"").contains("\"demand\"");
      assertThat(get(base + "/namespaces/bench/demand").body()).contains("\"value\":\"10\"");
      metrics.set(2);
      assertThat(get(base + "/namespaces/bench/demand").body()).contains("\"value\":\"2\"");
      assertThat(get(base + "/namespaces/bench/other").statusCode()).isEqualTo(404);
    }
  }

  private static HttpResponse<String> get(String uri) throws Exception {
    var context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustsAll()}, null);
    try (var client = HttpClient.newBuilder().sslContext(context).build()) {
      return client.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString());
    }
  }

  /// As an API server with `insecureSkipTLSVerify`.
  private static final class TrustsAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
