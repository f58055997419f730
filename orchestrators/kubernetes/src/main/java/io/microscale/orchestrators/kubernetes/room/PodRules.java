package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What pods of a template ask of the pods that are on a node.
///
/// @param near one pod has to be there that each of these names
/// @param apart no pod may be there that any of these names
record PodRules(
    String namespace,
    Map<String, String> labels,
    List<HostPort> ports,
    List<PodTerm> near,
    List<PodTerm> apart) {

  /// The rules of a template.
  ///
  /// @param undecided told what cannot be decided from a node and the pods on it
  static PodRules of(PodTemplateSpec template, String namespace, List<String> undecided) {
    var meta = template.getMetadata();
    var labels = meta == null ? null : meta.getLabels();
    var affinity = template.getSpec().getAffinity();
    return new PodRules(
        namespace,
        labels == null ? Map.of() : Map.copyOf(labels),
        HostPort.of(template.getSpec()),
        near(affinity, namespace, undecided),
        apart(affinity, namespace, undecided));
  }

  /// Why the pods on a node keep those of this template away; empty if they do not.
  ///
  /// @param pods all that have not ended
  /// @param first whether no pod anywhere is what this template's pods have to be near; one that is
  ///   so itself may then begin on any node
  Optional<String> refusedBy(NodeFacts there, Collection<PodFacts> pods, boolean first) {
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
        if (isRepelledBy(pod)) {
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

  /// Whether any pod on a node may matter, not only one that keeps others away by itself.
  boolean looksAtPods() {
    return !ports.isEmpty() || !near.isEmpty() || !apart.isEmpty();
  }

  /// Whether this is a pod that those of this template have to be near.
  boolean isNear(PodFacts pod) {
    return !near.isEmpty()
        && near.stream().allMatch(term -> term.names(pod.namespace(), pod.labels()));
  }

  /// Whether a pod keeps those of this template away from its node.
  boolean isRepelledBy(PodFacts pod) {
    return pod.repels().stream().anyMatch(term -> term.names(namespace, labels));
  }

  private boolean isNearItself() {
    return near.stream().allMatch(term -> term.names(namespace, labels));
  }

  private static List<PodTerm> near(
      @Nullable Affinity affinity, String namespace, List<String> undecided) {
    if (affinity == null || affinity.getPodAffinity() == null) {
      return List.of();
    }
    var required = affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
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
}
