package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.microscale.core.model.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The limits that a ResourceQuota sets to what the pods of its namespace request together.
///
/// @param hard the limits to requests, in the names of [PodRequests]; a resource that is not named
///   is not limited
/// @param objects how many pods there may be, those that have ended included
/// @param scopes it counts the pods that are in all of these; empty for all pods
/// @param uncounted limits to something else than requests of pods: not looked at here
public record Quota(
    String namespace,
    String name,
    Resources hard,
    OptionalLong objects,
    List<LabelRule> scopes,
    List<String> uncounted) {
  private static final String REQUESTS = "requests.";
  private static final String OBJECTS = "count/pods";

  public static Quota of(ResourceQuota quota) {
    var spec = quota.getSpec();
    var hard = new TreeMap<String, Long>();
    var objects = OptionalLong.empty();
    var uncounted = new ArrayList<String>();
    var limits = spec.getHard() == null ? Map.<String, Quantity>of() : spec.getHard();
    for (var limit : new TreeMap<>(limits).entrySet()) {
      var resource = resource(limit.getKey());
      if (resource.isEmpty()) {
        uncounted.add(limit.getKey());
        continue;
      }
      long amount = Amounts.of(Map.of(resource, limit.getValue())).rounded().get(resource);
      if (resource.equals(OBJECTS)) {
        objects = OptionalLong.of(amount);
      } else {
        hard.merge(resource, amount, Math::min);
      }
    }
    var meta = quota.getMetadata();
    return new Quota(
        meta.getNamespace(),
        meta.getName(),
        Resources.of(hard),
        objects,
        scopes(quota),
        List.copyOf(uncounted));
  }

  private static List<LabelRule> scopes(ResourceQuota quota) {
    var scopes = new ArrayList<LabelRule>();
    quota
        .getSpec()
        .getScopes()
        .forEach(scope -> scopes.add(LabelRule.of(scope, "Exists", List.of())));
    var selector = quota.getSpec().getScopeSelector();
    if (selector != null) {
      selector
          .getMatchExpressions()
          .forEach(e -> scopes.add(LabelRule.of(e.getScopeName(), e.getOperator(), e.getValues())));
    }
    return List.copyOf(scopes);
  }

  /// The resource that a limit is to, by its name in [PodRequests]; empty for anything else.
  private static String resource(String limit) {
    return switch (limit) {
      case Resources.CPU, Resources.MEMORY, "ephemeral-storage", PodRequests.PODS, OBJECTS -> limit;
      default -> {
        if (limit.equals(REQUESTS + "storage")) {
          yield ""; // of volumes
        }
        if (limit.startsWith(REQUESTS)) {
          yield limit.substring(REQUESTS.length());
        }
        yield limit.startsWith("hugepages-") ? limit : "";
      }
    };
  }

  /// Whether pods of a template come under this quota.
  public boolean counts(PodTemplateSpec template, String inNamespace) {
    return inNamespace.equals(namespace) && counts(Scopes.of(template.getSpec()));
  }

  boolean counts(PodFacts pod) {
    return pod.namespace().equals(namespace) && counts(pod.scopes());
  }

  private boolean counts(Scopes pod) {
    return scopes.stream().allMatch(pod::isIn);
  }
}
