package io.microscale.app.bench.reaction.kubernetes;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Plain calls to the API server, as many at a time as one likes.
final class Calls {
  private static final int PATIENCE_SECONDS = 30;
  private static final String MERGE = "application/merge-patch+json";
  private static final String STRATEGIC = "application/strategic-merge-patch+json";

  private final KubernetesClient client;
  private final String namespace;

  Calls(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  /// Sets how many replicas a Deployment is to have.
  CompletableFuture<Void> scale(String deployment, int replicas) {
    return patch(
        "/apis/apps/v1/namespaces/%s/deployments/%s/scale".formatted(namespace, deployment),
        MERGE,
        String.format(Locale.ROOT, "{\"spec\":{\"replicas\":%d}}", replicas));
  }

  /// Sets what the only container of a pod requests, in thousandths of a core.
  CompletableFuture<Void> resize(String pod, long milliCpu) {
    return patch(
        "/api/v1/namespaces/%s/pods/%s/resize".formatted(namespace, pod),
        STRATEGIC,
        String.format(
            Locale.ROOT,
            "{\"spec\":{\"containers\":[{\"name\":\"%s\",\"resources\":{\"requests\":{\"cpu\":\"%dm\"}}}]}}",
            Stage.CONTAINER,
            milliCpu));
  }

  private CompletableFuture<Void> patch(String path, String type, String body) {
    var http = client.getHttpClient();
    var server = client.getMasterUrl().toString().replaceAll("/$", "");
    var request = http.newHttpRequestBuilder().uri(server + path).method("PATCH", type, body);
    return http.sendAsync(request.build(), String.class)
        .thenAccept(
            answer -> {
              if (!answer.isSuccessful()) {
                throw new OrchestratorException(
                    Kind.REJECTED, "PATCH %s: %d %s".formatted(path, answer.code(), answer.body()));
              }
            });
  }

  /// Waits until all are answered.
  ///
  /// @throws OrchestratorException if one of them failed
  static void together(List<CompletableFuture<Void>> calls) throws InterruptedException {
    try {
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      var cause = e.getCause() == null ? e : e.getCause();
      throw new OrchestratorException(Kind.UNAVAILABLE, String.valueOf(cause.getMessage()), e);
    } catch (TimeoutException e) {
      throw new OrchestratorException(
          Kind.UNAVAILABLE, "no answer within " + PATIENCE_SECONDS + " s", e);
    }
  }
}
