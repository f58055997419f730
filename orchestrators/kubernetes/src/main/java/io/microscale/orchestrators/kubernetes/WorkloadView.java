package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.microscale.core.model.Resources;
import io.microscale.orchestrators.kubernetes.room.Admission;
import io.microscale.orchestrators.kubernetes.room.PodRequests;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// What is kept of a workload.
///
/// @param version its `resourceVersion`
/// @param replicas how many it is told to have
/// @param suspended a Job that is to run nothing
/// @param owner what made it and may change its number, by kind and name
/// @param ownerUid of the same; empty for none
/// @param stamp the leader that took it over last; empty for none
/// @param template what a pod made from its template is resized from; empty where it shows none
/// @param rules which nodes its pods may run on; empty where it shows no template
/// @param failure why it cannot make pods, in Kubernetes' words; empty if it can
record WorkloadView(
    String uid,
    String version,
    int replicas,
    boolean suspended,
    Optional<String> owner,
    String ownerUid,
    String stamp,
    Optional<Template> template,
    Optional<Admission> rules,
    String failure) {
  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

  /// The container that is resized, as its template has it.
  ///
  /// @param requested thousandths of a core, likewise `limited`, 0 for no limit
  /// @param holds what the whole pod holds
  record Template(String main, long requested, long limited, Resources holds) {}

  static WorkloadView of(Api api, ApiResource resource, JsonNode object) {
    var meta = object.path("metadata");
    var spec = object.path("spec");
    boolean suspended = resource.isJob() && spec.path("suspend").asBoolean(false);
    var typed = typed(api, spec.path("template"));
    // Kubernetes' own kinds always say it.
    int unsaid = resource.isCustom() ? 0 : 1;
    int replicas = spec.path(resource.isJob() ? "parallelism" : "replicas").asInt(unsaid);
    return new WorkloadView(
        meta.path("uid").asString(""),
        meta.path("resourceVersion").asString(""),
        suspended ? 0 : replicas,
        suspended,
        controller(meta).map(o -> o.path("kind").asString("") + " " + o.path("name").asString("")),
        controller(meta).map(o -> o.path("uid").asString("")).orElse(""),
        meta.path("annotations").path(Fence.TERM).asString(""),
        typed.map(WorkloadView::template),
        typed.map(t -> Admission.of(t, meta.path("namespace").asString(""))),
        failure(object.path("status").path("conditions")));
  }

  WorkloadView told(int replicas, String version) {
    return new WorkloadView(
        uid,
        version,
        replicas,
        replicas == 0 && suspended,
        owner,
        ownerUid,
        stamp,
        template,
        rules,
        failure);
  }

  private static Optional<JsonNode> controller(JsonNode meta) {
    for (var reference : meta.path("ownerReferences")) {
      if (reference.path("controller").asBoolean(false)) {
        return Optional.of(reference);
      }
    }
    return Optional.empty();
  }

  /// A template of pods, empty for anything else.
  static Optional<PodTemplateSpec> typed(Api api, JsonNode template) {
    return template.path("spec").path("containers").isArray()
        ? Optional.of(api.as(template, PodTemplateSpec.class))
        : Optional.empty();
  }

  static Template template(PodTemplateSpec template) {
    var meta = template.getMetadata();
    var annotations = meta == null ? null : meta.getAnnotations();
    var named = annotations == null ? "" : annotations.getOrDefault(DEFAULT_CONTAINER, "");
    var main = main(template.getSpec().getContainers(), named);
    return new Template(
        main.getName(),
        PodView.cpu(main.getResources(), false),
        PodView.cpu(main.getResources(), true),
        PodRequests.of(template));
  }

  /// The container with the largest request, or the one that the annotation names.
  private static Container main(List<Container> containers, String named) {
    var largest = containers.getFirst();
    for (var container : containers) {
      if (container.getName().equals(named)) {
        return container;
      }
      if (PodView.cpu(container.getResources(), false)
          > PodView.cpu(largest.getResources(), false)) {
        largest = container;
      }
    }
    return largest;
  }

  private static String failure(JsonNode conditions) {
    for (var condition : conditions) {
      if (condition.path("type").asString("").equals("ReplicaFailure")
          && condition.path("status").asString("").equals("True")) {
        return condition.path("message").asString("cannot make pods");
      }
    }
    return "";
  }

  /// Who set the number of replicas last, by the name that it gave as its field manager.
  static Optional<String> manager(JsonNode object) {
    var latest = new TreeMap<String, String>();
    for (var entry : object.path("metadata").path("managedFields")) {
      if (entry.path("fieldsV1").path("f:spec").has("f:replicas")
          || entry.path("subresource").asString("").equals("scale")) {
        latest.put(entry.path("time").asString(""), entry.path("manager").asString("somebody"));
      }
    }
    return Optional.ofNullable(latest.lastEntry()).map(Map.Entry::getValue);
  }
}
