package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.microscale.core.model.Resources;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What is kept of a pod.
///
/// @param owner the uid of its controller; empty for none
/// @param node empty until it is scheduled
/// @param holds what the scheduler counts for it
/// @param main the container that is resized
/// @param started when its node took it
/// @param waiting why a container of it does not start, in Kubernetes' words; empty if none waits
///   for long
/// @param resizing what became of the last resize
/// @param deletionCost what the annotation says
record PodView(
    String uid,
    String namespace,
    String name,
    String owner,
    String node,
    boolean ready,
    boolean stopping,
    boolean ended,
    Resources holds,
    MainContainer main,
    Instant started,
    Optional<Instant> savedAt,
    boolean idle,
    String waiting,
    Optional<PendingResize> resizing,
    OptionalInt deletionCost) {
  static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

  private static final String DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";
  private static final String SAVED_AT = "microscale.io/saved-at";
  private static final String IDLE = "microscale.io/idle";
  private static final Set<String> STUCK =
      Set.of(
          "CrashLoopBackOff",
          "ImagePullBackOff",
          "ErrImagePull",
          "ErrImageNeverPull",
          "InvalidImageName",
          "CreateContainerConfigError",
          "CreateContainerError",
          "RunContainerError");

  /// The container with the largest request, or the one that the pod names as its default.
  ///
  /// @param requested thousandths of a core in its spec, likewise `limited`, 0 for no limit
  /// @param actual what its node has given it of `requested`
  /// @param others what all other containers request
  /// @param guaranteed whether the pod's requests have to stay equal to its limits
  record MainContainer(
      String name, long requested, long limited, long actual, long others, boolean guaranteed) {}

  /// A resize that its node has not carried out.
  ///
  /// @param infeasible whether it never will
  record PendingResize(boolean infeasible, String message) {}

  /// Whether it is a replica: one that has a node and has not ended.
  boolean counts() {
    return !node.isEmpty() && !ended;
  }

  /// The number that a StatefulSet gave it; empty for none.
  OptionalInt ordinal() {
    var number = name.substring(name.lastIndexOf('-') + 1);
    return number.matches("[0-9]{1,9}")
        ? OptionalInt.of(Integer.parseInt(number))
        : OptionalInt.empty();
  }

  static PodView of(Pod pod) {
    var meta = pod.getMetadata();
    var annotations =
        meta.getAnnotations() == null ? Map.<String, String>of() : meta.getAnnotations();
    var status = pod.getStatus();
    var phase = status.getPhase() == null ? "" : status.getPhase();
    var owner =
        meta.getOwnerReferences().stream()
            .filter(reference -> Boolean.TRUE.equals(reference.getController()))
            .map(reference -> reference.getUid())
            .findFirst()
            .orElse("");
    var created = meta.getCreationTimestamp();
    return new PodView(
        meta.getUid(),
        meta.getNamespace(),
        meta.getName(),
        owner,
        pod.getSpec().getNodeName() == null ? "" : pod.getSpec().getNodeName(),
        phase.equals("Running") && isTrue(status.getConditions(), "Ready"),
        meta.getDeletionTimestamp() != null,
        phase.equals("Succeeded") || phase.equals("Failed"),
        PodHoldings.of(pod),
        main(pod, annotations.getOrDefault(DEFAULT_CONTAINER, "")),
        instant(status.getStartTime()).or(() -> instant(created)).orElse(Instant.EPOCH),
        instant(annotations.get(SAVED_AT)),
        "true".equals(annotations.get(IDLE)),
        waiting(status.getContainerStatuses()),
        resizing(status.getConditions()),
        cost(annotations.get(DELETION_COST)));
  }

  private static boolean isTrue(List<PodCondition> conditions, String type) {
    return conditions.stream()
        .anyMatch(c -> c.getType().equals(type) && "True".equals(c.getStatus()));
  }

  private static Optional<PendingResize> resizing(List<PodCondition> conditions) {
    return conditions.stream()
        .filter(c -> c.getType().equals("PodResizePending") && "True".equals(c.getStatus()))
        .map(
            c ->
                new PendingResize(
                    "Infeasible".equals(c.getReason()),
                    c.getMessage() == null ? "" : c.getMessage()))
        .findFirst();
  }

  private static String waiting(List<ContainerStatus> statuses) {
    for (var status : statuses) {
      var state = status.getState();
      if (state != null
          && state.getWaiting() != null
          && STUCK.contains(state.getWaiting().getReason())) {
        var message = state.getWaiting().getMessage();
        return state.getWaiting().getReason() + (message == null ? "" : ": " + message);
      }
    }
    return "";
  }

  private static OptionalInt cost(@Nullable String text) {
    return text != null && text.matches("-?[0-9]{1,10}")
        ? OptionalInt.of((int) Long.parseLong(text))
        : OptionalInt.empty();
  }

  private static Optional<Instant> instant(@Nullable String text) {
    try {
      return text == null ? Optional.empty() : Optional.of(Instant.parse(text));
    } catch (DateTimeParseException _) {
      return Optional.empty();
    }
  }

  private static MainContainer main(Pod pod, String named) {
    var containers = pod.getSpec().getContainers();
    var main = main(containers, named);
    long all = containers.stream().mapToLong(c -> cpu(c.getResources(), false)).sum();
    long requested = cpu(main.getResources(), false);
    long actual = requested;
    for (var status : pod.getStatus().getContainerStatuses()) {
      if (status.getName().equals(main.getName()) && cpu(status.getResources(), false) > 0) {
        actual = cpu(status.getResources(), false);
      }
    }
    return new MainContainer(
        main.getName(),
        requested,
        cpu(main.getResources(), true),
        actual,
        all - requested,
        "Guaranteed".equals(pod.getStatus().getQosClass()));
  }

  /// The container that is resized among those of a pod or of a template.
  ///
  /// @param named the one that an annotation names; blank for none
  static Container main(List<Container> containers, String named) {
    var largest = containers.getFirst();
    for (var container : containers) {
      if (container.getName().equals(named)) {
        return container;
      }
      if (cpu(container.getResources(), false) > cpu(largest.getResources(), false)) {
        largest = container;
      }
    }
    return largest;
  }

  /// A request or a limit in thousandths of a core, rounded up; 0 for none.
  static long cpu(@Nullable ResourceRequirements resources, boolean limit) {
    if (resources == null) {
      return 0;
    }
    var amounts = limit ? resources.getLimits() : resources.getRequests();
    return amounts == null ? 0 : amount(Resources.CPU, amounts.get(Resources.CPU));
  }

  /// A quantity in the units of [Resources], rounded up.
  static long amount(String resource, @Nullable Quantity quantity) {
    if (quantity == null) {
      return 0;
    }
    var factor = resource.equals(Resources.CPU) ? BigDecimal.valueOf(1000) : BigDecimal.ONE;
    return quantity
        .getNumericalAmount()
        .multiply(factor)
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }
}
