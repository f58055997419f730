package io.microscale.orchestrators.kubernetes;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/// A kind of object as the API server serves it.
///
/// @param apiVersion `v1`, `apps/v1`, …
/// @param plural the name in paths
/// @param scales whether it has the subresource `scale`
record ApiResource(String apiVersion, String kind, String plural, boolean scales) {
  static final ApiResource PODS = new ApiResource("v1", "Pod", "pods", false);
  static final ApiResource NODES = new ApiResource("v1", "Node", "nodes", false);
  static final ApiResource QUOTAS = new ApiResource("v1", "ResourceQuota", "resourcequotas", false);
  static final ApiResource REPLICA_SETS =
      new ApiResource("apps/v1", "ReplicaSet", "replicasets", true);

  static final ApiResource DEPLOYMENTS =
      new ApiResource("apps/v1", "Deployment", "deployments", true);
  static final ApiResource STATEFUL_SETS =
      new ApiResource("apps/v1", "StatefulSet", "statefulsets", true);

  /// The path of all objects of the kind in the cluster.
  String path() {
    return root(apiVersion) + "/" + plural;
  }

  String path(String namespace) {
    return "%s/namespaces/%s/%s".formatted(root(apiVersion), namespace, plural);
  }

  String path(String namespace, String name) {
    return path(namespace) + "/" + name;
  }

  static String root(String apiVersion) {
    return (apiVersion.contains("/") ? "/apis/" : "/api/") + apiVersion;
  }

  /// Looks up a kind.
  ///
  /// @throws OrchestratorException `REJECTED` if the server has no such kind, or it can be neither
  ///   scaled nor suspended; `UNAVAILABLE` if it does not answer
  static ApiResource find(Api api, String apiVersion, String kind) {
    var known = api.discovery(root(apiVersion));
    // A kind may have been added to a group since it was asked for.
    var listed = has(known, kind) ? known : api.get(root(apiVersion));
    if (listed.missing()) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "apiVersion: need one that the server has, got '%s'".formatted(apiVersion));
    }
    var plurals = new HashMap<String, JsonNode>();
    String plural = "";
    for (var resource : listed.orThrow(apiVersion).body().path("resources")) {
      var name = resource.path("name").asString("");
      plurals.put(name, resource);
      if (resource.path("kind").asString("").equals(kind) && !name.contains("/")) {
        plural = name;
      }
    }
    if (plural.isEmpty()) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "kind: need one of %s that the server has, got '%s'".formatted(apiVersion, kind));
    }
    var found = new ApiResource(apiVersion, kind, plural, plurals.containsKey(plural + "/scale"));
    if (!found.scales && !found.isJob()) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "kind: need one with a scale subresource, or a Job, got '%s'".formatted(kind));
    }
    return found;
  }

  private static boolean has(Answer listed, String kind) {
    for (var resource : listed.ok() ? listed.body().path("resources") : MissingNode.getInstance()) {
      if (resource.path("kind").asString("").equals(kind)) {
        return true;
      }
    }
    return false;
  }

  /// Whether pods can be resized in place, by what the server says it serves.
  static boolean resizesPods(Api api) {
    for (var resource : api.discovery(root("v1")).orThrow("v1").body().path("resources")) {
      if (resource.path("name").asString("").equals("pods/resize")) {
        return true;
      }
    }
    return false;
  }

  /// Whether the server has the kind at all.
  static boolean exists(Api api, ApiResource resource) {
    var listed = api.discovery(root(resource.apiVersion));
    if (listed.missing()) {
      return false;
    }
    for (var there : listed.orThrow(resource.apiVersion).body().path("resources")) {
      if (there.path("name").asString("").equals(resource.plural)) {
        return true;
      }
    }
    return false;
  }

  /// Whether it is none of Kubernetes' own.
  boolean isCustom() {
    return !apiVersion.startsWith("apps/")
        && !apiVersion.startsWith("batch/")
        && !apiVersion.equals("v1");
  }

  /// Whether its controller ends the pods with the highest numbers first.
  boolean isNumbered() {
    return apiVersion.startsWith("apps/") && kind.equals("StatefulSet");
  }

  boolean isJob() {
    return apiVersion.startsWith("batch/") && kind.equals("Job");
  }

  /// Whether its controller ends the pods first whose deletion cost is low.
  boolean picksVictims() {
    return apiVersion.startsWith("apps/")
        && (kind.equals("Deployment") || kind.equals("ReplicaSet"));
  }

  /// What the body of a `scale` is made of.
  static Map<String, Object> scale(
      String namespace, String name, String resourceVersion, int replicas) {
    return Map.of(
        "apiVersion",
        "autoscaling/v1",
        "kind",
        "Scale",
        "metadata",
        Map.of("namespace", namespace, "name", name, "resourceVersion", resourceVersion),
        "spec",
        Map.of("replicas", replicas));
  }

  @Override
  public String toString() {
    return kind.toLowerCase(Locale.ROOT);
  }
}
