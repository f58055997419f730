package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.microscale.core.model.Resources;
import io.microscale.orchestrators.kubernetes.room.PodFacts;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
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
/// @param facts what it takes of its node
/// @param containers of which one is resized
/// @param guaranteed whether its requests have to stay equal to its limits
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
    PodFacts facts,
    List<ContainerView> containers,
    boolean guaranteed,
    Instant started,
    Optional<Instant> savedAt,
    boolean idle,
    String waiting,
    Optional<PendingResize> resizing,
    OptionalInt deletionCost) {
  static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

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

  /// What is kept of a container.
  ///
  /// @param requested thousandths of a core in its spec, likewise `limited`, 0 for no limit
  /// @param actual what its node has given it of `requested`
  record ContainerView(String name, long requested, long limited, long actual) {}

  /// A resize that its node has not carried out.
  ///
  /// @param infeasible whether it never will
  record PendingResize(boolean infeasible, String message) {}

  /// What the scheduler counts for it.
  Resources holds() {
    return facts.holds();
  }

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
        PodFacts.of(pod),
        pod.getSpec().getContainers().stream()
            .map(container -> container(container, status.getContainerStatuses()))
            .toList(),
        "Guaranteed".equals(status.getQosClass()),
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

  private static ContainerView container(Container container, List<ContainerStatus> statuses) {
    long requested = cpu(container.getResources(), false);
    long actual = requested;
    for (var status : statuses) {
      if (status.getName().equals(container.getName()) && cpu(status.getResources(), false) > 0) {
        actual = cpu(status.getResources(), false);
      }
    }
    return new ContainerView(
        container.getName(), requested, cpu(container.getResources(), true), actual);
  }

  /// The container that is resized: the one that the template says, whatever it requests now; else
  /// the one with the largest request.
  ContainerView main(Optional<WorkloadView.Template> template) {
    return containers.stream()
        .filter(container -> template.filter(t -> t.main().equals(container.name())).isPresent())
        .findFirst()
        .orElseGet(
            () ->
                containers.stream()
                    .max(Comparator.comparingLong(ContainerView::requested))
                    .orElseThrow());
  }

  /// What all other containers request.
  long besides(ContainerView main) {
    return containers.stream().mapToLong(ContainerView::requested).sum() - main.requested();
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
