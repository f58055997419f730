package io.microscale.orchestrators.kubernetes;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/// A workload of the pool, found in the cluster.
record Bound(KubernetesWorkload workload, ApiResource resource, String name) {
  private static final int SHOWN = 10;

  String namespace() {
    return workload.ref().namespace();
  }

  String path() {
    return resource.path(namespace(), name);
  }

  /// Finds a workload. One that is named need not exist yet.
  ///
  /// @throws OrchestratorException `REJECTED` if there is no such kind, or a selector does not
  ///   match exactly one, naming the candidates; `UNAVAILABLE` if the server does not answer
  static Bound find(Api api, KubernetesWorkload workload) {
    var target = find(api, workload.ref());
    return new Bound(workload, target.resource(), target.name());
  }

  /// What a reference means.
  record Target(ApiResource resource, String name) {
    String path(String namespace) {
      return resource.path(namespace, name);
    }
  }

  /// The same for a reference.
  static Target find(Api api, WorkloadRef ref) {
    var resource = ApiResource.find(api, ref.apiVersion(), ref.kind());
    if (ref.name().isPresent()) {
      return new Target(resource, ref.name().get());
    }
    var selector = ref.selector().orElse("");
    var query =
        "?limit=%d&labelSelector=%s"
            .formatted(SHOWN, URLEncoder.encode(selector, StandardCharsets.UTF_8));
    var names = new ArrayList<String>();
    for (var item :
        api.get(resource.path(ref.namespace()) + query).orThrow(selector).body().path("items")) {
      names.add(item.path("metadata").path("name").asString(""));
    }
    if (names.size() != 1) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "selector: need one that matches exactly one %s in %s, got '%s', which matches %s"
              .formatted(
                  ref.kind(),
                  ref.namespace(),
                  selector,
                  names.isEmpty() ? "none" : String.join(", ", names)));
    }
    return new Target(resource, names.getFirst());
  }

  @Override
  public String toString() {
    return "%s %s/%s".formatted(resource.kind(), namespace(), name);
  }
}
