package io.microscale.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Answers in the place of an engine that waits for its turn to lead: it is alive and ready to take
/// over, and has nothing to tell.
final class StandingBy implements AutoCloseable {
  private static final String RETRY_SECONDS = "1";

  private final HttpServer server;
  private final ExecutorService threads;

  private StandingBy(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /// Listens where the engine will once this process leads.
  ///
  /// @throws CommandException if the address is not free
  static StandingBy start(ServerSettings settings) {
    return start(settings, "another engine of this pool leads");
  }

  /// Listens where the engine will.
  ///
  /// @param reason why there is none yet
  /// @throws CommandException if the address is not free
  static StandingBy start(ServerSettings settings, String reason) {
    try {
      var server = HttpServer.create(new InetSocketAddress(settings.host(), settings.port()), 0);
      var threads = Executors.newVirtualThreadPerTaskExecutor();
      server.setExecutor(threads);
      var body = body(reason);
      server.createContext("/", call -> answer(call, body));
      server.start();
      return new StandingBy(server, threads);
    } catch (IOException e) {
      throw CommandException.failed(
          "server: need a free address and port, got %s:%d (%s)"
              .formatted(settings.host(), settings.port(), e.getMessage()));
    }
  }

  private static byte[] body(String reason) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("status", "standing by")
        .put("reason", reason)
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  private static void answer(HttpExchange call, byte[] body) throws IOException {
    try (call) {
      var path = call.getRequestURI().getPath();
      boolean health = path.equals("/healthz") || path.equals("/readyz");
      call.getResponseHeaders().set("Content-Type", "application/json");
      if (!health) {
        call.getResponseHeaders().set("Retry-After", RETRY_SECONDS);
      }
      call.sendResponseHeaders(health ? 200 : 503, body.length);
      call.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
