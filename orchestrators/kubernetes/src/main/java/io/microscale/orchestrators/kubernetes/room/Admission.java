package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Which nodes take pods of a template, whatever room they have, by the rules of the scheduler of
/// Kubernetes 1.37: cordon, taints, node selector, node affinity, ports of the node, and affinity
/// to and against the pods that are on it.
///
/// Not looked at: how pods are to be spread (`topologySpreadConstraints`), volumes, claims of
/// devices, and affinity by anything but the node or by labels of namespaces. [#undecided] tells
/// which of these a template has. A node may then refuse a pod that is admitted here; the pod waits,
/// and takes no room.
///
/// @param node the one that the template names; empty for none
/// @param near each of these has to be there
/// @param apart none of these may be there
/// @param undecided what of the template is not looked at, in words
public record Admission(
    String namespace,
    Map<String, String> labels,
    String node,
    List<Tolerance> tolerations,
    List<LabelRule> selector,
    Optional<List<NodeTerm>> affinity,
    List<HostPort> ports,
    List<PodTerm> near,
    List<PodTerm> apart,
    List<String> undecided) {

  /// A taint that pods put up with.
  ///
  /// @param key empty for all
  /// @param effect empty for all
  public record Tolerance(String key, String operator, String value, String effect) {
    boolean tolerates(NodeFacts.Taint taint) {
      if (!effect.isEmpty() && !effect.equals(taint.effect())) {
        return false;
      }
      if (!key.isEmpty() && !key.equals(taint.key())) {
        return false;
      }
      return switch (operator) {
        case "", "Equal" -> value.equals(taint.value());
        case "Exists" -> true;
        default -> false; // comparisons are off by default
      };
    }
  }

  /// One alternative of a node affinity. All of its rules have to be met, and it needs one.
  public record NodeTerm(List<LabelRule> labels, List<LabelRule> fields) {
    boolean matches(NodeFacts there) {
      var name = Map.of("metadata.name", there.name());
      return !(labels.isEmpty() && fields.isEmpty())
          && labels.stream().allMatch(rule -> rule.isMetBy(there.labels()))
          && fields.stream().allMatch(rule -> rule.isMetBy(name));
    }

    @Override
    public String toString() {
      var all = new ArrayList<>(labels);
      all.addAll(fields);
      return all.isEmpty() ? "nothing" : PodTerm.words(all);
    }
  }

  /// The rules that a template's pods are under.
  ///
  /// @param namespace where the pods will be
  public static Admission of(PodTemplateSpec template, String namespace) {
    var meta = template.getMetadata();
    var labels = meta == null ? null : meta.getLabels();
    var spec = template.getSpec();
    var undecided = new ArrayList<String>();
    var affinity = spec.getAffinity();
    var near = near(affinity, namespace, undecided);
    var apart = apart(affinity, namespace, undecided);
    leftOut(spec, undecided);
    return new Admission(
        namespace,
        labels == null ? Map.of() : Map.copyOf(labels),
        spec.getNodeName() == null ? "" : spec.getNodeName(),
        tolerances(spec),
        selector(spec),
        nodeTerms(affinity),
        HostPort.of(spec),
        near,
        apart,
        List.copyOf(undecided));
  }

  /// Why a node takes no pod of this template, whatever pods are on it.
  ///
  /// @return in words for people; empty if it takes one
  public Optional<String> refusedBy(NodeFacts there) {
    if (!there.ready()) {
      return Optional.of("the node is not ready");
    }
    if (!node.isEmpty() && !node.equals(there.name())) {
      return Optional.of("the template names node " + node);
    }
    if (there.cordoned() && !toleratesCordon()) {
      return Optional.of("the node is cordoned");
    }
    for (var taint : there.taints()) {
      if (!tolerates(taint)) {
        return Optional.of("taint %s is not tolerated".formatted(taint));
      }
    }
    for (var rule : selector) {
      if (!rule.isMetBy(there.labels())) {
        return Optional.of("the node selector asks for " + rule);
      }
    }
    if (affinity.isPresent()
        && affinity.get().stream().noneMatch(term -> term.matches(there))) {
      return Optional.of(
          "the node affinity asks for "
              + String.join(" or ", affinity.get().stream().map(NodeTerm::toString).toList()));
    }
    return Optional.empty();
  }

  /// Why the pods on a node keep those of this template away.
  ///
  /// @param pods all that have not ended
  /// @param first whether no pod anywhere is what this template's pods have to be near; one that is
  ///   so itself may then begin on any node
  /// @return in words for people; empty if they do not
  public Optional<String> refusedBy(NodeFacts there, Collection<PodFacts> pods, boolean first) {
    for (var pod : pods) {
      for (var port : ports) {
        if (pod.ports().stream().anyMatch(port::conflicts)) {
          return Optional.of("port %s of the node is taken".formatted(port));
        }
      }
    }
    // Anti-affinity by host name says nothing where the node does not tell its own.
    boolean named = there.labels().containsKey(PodTerm.HOSTNAME);
    if (named) {
      for (var pod : pods) {
        if (apart.stream().anyMatch(term -> term.names(pod.namespace(), pod.labels()))) {
          return Optional.of("the anti-affinity keeps away from a pod there");
        }
        if (pod.repels().stream().anyMatch(term -> term.names(namespace, labels))) {
          return Optional.of("the anti-affinity of a pod there keeps it away");
        }
      }
    }
    if (!near.isEmpty()
        && !(named && (pods.stream().anyMatch(this::isNear) || (first && isNearItself())))) {
      return Optional.of("the affinity asks for " + near.getFirst());
    }
    return Optional.empty();
  }

  /// Whether the pods on a node matter.
  boolean looksAtPods() {
    return !ports.isEmpty() || !near.isEmpty() || !apart.isEmpty();
  }

  /// Whether this is a pod that those of this template have to be near.
  boolean isNear(PodFacts pod) {
    return !near.isEmpty()
        && near.stream().allMatch(term -> term.names(pod.namespace(), pod.labels()));
  }

  boolean toleratesCordon() {
    return tolerates(NodeFacts.Taint.CORDON);
  }

  private boolean isNearItself() {
    return near.stream().allMatch(term -> term.names(namespace, labels));
  }

  private boolean tolerates(NodeFacts.Taint taint) {
    return tolerations.stream().anyMatch(tolerance -> tolerance.tolerates(taint));
  }

  private static List<Tolerance> tolerances(PodSpec spec) {
    return spec.getTolerations().stream()
        .map(
            t ->
                new Tolerance(
                    orEmpty(t.getKey()),
                    orEmpty(t.getOperator()),
                    orEmpty(t.getValue()),
                    orEmpty(t.getEffect())))
        .toList();
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static List<LabelRule> selector(PodSpec spec) {
    var selector = spec.getNodeSelector();
    return new TreeMap<>(selector == null ? Map.of() : selector)
        .entrySet().stream().map(e -> LabelRule.equal(e.getKey(), e.getValue())).toList();
  }

  private static Optional<List<NodeTerm>> nodeTerms(@Nullable Affinity affinity) {
    if (affinity == null
        || affinity.getNodeAffinity() == null
        || affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()
            == null) {
      return Optional.empty();
    }
    return Optional.of(
        affinity
            .getNodeAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution()
            .getNodeSelectorTerms()
            .stream()
            .map(Admission::nodeTerm)
            .toList());
  }

  private static NodeTerm nodeTerm(NodeSelectorTerm term) {
    return new NodeTerm(
        term.getMatchExpressions().stream()
            .map(e -> LabelRule.of(e.getKey(), e.getOperator(), e.getValues()))
            .toList(),
        term.getMatchFields().stream()
            .map(e -> LabelRule.of(e.getKey(), e.getOperator(), e.getValues()))
            .toList());
  }

  private static List<PodTerm> near(
      @Nullable Affinity affinity, String namespace, List<String> undecided) {
    if (affinity == null || affinity.getPodAffinity() == null) {
      return List.of();
    }
    var required =
        affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    var terms = terms("pod affinity", required, namespace, undecided);
    // One pod has to satisfy all terms at once: some of them alone would say too much.
    return terms.size() == required.size() ? terms : List.of();
  }

  private static List<PodTerm> apart(
      @Nullable Affinity affinity, String namespace, List<String> undecided) {
    if (affinity == null || affinity.getPodAntiAffinity() == null) {
      return List.of();
    }
    return terms(
        "pod anti-affinity",
        affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution(),
        namespace,
        undecided);
  }

  private static List<PodTerm> terms(
      String what, List<PodAffinityTerm> required, String namespace, List<String> undecided) {
    var terms = new ArrayList<PodTerm>();
    for (var term : required) {
      // The keys stand for labels that only the pods have, such as the hash of their template.
      boolean byKeys =
          !term.getMatchLabelKeys().isEmpty() || !term.getMismatchLabelKeys().isEmpty();
      var decided = byKeys ? Optional.<PodTerm>empty() : PodTerm.of(term, namespace);
      decided.ifPresentOrElse(
          terms::add, () -> undecided.add("%s by %s".formatted(what, term.getTopologyKey())));
    }
    return List.copyOf(terms);
  }

  private static void leftOut(PodSpec spec, List<String> undecided) {
    for (var spread : spec.getTopologySpreadConstraints()) {
      if (!"ScheduleAnyway".equals(spread.getWhenUnsatisfiable())) {
        undecided.add("spread over " + spread.getTopologyKey());
      }
    }
    if (spec.getVolumes().stream()
        .anyMatch(v -> v.getPersistentVolumeClaim() != null || v.getEphemeral() != null)) {
      undecided.add("volumes that only some nodes reach");
    }
    if (!spec.getResourceClaims().isEmpty()) {
      undecided.add("claims of devices");
    }
    if (!spec.getSchedulingGates().isEmpty()) {
      undecided.add("gates that hold its pods back");
    }
    var scheduler = spec.getSchedulerName();
    if (scheduler != null && !scheduler.equals("default-scheduler")) {
      undecided.add("scheduler " + scheduler);
    }
  }
}
