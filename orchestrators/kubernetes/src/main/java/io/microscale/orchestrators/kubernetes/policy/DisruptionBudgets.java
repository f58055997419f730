package io.microscale.orchestrators.kubernetes.policy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What PodDisruptionBudgets mean to a pool.
///
/// A budget is about evictions: drains of nodes, preemption by the scheduler. A workload that is
/// told to have fewer replicas ends pods without one, so a budget does not hold a pool back; where
/// it asks for more replicas than a service may fall to, people expect what will not be.
public final class DisruptionBudgets {
  private DisruptionBudgets() {}

  /// Budgets that ask for more replicas than the pool may leave.
  ///
  /// @param budgets of the service's namespace
  /// @param labels of the service's pod template
  /// @param least how few replicas the pool may leave the service
  /// @param most how many it may have
  /// @return in words for people, in the order of the budgets
  public static List<String> warnings(
      Collection<PodDisruptionBudget> budgets, Map<String, String> labels, int least, int most) {
    return budgets.stream()
        .filter(budget -> selects(budget.getSpec().getSelector(), labels))
        .flatMap(budget -> warning(budget, least, most).stream())
        .toList();
  }

  private static Optional<String> warning(PodDisruptionBudget budget, int least, int most) {
    long wanted = wanted(budget, most);
    if (wanted <= least) {
      return Optional.empty();
    }
    return Optional.of(
        "PodDisruptionBudget %s asks for %d pods of %d: it holds back evictions and not scaling down, which goes to min: %d"
            .formatted(budget.getMetadata().getName(), wanted, most, least));
  }

  /// How many pods have to stay of `most`.
  private static long wanted(PodDisruptionBudget budget, int most) {
    var available = budget.getSpec().getMinAvailable();
    if (available != null) {
      return of(available, most);
    }
    var unavailable = budget.getSpec().getMaxUnavailable();
    return unavailable == null ? 0 : Math.max(0, most - of(unavailable, most));
  }

  /// A number or a percentage; Kubernetes rounds both up.
  private static long of(IntOrString amount, int most) {
    if (amount.getStrVal() == null) {
      return amount.getIntVal();
    }
    var text = amount.getStrVal();
    return text.matches("[0-9]{1,3}%")
        ? Math.ceilDiv(Long.parseLong(text.substring(0, text.length() - 1)) * most, 100L)
        : 0;
  }

  private static boolean selects(@Nullable LabelSelector selector, Map<String, String> labels) {
    if (selector == null) {
      return false;
    }
    var equal = selector.getMatchLabels();
    return (equal == null || labels.entrySet().containsAll(equal.entrySet()))
        && selector.getMatchExpressions().stream().allMatch(rule -> isMet(rule, labels));
  }

  private static boolean isMet(LabelSelectorRequirement rule, Map<String, String> labels) {
    var value = labels.get(rule.getKey());
    return switch (rule.getOperator()) {
      case "In" -> value != null && rule.getValues().contains(value);
      case "NotIn" -> value == null || !rule.getValues().contains(value);
      case "Exists" -> value != null;
      case "DoesNotExist" -> value == null;
      default -> false;
    };
  }
}
