package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.microscale.core.model.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the scheduler counts for a pod: `cpu` in thousandths of a core, `memory` and
/// `ephemeral-storage` in bytes, extended resources in pieces, each rounded up, and one of [#PODS],
/// of which a node has a number too.
///
/// For each resource: the sum over containers and restartable init containers, or the most that is
/// needed while one init container after the other runs beside the restartable ones before it,
/// whichever is more; requests of the pod as a whole in place of that; then the overhead of its
/// runtime. While a pod is being resized it counts with the most of what is wanted, what its node
/// has set aside and what it has; with the last two alone if its node can never do what is wanted.
///
/// Source: `PodRequests` of k8s.io/component-helpers 0.37 with the features that Kubernetes 1.37
/// has by default, and the defaults that its API server fills in. Claims of dynamic resources are
/// not counted.
public final class PodRequests {
  /// The resource of which a node has as many as it takes pods, and every pod holds one.
  public static final String PODS = "pods";

  private static final String HUGE_PAGES = "hugepages-";
  private static final Set<String> OF_A_WHOLE_POD = Set.of(Resources.CPU, Resources.MEMORY);
  private static final Resources ONE_POD = Resources.of(Map.of(PODS, 1L));

  private PodRequests() {}

  /// What a pod holds of its node, or will once it has one. A pod that has ended holds nothing; one
  /// that is being stopped holds all of it until it is gone.
  public static Resources of(Pod pod) {
    var status = pod.getStatus();
    if (hasEnded(status)) {
      return Resources.NONE;
    }
    return (status == null ? ofSpec(pod.getSpec()) : ofRunning(pod.getSpec(), status))
        .plus(Amounts.of(pod.getSpec().getOverhead()))
        .rounded()
        .plus(ONE_POD);
  }

  /// What a pod made from a template will hold. Where the template sets a limit and no request, the
  /// request is the limit; the overhead that a runtime class adds is not in the template.
  public static Resources of(PodTemplateSpec template) {
    var spec = template.getSpec();
    var whole = ofWholePod(spec.getResources(), ResourceRequirements::getRequests);
    var limits = ofWholePod(spec.getResources(), ResourceRequirements::getLimits);
    var sum = sum(spec, PodRequests::defaulted);
    if (!limits.isEmpty()) {
      // Huge pages and what no container asks for are as much as the pod's limit.
      whole.replace(
          limits,
          (there, name) -> !there.has(name) && (name.startsWith(HUGE_PAGES) || !sum.has(name)));
    }
    return sum.replace(whole, (_, name) -> isOfWholePod(name))
        .plus(Amounts.of(spec.getOverhead()))
        .rounded()
        .plus(ONE_POD);
  }

  /// What a node can give to pods: its allocatable resources, the number of pods among them.
  public static Resources allocatable(Map<String, Quantity> quantities) {
    return Amounts.of(quantities).rounded();
  }

  static boolean hasEnded(@Nullable PodStatus status) {
    return status != null
        && ("Succeeded".equals(status.getPhase()) || "Failed".equals(status.getPhase()));
  }

  private static Amounts ofSpec(PodSpec spec) {
    return sum(spec, container -> requests(container.getResources()))
        .replace(
            ofWholePod(spec.getResources(), ResourceRequirements::getRequests),
            (_, name) -> isOfWholePod(name));
  }

  private static Amounts ofRunning(PodSpec spec, PodStatus status) {
    var statuses = new HashMap<String, ContainerStatus>();
    status.getInitContainerStatuses().forEach(s -> statuses.put(s.getName(), s));
    status.getContainerStatuses().forEach(s -> statuses.put(s.getName(), s));
    boolean infeasible = isInfeasible(status);

    var setAsideForPod = Amounts.of(status.getAllocatedResources());
    var hasAsPod = requests(status.getResources());
    var most = new Amounts();
    if (!infeasible) {
      most.atLeast(sum(spec, container -> requests(container.getResources())));
    }
    if (setAsideForPod.isEmpty() || hasAsPod.isEmpty()) {
      most.atLeast(sum(spec, c -> setAside(c, statuses.get(c.getName()), infeasible)));
      most.atLeast(sum(spec, c -> has(c, statuses.get(c.getName()), infeasible)));
    } else {
      most.atLeast(setAsideForPod).atLeast(hasAsPod);
    }

    var whole = ofWholePod(spec.getResources(), ResourceRequirements::getRequests);
    if (!whole.isEmpty() && status.getResources() != null) {
      whole = (infeasible ? new Amounts() : whole.copy()).atLeast(hasAsPod).atLeast(setAsideForPod);
    }
    return most.replace(whole, (_, name) -> isOfWholePod(name));
  }

  private static boolean isInfeasible(PodStatus status) {
    for (var condition : status.getConditions()) {
      if ("PodResizePending".equals(condition.getType())) {
        return "Infeasible".equals(condition.getReason());
      }
    }
    return false;
  }

  private static Amounts setAside(
      Container container, @Nullable ContainerStatus status, boolean infeasible) {
    var setAside = status == null ? new Amounts() : Amounts.of(status.getAllocatedResources());
    if (!setAside.isEmpty() || infeasible) {
      return setAside;
    }
    return requests(container.getResources());
  }

  private static Amounts has(
      Container container, @Nullable ContainerStatus status, boolean infeasible) {
    var has = status == null ? new Amounts() : requests(status.getResources());
    return has.isEmpty() ? setAside(container, status, infeasible) : has;
  }

  private static Amounts requests(@Nullable ResourceRequirements resources) {
    return Amounts.of(resources == null ? null : resources.getRequests());
  }

  private static Amounts defaulted(Container container) {
    var requests = requests(container.getResources());
    if (container.getResources() != null) {
      requests.replace(
          Amounts.of(container.getResources().getLimits()), (there, name) -> !there.has(name));
    }
    return requests;
  }

  private static Amounts ofWholePod(
      @Nullable ResourceRequirements resources,
      Function<ResourceRequirements, Map<String, Quantity>> which) {
    return new Amounts()
        .replace(
            Amounts.of(resources == null ? null : which.apply(resources)),
            (_, name) -> isOfWholePod(name));
  }

  private static boolean isOfWholePod(String name) {
    return OF_A_WHOLE_POD.contains(name) || name.startsWith(HUGE_PAGES);
  }

  /// The sum over what runs all the time, or what is needed while it is started if that is more.
  private static Amounts sum(PodSpec spec, Function<Container, Amounts> needs) {
    var sum = new Amounts();
    spec.getContainers().forEach(container -> sum.plus(needs.apply(container)));
    List<Container> first = spec.getInitContainers();
    if (first.isEmpty()) {
      return sum;
    }
    var beside = new Amounts();
    var starting = new Amounts();
    for (var container : first) {
      var need = needs.apply(container);
      if (isRestartable(container)) {
        sum.plus(need);
        beside.plus(need);
        starting.atLeast(beside);
      } else {
        starting.atLeast(need.plus(beside));
      }
    }
    return sum.atLeast(starting);
  }

  static boolean isRestartable(Container initContainer) {
    return "Always".equals(initContainer.getRestartPolicy());
  }
}
