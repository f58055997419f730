package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// One request at a time to the API server, answered or sorted by what its failure means. May be
/// used from any thread.
final class Api implements AutoCloseable {
  static final String MERGE_PATCH = "application/merge-patch+json";
  static final String STRATEGIC_PATCH = "application/strategic-merge-patch+json";

  private static final String JSON = "application/json";
  private static final int TOO_MANY = 429;
  private static final Duration LONGEST_HOLD = Duration.ofSeconds(5);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(25);
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);

  private final KubernetesClient client;
  private final HttpClient http;
  private final KubernetesSerialization json;
  private final String server;
  private final Duration patience;
  private final Map<String, Answer> discovered = new ConcurrentHashMap<>(); // by group
  private final AtomicLong heldUntilNanos = new AtomicLong(System.nanoTime());

  Api(Config config) {
    this.client = new KubernetesClientBuilder().withConfig(config).build();
    this.http = client.getHttpClient();
    this.json = client.getKubernetesSerialization();
    var url = client.getMasterUrl().toString();
    this.server = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.patience = Duration.ofMillis(config.getRequestTimeout());
  }

  String server() {
    return server;
  }

  HttpClient http() {
    return http;
  }

  Answer get(String path) {
    return get(path, patience);
  }

  /// What a group of the API serves; asked once.
  Answer discovery(String group) {
    var known = discovered.get(group);
    if (known != null) {
      return known;
    }
    var answer = get(group);
    if (answer.ok()) {
      discovered.put(group, answer);
    }
    return answer;
  }

  Answer get(String path, Duration within) {
    return send("GET " + path, http.newHttpRequestBuilder().uri(server + path), within, false);
  }

  /// Reads an object of which a write was not answered, as soon as the server answers again.
  ///
  /// @param failure of the write
  /// @throws OrchestratorException the same, if it is not `UNCERTAIN` or the server keeps silent
  JsonNode afterSilence(String path, OrchestratorException failure) {
    long begun = System.nanoTime();
    while (failure.kind() == Kind.UNCERTAIN
        && !Thread.currentThread().isInterrupted()
        && System.nanoTime() - begun < LONGEST_SILENCE.toNanos()) {
      try {
        var answer = get(path);
        if (answer.ok()) {
          return answer.body();
        }
        if (answer.missing()) {
          throw answer.refusal(path);
        }
      } catch (OrchestratorException e) {
        if (e.kind() != Kind.UNAVAILABLE) {
          throw e;
        }
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
    throw failure;
  }

  /// Replaces an object.
  Answer put(String path, Object body) {
    return write("PUT", path, JSON, body);
  }

  /// Changes an object.
  ///
  /// @param type [#MERGE_PATCH] or [#STRATEGIC_PATCH]
  Answer patch(String path, String type, Object body) {
    return write("PATCH", path, type, body);
  }

  private Answer write(String method, String path, String type, Object body) {
    long held = heldUntilNanos.get() - System.nanoTime();
    if (held > 0) {
      throw new OrchestratorException(
          Kind.UNAVAILABLE,
          "the API server asked for no more requests for another %d ms"
              .formatted(TimeUnit.NANOSECONDS.toMillis(held)));
    }
    var request =
        http.newHttpRequestBuilder().uri(server + path).method(method, type, json.asJson(body));
    return send(method + " " + path, request, patience, true);
  }

  private Answer send(String what, HttpRequest.Builder request, Duration within, boolean writes) {
    CompletableFuture<HttpResponse<String>> future =
        http.sendAsync(
            request.timeout(within.toMillis(), TimeUnit.MILLISECONDS).build(), String.class);
    try {
      var response = future.get(within.toMillis() * 2, TimeUnit.MILLISECONDS);
      if (response.code() == TOO_MANY) {
        hold(response.header("Retry-After"));
      }
      return new Answer(response.code(), parsed(response.body()));
    } catch (InterruptedException e) {
      future.cancel(true);
      Thread.currentThread().interrupt();
      throw new OrchestratorException(Kind.UNCERTAIN, what + ": interrupted", e);
    } catch (TimeoutException e) {
      future.cancel(true);
      throw new OrchestratorException(
          writes ? Kind.UNCERTAIN : Kind.UNAVAILABLE, what + ": no answer within " + within, e);
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      boolean done = writes && !neverSent(cause);
      throw new OrchestratorException(
          done ? Kind.UNCERTAIN : Kind.UNAVAILABLE, "%s: %s".formatted(what, cause), e);
    }
  }

  private static boolean neverSent(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConnectException
          || cause instanceof HttpConnectTimeoutException
          || cause instanceof SSLHandshakeException) {
        return true;
      }
    }
    return !(failure instanceof IOException);
  }

  private void hold(@Nullable String retryAfter) {
    if (retryAfter != null && retryAfter.matches("[0-9]{1,9}")) {
      var asked = Duration.ofSeconds(Long.parseLong(retryAfter));
      var bounded = asked.compareTo(LONGEST_HOLD) < 0 ? asked : LONGEST_HOLD;
      heldUntilNanos.set(System.nanoTime() + bounded.toNanos());
    }
  }

  JsonNode parsed(@Nullable String text) {
    if (text != null && text.startsWith("{")) {
      return json.unmarshal(text, JsonNode.class);
    }
    return json.convertValue(Map.of("message", text == null ? "" : text), JsonNode.class);
  }

  <T> T as(JsonNode node, Class<T> type) {
    return json.convertValue(node, type);
  }

  @Override
  public void close() {
    client.close();
  }
}
