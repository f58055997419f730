package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a ResourceQuota with scopes selects pods by.
///
/// @param priorityClass its name; empty for none
/// @param deadline whether it may run for a limited time only
/// @param bestEffort whether it asks for no processor and no memory
/// @param elsewhere whether its affinity speaks of pods in other namespaces
record Scopes(String priorityClass, boolean deadline, boolean bestEffort, boolean elsewhere) {
  static Scopes of(PodSpec spec) {
    var seconds = spec.getActiveDeadlineSeconds();
    return new Scopes(
        spec.getPriorityClassName() == null ? "" : spec.getPriorityClassName(),
        seconds != null && seconds >= 0,
        Stream.concat(spec.getContainers().stream(), spec.getInitContainers().stream())
                .map(Container::getResources)
                .allMatch(Scopes::asksForNothing)
            && asksForNothing(spec.getResources()),
        speaksOfOtherNamespaces(spec));
  }

  boolean isIn(LabelRule scope) {
    return switch (scope.key()) {
      case "Terminating" -> deadline;
      case "NotTerminating" -> !deadline;
      case "BestEffort" -> bestEffort;
      case "NotBestEffort" -> !bestEffort;
      case "PriorityClass" ->
          scope.isMetBy(priorityClass.isEmpty() ? Map.of() : Map.of(scope.key(), priorityClass));
      case "CrossNamespacePodAffinity" -> elsewhere;
      default -> false;
    };
  }

  private static boolean asksForNothing(@Nullable ResourceRequirements resources) {
    if (resources == null) {
      return true;
    }
    return Stream.of(Amounts.of(resources.getRequests()), Amounts.of(resources.getLimits()))
        .noneMatch(amounts -> amounts.hasSomeOf("cpu") || amounts.hasSomeOf("memory"));
  }

  private static boolean speaksOfOtherNamespaces(PodSpec spec) {
    var affinity = spec.getAffinity();
    if (affinity == null) {
      return false;
    }
    var terms = Stream.<PodAffinityTerm>builder();
    var near = affinity.getPodAffinity();
    if (near != null) {
      near.getRequiredDuringSchedulingIgnoredDuringExecution().forEach(terms);
      near.getPreferredDuringSchedulingIgnoredDuringExecution()
          .forEach(weighted -> terms.add(weighted.getPodAffinityTerm()));
    }
    var apart = affinity.getPodAntiAffinity();
    if (apart != null) {
      apart.getRequiredDuringSchedulingIgnoredDuringExecution().forEach(terms);
      apart
          .getPreferredDuringSchedulingIgnoredDuringExecution()
          .forEach(weighted -> terms.add(weighted.getPodAffinityTerm()));
    }
    return terms
        .build()
        .anyMatch(term -> !term.getNamespaces().isEmpty() || term.getNamespaceSelector() != null);
  }
}
