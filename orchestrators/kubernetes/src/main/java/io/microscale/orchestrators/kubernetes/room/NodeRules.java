package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What pods of a template ask of a node itself.
///
/// @param node the one that the template names; empty for none
/// @param affinity alternatives, of which one has to match; empty for any node
record NodeRules(
    String node,
    List<Tolerance> tolerations,
    List<LabelRule> selector,
    Optional<List<NodeTerm>> affinity) {

  /// A taint that pods put up with.
  ///
  /// @param key empty for all
  /// @param effect empty for all
  record Tolerance(String key, String operator, String value, String effect) {
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
  record NodeTerm(List<LabelRule> labels, List<LabelRule> fields) {
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

  static NodeRules of(PodSpec spec) {
    return new NodeRules(
        orEmpty(spec.getNodeName()),
        tolerances(spec),
        selector(spec),
        nodeTerms(spec.getAffinity()));
  }

  /// Why a node takes no pod, whatever pods are on it; empty if it takes one.
  Optional<String> refusedBy(NodeFacts there) {
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
    if (affinity.isPresent() && affinity.get().stream().noneMatch(term -> term.matches(there))) {
      return Optional.of(
          "the node affinity asks for "
              + String.join(" or ", affinity.get().stream().map(NodeTerm::toString).toList()));
    }
    return Optional.empty();
  }

  boolean toleratesCordon() {
    return tolerates(NodeFacts.Taint.CORDON);
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
        || affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution() == null) {
      return Optional.empty();
    }
    return Optional.of(
        affinity
            .getNodeAffinity()
            .getRequiredDuringSchedulingIgnoredDuringExecution()
            .getNodeSelectorTerms()
            .stream()
            .map(NodeRules::nodeTerm)
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
}
