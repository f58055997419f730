package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.microscale.core.model.Resources;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What the scheduler counts for pods.
final class PodHoldings {
  private PodHoldings() {}

  /// The requests of all containers; of one that is being resized, the most of what is wanted, what
  /// its node has set aside and what it has.
  static Resources of(Pod pod) {
    return sum(pod.getSpec(), pod.getStatus().getContainerStatuses());
  }

  /// What a pod made from this spec will hold.
  static Resources of(PodSpec spec) {
    return sum(spec, List.of());
  }

  private static Resources sum(PodSpec spec, List<ContainerStatus> statuses) {
    var total = new TreeMap<String, Long>();
    for (var container : spec.getContainers()) {
      holds(container, statuses).forEach((name, amount) -> total.merge(name, amount, Long::sum));
    }
    for (var container : spec.getInitContainers()) {
      if ("Always".equals(container.getRestartPolicy())) {
        holds(container, statuses).forEach((name, amount) -> total.merge(name, amount, Long::sum));
      }
    }
    for (var container : spec.getInitContainers()) {
      holds(container, statuses).forEach((name, amount) -> total.merge(name, amount, Math::max));
    }
    amounts(spec.getOverhead()).forEach((name, amount) -> total.merge(name, amount, Long::sum));
    return Resources.of(total);
  }

  private static Map<String, Long> holds(Container container, List<ContainerStatus> statuses) {
    var most = amounts(requests(container.getResources()));
    for (var status : statuses) {
      if (status.getName().equals(container.getName())) {
        amounts(status.getAllocatedResources())
            .forEach((name, amount) -> most.merge(name, amount, Math::max));
        amounts(requests(status.getResources()))
            .forEach((name, amount) -> most.merge(name, amount, Math::max));
      }
    }
    return most;
  }

  private static @Nullable Map<String, Quantity> requests(
      @Nullable ResourceRequirements resources) {
    return resources == null ? null : resources.getRequests();
  }

  /// Quantities in the units of [Resources], rounded up.
  static Map<String, Long> amounts(@Nullable Map<String, Quantity> quantities) {
    var amounts = new TreeMap<String, Long>();
    if (quantities != null) {
      quantities.forEach((name, quantity) -> amounts.put(name, PodView.amount(name, quantity)));
    }
    return amounts;
  }
}
