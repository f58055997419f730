package io.microscale.orchestrators.kubernetes.custom;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A MicroscalePool or a MicroscaleService as the API server has it.
///
/// @param generation goes up with each change of what is wanted, and not with its status
/// @param created when it was made, as RFC 3339 has it
/// @param specJson what is wanted, a JSON object
/// @param poolRef the pool that a service names; empty for a pool
/// @param workload that of a service; empty for a pool
/// @param conditions what its status says now
public record CustomResource(
    Kind kind,
    String namespace,
    String name,
    String uid,
    long generation,
    String created,
    String specJson,
    Optional<String> poolRef,
    Optional<Workload> workload,
    List<Condition> conditions) {
  static final String GROUP = "microscale.io";
  static final String VERSION = "v1alpha1";

  /// Which of the two it is.
  public enum Kind {
    POOL("MicroscalePool", "microscalepools"),
    SERVICE("MicroscaleService", "microscaleservices");

    private final String word;
    private final String plural;

    Kind(String word, String plural) {
      this.word = word;
      this.plural = plural;
    }

    /// As in a manifest.
    public String word() {
      return word;
    }

    String plural() {
      return plural;
    }
  }

  /// The workload of a service, as in a manifest.
  public record Workload(String apiVersion, String kind, String name) {
    @Override
    public String toString() {
      return kind + " " + name;
    }
  }

  public CustomResource {
    conditions = List.copyOf(conditions);
  }

  /// As people write it: `MicroscaleService shop/web`.
  @Override
  public String toString() {
    return "%s %s/%s".formatted(kind.word, namespace, name);
  }

  static CustomResource of(
      Kind kind, GenericKubernetesResource object, KubernetesSerialization json) {
    var meta = object.getMetadata();
    @Nullable Object spec = object.get("spec");
    return new CustomResource(
        kind,
        meta.getNamespace(),
        meta.getName(),
        meta.getUid(),
        Objects.requireNonNullElse(meta.getGeneration(), 0L),
        Objects.requireNonNullElse(meta.getCreationTimestamp(), ""),
        json.asJson(spec == null ? Map.of() : spec),
        text(object, "spec", "poolRef", "name"),
        text(object, "spec", "workloadRef", "name")
            .map(
                name ->
                    new Workload(
                        text(object, "spec", "workloadRef", "apiVersion").orElse("apps/v1"),
                        text(object, "spec", "workloadRef", "kind").orElse("Deployment"),
                        name)),
        conditions(object));
  }

  private static List<Condition> conditions(GenericKubernetesResource object) {
    @Nullable Object conditions = object.get("status", "conditions");
    return conditions instanceof List<?> list
        ? list.stream()
            .filter(Map.class::isInstance)
            .map(condition -> Condition.of((Map<?, ?>) condition))
            .toList()
        : List.of();
  }

  private static Optional<String> text(GenericKubernetesResource object, Object... path) {
    @Nullable Object value = object.get(path);
    return value instanceof String text ? Optional.of(text) : Optional.empty();
  }
}
