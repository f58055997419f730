package io.microscale.orchestrators.kubernetes.custom;

import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps what is written, and refuses while it is told to.
final class FakeStatusApi implements StatusApi {
  record Status(String name, Map<String, @Nullable Object> status) {}

  record Repeated(String event, int count) {}

  final List<Status> statuses = new ArrayList<>();
  final List<Happening> created = new ArrayList<>();
  final List<Repeated> repeated = new ArrayList<>();
  int refused;
  boolean refusing;
  boolean refusingEvents;

  static CustomResource pool() {
    return resource(CustomResource.Kind.POOL, "kittens", 1, List.of());
  }

  static CustomResource service(String name) {
    return resource(CustomResource.Kind.SERVICE, name, 1, List.of());
  }

  static CustomResource resource(
      CustomResource.Kind kind, String name, long generation, List<Condition> conditions) {
    boolean service = kind == CustomResource.Kind.SERVICE;
    return new CustomResource(
        kind,
        "shop",
        name,
        "uid of " + name,
        generation,
        "2026-01-01T00:00:00Z",
        "{}",
        service ? Optional.of("kittens") : Optional.empty(),
        service
            ? Optional.of(new CustomResource.Workload("apps/v1", "Deployment", name))
            : Optional.empty(),
        conditions);
  }

  @Override
  public boolean write(CustomResource resource, Map<String, @Nullable Object> status) {
    refuseIfTold();
    return statuses.add(new Status(resource.name(), status));
  }

  @Override
  public String create(CustomResource service, Happening happening) {
    refuseIfTold();
    if (refusingEvents) {
      throw new OrchestratorException(OrchestratorException.Kind.REJECTED, "forbidden");
    }
    created.add(happening);
    return service.name() + "." + created.size();
  }

  @Override
  public void repeat(CustomResource service, String event, int count, Instant last) {
    refuseIfTold();
    repeated.add(new Repeated(event, count));
  }

  private void refuseIfTold() {
    if (refusing) {
      refused++;
      throw new OrchestratorException(OrchestratorException.Kind.UNAVAILABLE, "not now");
    }
  }

  /// What was written of a resource last.
  Map<String, @Nullable Object> last(String name) {
    return statuses.stream().filter(s -> s.name.equals(name)).toList().getLast().status;
  }

  /// A condition of it, as `Status/Reason since TIME`.
  String condition(String name, String type) {
    for (var condition : (List<?>) Objects.requireNonNull(last(name).get("conditions"))) {
      var map = (Map<?, ?>) condition;
      if (type.equals(map.get("type"))) {
        return "%s/%s since %s"
            .formatted(map.get("status"), map.get("reason"), map.get("lastTransitionTime"));
      }
    }
    return "none";
  }
}
