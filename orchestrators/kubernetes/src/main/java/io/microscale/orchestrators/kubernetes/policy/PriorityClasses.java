package io.microscale.orchestrators.kubernetes.policy;

import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The priorities that the scheduler gives to pods, beside those that the pool gives to services.
public final class PriorityClasses {
  private static final Comparator<Ranked> FALLING =
      Comparator.comparingInt(Ranked::priority).reversed().thenComparing(Ranked::service);

  private final Map<String, Integer> values = new HashMap<>();
  private int byDefault;

  /// A service with both of its priorities.
  ///
  /// @param priority in the pool; higher wins
  /// @param ofPods what the scheduler uses; higher wins
  public record Ranked(String service, int priority, int ofPods) {}

  private PriorityClasses() {}

  public static PriorityClasses of(Collection<PriorityClass> classes) {
    var all = new PriorityClasses();
    for (var one : classes) {
      all.values.put(one.getMetadata().getName(), one.getValue());
      if (Boolean.TRUE.equals(one.getGlobalDefault())) {
        all.byDefault = one.getValue();
      }
    }
    return all;
  }

  /// The priority of pods made from a template.
  ///
  /// @return empty if it names a class that does not exist: such pods are refused
  public Optional<Integer> valueFor(PodSpec template) {
    var named = template.getPriorityClassName();
    return named == null || named.isEmpty()
        ? Optional.of(byDefault)
        : Optional.ofNullable(values.get(named));
  }

  /// Where the scheduler would have it the other way round: it may end pods of the first service to
  /// place pods of the second, though the pool gives the first the higher priority.
  ///
  /// @return in words for people, one for each service that is ranked too low, in the order of
  ///   their priority; empty if the two agree
  public static List<String> contradictions(Collection<Ranked> services) {
    var words = new ArrayList<String>();
    for (var one : services.stream().sorted(FALLING).toList()) {
      services.stream()
          .filter(other -> other.priority() < one.priority() && other.ofPods() > one.ofPods())
          .max(Comparator.comparingInt(Ranked::ofPods).thenComparing(Ranked::service))
          .ifPresent(other -> words.add(contradiction(one, other)));
    }
    return words;
  }

  private static String contradiction(Ranked one, Ranked other) {
    return "pods of %s have priority %d and those of %s have %d: the scheduler may end the former for the latter, though %s has the higher priority in the pool"
        .formatted(one.service(), one.ofPods(), other.service(), other.ofPods(), one.service());
  }
}
