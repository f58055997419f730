package io.microscale.orchestrators.kubernetes.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.microscale.testkit.engines.KubernetesCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Stands before an API server and speaks plain HTTP on loopback. Can end watches as a server does
/// whose time for them is over, and hold back those that are asked for next.
final class Gate implements AutoCloseable {
  private final URI server;
  private final HttpClient client;
  private final HttpServer listener;
  private final Set<InputStream> watches = ConcurrentHashMap.newKeySet();
  private final AtomicInteger gone = new AtomicInteger();
  private boolean shut; // guarded by this

  static Gate to(KubernetesCluster cluster) {
    try {
      return new Gate(cluster);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private Gate(KubernetesCluster cluster) throws IOException, GeneralSecurityException {
    this.server = cluster.server();
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trusting(cluster))
            .build();
    this.listener =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    listener.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    listener.createContext("/", this::pass);
    listener.start();
  }

  private static SSLContext trusting(KubernetesCluster cluster)
      throws IOException, GeneralSecurityException {
    var store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    try (var pem = Files.newInputStream(cluster.authority())) {
      var certificate = CertificateFactory.getInstance("X.509").generateCertificate(pem);
      store.setCertificateEntry("authority", certificate);
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    var context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  int port() {
    return listener.getAddress().getPort();
  }

  /// Ends all watches in good order, and keeps those that are asked for next waiting.
  void endWatches() throws IOException {
    synchronized (this) {
      shut = true;
    }
    for (var watch : watches) {
      watch.close();
    }
  }

  /// Lets those pass that wait.
  synchronized void letPass() {
    shut = false;
    notifyAll();
  }

  /// How many watches were told that their place is forgotten.
  int gone() {
    return gone.get();
  }

  private void pass(HttpExchange exchange) throws IOException {
    try (exchange) {
      var query = String.valueOf(exchange.getRequestURI().getRawQuery());
      boolean watch = query.contains("watch=true");
      if (watch) {
        awaitOpen();
      }
      var answer = client.send(request(exchange), HttpResponse.BodyHandlers.ofInputStream());
      try (var body = answer.body()) {
        answer
            .headers()
            .firstValue("Content-Type")
            .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
        exchange.sendResponseHeaders(answer.statusCode(), 0);
        if (watch) {
          watches.add(body);
        }
        copy(body, exchange);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitOpen() throws InterruptedException {
    while (shut) {
      wait();
    }
  }

  private HttpRequest request(HttpExchange exchange) throws IOException {
    var body = HttpRequest.BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes());
    var request =
        HttpRequest.newBuilder(server.resolve(exchange.getRequestURI().toString()))
            .method(exchange.getRequestMethod(), body);
    for (var name : Set.of("Authorization", "Content-Type", "Accept")) {
      var value = exchange.getRequestHeaders().getFirst(name);
      if (value != null) {
        request.header(name, value);
      }
    }
    return request.build();
  }

  private void copy(InputStream body, HttpExchange exchange) throws IOException {
    var out = exchange.getResponseBody();
    var buffer = new byte[8192];
    while (true) {
      int n;
      try {
        n = body.read(buffer);
      } catch (IOException e) {
        if (watches.remove(body)) {
          return; // it was ended here
        }
        throw e;
      }
      if (n < 0) {
        watches.remove(body);
        return;
      }
      if (new String(buffer, 0, n, StandardCharsets.UTF_8).contains("\"code\":410")) {
        gone.incrementAndGet();
      }
      out.write(buffer, 0, n);
      out.flush();
    }
  }

  @Override
  public void close() {
    letPass();
    listener.stop(0);
    client.shutdownNow();
  }
}
