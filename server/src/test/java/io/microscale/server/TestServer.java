package io.microscale.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A real server over a scripted engine, and calls to it. Every answer is checked against the
/// description.
final class TestServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final TestClock clock = new TestClock();
  final FakeEngine engine = new FakeEngine(clock);
  final MicroscaleServer server;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  TestServer() {
    this(Optional.empty());
  }

  TestServer(Optional<String> token) {
    server = MicroscaleServer.start(new ServerSettings("127.0.0.1", 0, token), engine, clock);
  }

  /// With a feed of the test's own; what the engine tells does not go into it.
  TestServer(EventFeed feed) {
    server = MicroscaleServer.start(ServerSettings.local(0), engine, feed, clock);
  }

  /// Of an engine of the test's own.
  TestServer(MicroscaleServer server) {
    this.server = server;
  }

  record Answer(int status, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of("")).getFirst();
    }

    JsonNode json() {
      try {
        return JSON.readTree(body);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String error(String field) {
      return json().at("/error/" + field).asText();
    }
  }

  Answer get(String path, String... headers) {
    return call("GET", path, null, headers);
  }

  Answer put(String path, String body, String... headers) {
    return call("PUT", path, body, headers);
  }

  Answer post(String path, String body, String... headers) {
    return call("POST", path, body, headers);
  }

  Answer delete(String path, String... headers) {
    return call("DELETE", path, null, headers);
  }

  /// @param body sent as JSON unless the headers say otherwise; null for none
  Answer call(String method, String path, String body, String... headers) {
    var request =
        HttpRequest.newBuilder(uri(path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (body != null && !List.of(headers).contains("Content-Type")) {
      request.header("Content-Type", "application/json");
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    var response = send(request.build(), HttpResponse.BodyHandlers.ofString());
    var type = response.headers().firstValue("Content-Type").orElse("");
    if (!method.equals("HEAD")) {
      Description.check(method, path, response.statusCode(), type, response.body());
    }
    return new Answer(response.statusCode(), response.headers().map(), response.body());
  }

  /// Sends bytes as they are, for what an HTTP client would not send, and returns all that comes
  /// back until the connection is closed.
  String raw(String request) {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  HttpResponse<InputStream> open(String path, String... headers) {
    var request = HttpRequest.newBuilder(uri(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
    try {
      return http.send(request, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.close();
    http.shutdownNow();
  }
}
