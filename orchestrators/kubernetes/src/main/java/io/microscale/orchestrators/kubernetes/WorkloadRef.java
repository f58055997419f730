package io.microscale.orchestrators.kubernetes;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Which workload is meant: anything with a `scale` subresource, or a Job.
///
/// @param apiVersion as in a manifest: `apps/v1`
/// @param kind as in a manifest: `Deployment`
/// @param name empty where the selector finds it
/// @param selector a label selector as `kubectl -l` takes it, which has to match exactly one; empty
///   where it is named
public record WorkloadRef(
    String apiVersion,
    String kind,
    String namespace,
    Optional<String> name,
    Optional<String> selector) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?");

  public WorkloadRef {
    if (apiVersion.isBlank() || kind.isBlank() || namespace.isBlank()) {
      throw new IllegalArgumentException(
          "workload: need apiVersion, kind and namespace, got '%s', '%s' and '%s'"
              .formatted(apiVersion, kind, namespace));
    }
    if (name.isPresent() == selector.isPresent()) {
      throw new IllegalArgumentException(
          "workload: need either a name or a selector, got %s"
              .formatted(name.isPresent() ? "both" : "neither"));
    }
    for (var part : name.isPresent() ? List.of(namespace, name.get()) : List.of(namespace)) {
      if (!NAME.matcher(part).matches()) {
        throw new IllegalArgumentException(
            "workload: need a name of Kubernetes (a-z, 0-9, '-' and '.'), got '%s'"
                .formatted(part));
      }
    }
    if (selector.isPresent() && selector.get().isBlank()) {
      throw new IllegalArgumentException("workload: need a selector, got ''");
    }
  }

  public static WorkloadRef named(String apiVersion, String kind, String namespace, String name) {
    return new WorkloadRef(apiVersion, kind, namespace, Optional.of(name), Optional.empty());
  }

  public static WorkloadRef selected(
      String apiVersion, String kind, String namespace, String selector) {
    return new WorkloadRef(apiVersion, kind, namespace, Optional.empty(), Optional.of(selector));
  }

  public static WorkloadRef deployment(String namespace, String name) {
    return named("apps/v1", "Deployment", namespace, name);
  }

  public static WorkloadRef statefulSet(String namespace, String name) {
    return named("apps/v1", "StatefulSet", namespace, name);
  }

  public static WorkloadRef replicaSet(String namespace, String name) {
    return named("apps/v1", "ReplicaSet", namespace, name);
  }

  public static WorkloadRef job(String namespace, String name) {
    return named("batch/v1", "Job", namespace, name);
  }

  /// As people write it: `Deployment default/web`.
  @Override
  public String toString() {
    return "%s %s/%s".formatted(kind, namespace, name.orElse(selector.orElse("")));
  }
}
