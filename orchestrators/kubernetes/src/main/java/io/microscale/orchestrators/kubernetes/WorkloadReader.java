package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.room.PodRequests;
import java.util.TreeMap;

/// Asks the cluster what workloads say of themselves, so that a file need not repeat it.
public final class WorkloadReader implements AutoCloseable {
  private final Api api;

  private WorkloadReader(Api api) {
    this.api = api;
  }

  /// Prepares to ask; the server is not called yet.
  ///
  /// @throws IllegalArgumentException if the kubeconfig or the context does not exist
  public static WorkloadReader open(ClusterAccess access) {
    return new WorkloadReader(new Api(access.config()));
  }

  /// Reads one workload.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if the server does not answer, `UNKNOWN` if there
  ///   is no such workload, `REJECTED` if its kind does not exist or cannot be scaled, or a
  ///   selector does not match exactly one
  public DescribedWorkload describe(WorkloadRef ref) {
    var found = Bound.find(api, ref);
    var object = api.get(found.path(ref.namespace())).orThrow(ref.toString()).body();
    var annotations = new TreeMap<String, String>();
    object
        .path("metadata")
        .path("annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asString("")));
    var requests =
        WorkloadView.typed(api, object.path("spec").path("template"))
            .map(PodRequests::of)
            .orElse(Resources.NONE);
    return new DescribedWorkload(found.name(), requests, annotations);
  }

  @Override
  public void close() {
    api.close();
  }
}
