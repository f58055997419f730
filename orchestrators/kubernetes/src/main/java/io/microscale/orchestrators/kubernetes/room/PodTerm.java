package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A set of pods that an affinity or an anti-affinity speaks of, on the same node.
///
/// @param namespaces empty for all
/// @param rules all of them have to be met; empty for pods with any labels
/// @param nothing whether it names no pods at all
record PodTerm(List<String> namespaces, List<LabelRule> rules, boolean nothing) {
  static final String HOSTNAME = "kubernetes.io/hostname";

  /// The term, if it can be decided from one node and the pods on it.
  ///
  /// @param own the namespace of the pod that has the term
  static Optional<PodTerm> of(PodAffinityTerm term, String own) {
    var others = term.getNamespaceSelector();
    boolean all = others != null && isEmpty(others);
    if (!HOSTNAME.equals(term.getTopologyKey()) || (others != null && !all)) {
      return Optional.empty();
    }
    var named = all ? List.<String>of() : term.getNamespaces();
    var namespaces = all || !named.isEmpty() ? List.copyOf(named) : List.of(own);
    var selector = term.getLabelSelector();
    return Optional.of(new PodTerm(namespaces, rules(selector), selector == null));
  }

  boolean names(String namespace, Map<String, String> labels) {
    return !nothing
        && (namespaces.isEmpty() || namespaces.contains(namespace))
        && rules.stream().allMatch(rule -> rule.isMetBy(labels));
  }

  static boolean isEmpty(LabelSelector selector) {
    return rules(selector).isEmpty();
  }

  static List<LabelRule> rules(@Nullable LabelSelector selector) {
    if (selector == null) {
      return List.of();
    }
    var rules = new ArrayList<LabelRule>();
    var labels = selector.getMatchLabels();
    new TreeMap<>(labels == null ? Map.of() : labels)
        .forEach((key, value) -> rules.add(LabelRule.equal(key, value)));
    selector
        .getMatchExpressions()
        .forEach(e -> rules.add(LabelRule.of(e.getKey(), e.getOperator(), e.getValues())));
    return List.copyOf(rules);
  }

  static String words(Collection<LabelRule> rules) {
    return rules.isEmpty()
        ? "any labels"
        : String.join(", ", rules.stream().map(LabelRule::toString).toList());
  }

  @Override
  public String toString() {
    var where = namespaces.isEmpty() ? "all namespaces" : String.join(", ", namespaces);
    return "pods with %s in %s".formatted(words(rules), where);
  }
}
