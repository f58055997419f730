package io.microscale.app.bench.reaction.kubernetes;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// Serves one number as the API group `external.metrics.k8s.io`, from which a
/// HorizontalPodAutoscaler takes it. Over HTTPS, since the API server asks for that, with a
/// certificate of its own that lasts as long as this.
final class ExternalMetrics implements AutoCloseable {
  static final String GROUP = "external.metrics.k8s.io";
  static final String VERSION = "v1beta1";
  static final String METRIC = "demand";

  private static final String BASE = "/apis/" + GROUP + "/" + VERSION;
  private static final String RESOURCES =
      """
      {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"%s/%s","resources":[\
      {"name":"%s","singularName":"","namespaced":true,"kind":"ExternalMetricValueList","verbs":["get"]}]}"""
          .formatted(GROUP, VERSION, METRIC);

  private final HttpsServer server;
  private volatile int value;

  /// Begins to serve, on any free port.
  ///
  /// @param everywhere whether others than this machine may ask
  static ExternalMetrics open(boolean everywhere) throws IOException, InterruptedException {
    try {
      return new ExternalMetrics(everywhere);
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot serve HTTPS: " + e.getMessage(), e);
    }
  }

  private ExternalMetrics(boolean everywhere)
      throws IOException, InterruptedException, GeneralSecurityException {
    server =
        HttpsServer.create(
            everywhere
                ? new InetSocketAddress(0)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls()));
    server.createContext("/", this::answer);
    server.start();
  }

  private static SSLContext tls()
      throws IOException, InterruptedException, GeneralSecurityException {
    var random = new SecureRandom();
    var bytes = new byte[16];
    random.nextBytes(bytes);
    var password = HexFormat.of().formatHex(bytes);
    var folder = Files.createTempDirectory("microscale-bench-");
    var file = folder.resolve("key.p12");
    try {
      keytool(file, password);
      var store = KeyStore.getInstance(file.toFile(), password.toCharArray());
      var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password.toCharArray());
      var context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, random);
      return context;
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
  }

  /// The JDK makes certificates with its tool only.
  private static void keytool(Path file, String password) throws IOException, InterruptedException {
    var tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    if (!Files.isExecutable(tool)) {
      throw new IOException("need %s to make a certificate".formatted(tool));
    }
    var options =
        "-genkeypair -alias metrics -keyalg EC -dname CN=localhost -validity 2 -storetype PKCS12";
    var command = new ArrayList<>(Arrays.asList(options.split(" ", -1)));
    command.addFirst(tool.toString());
    command.add("-keystore");
    command.add(file.toString());
    command.add("-storepass:env");
    command.add("STORE_PASSWORD");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(Redirect.DISCARD);
    builder.environment().put("STORE_PASSWORD", password);
    int exit = builder.start().waitFor();
    if (exit != 0) {
      throw new IOException("%s ended with %d".formatted(tool, exit));
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = exchange.getRequestURI().getPath();
      if (path.equals(BASE)) {
        send(exchange, 200, RESOURCES);
      } else if (path.startsWith(BASE + "/namespaces/") && path.endsWith("/" + METRIC)) {
        send(exchange, 200, values());
      } else {
        send(exchange, 404, "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":404}");
      }
    }
  }

  private String values() {
    return String.format(
        Locale.ROOT,
        "{\"kind\":\"ExternalMetricValueList\",\"apiVersion\":\"%s/%s\",\"metadata\":{},\"items\":["
            + "{\"metricName\":\"%s\",\"metricLabels\":{},\"timestamp\":\"%s\",\"value\":\"%d\"}]}",
        GROUP,
        VERSION,
        METRIC,
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        value);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  int port() {
    return server.getAddress().getPort();
  }

  /// What is told from now on.
  void set(int demand) {
    value = demand;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
