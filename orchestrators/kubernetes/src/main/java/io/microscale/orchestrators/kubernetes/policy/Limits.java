package io.microscale.orchestrators.kubernetes.policy;

import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.LimitRangeItem;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the LimitRanges of a namespace say of pods that are throttled or paused: the server refuses
/// a resize that leaves the processor below their minimum, or a limit too far above the request.
public final class Limits {
  private static final String CPU = "cpu";

  private Limits() {}

  /// Why a container cannot be resized to less.
  ///
  /// @param ranges of the service's namespace
  /// @param what is done, in words: `pausedCpu`
  /// @param cpu what the container is to request then, in thousandths of a core
  /// @param limit its limit then, in thousandths of a core; 0 for none
  /// @param others what the pod's other containers request, in thousandths of a core
  /// @return in words for people, naming range, rule and value; empty if nothing is in the way
  public static List<String> warnings(
      Collection<LimitRange> ranges, String what, long cpu, long limit, long others) {
    var words = new ArrayList<String>();
    for (var range : ranges) {
      for (var item : range.getSpec().getLimits()) {
        var name = range.getMetadata().getName();
        long requested = of(item, cpu, others);
        tooLittle(item, requested)
            .ifPresent(
                min ->
                    words.add(
                        "%s: need >= %dm of processor a %s by LimitRange %s, got %dm"
                            .formatted(what, min, kind(item), name, requested)));
        tooFar(item, cpu, limit)
            .ifPresent(
                ratio ->
                    words.add(
                        "%s: need a limit <= %s times the request by LimitRange %s, got %dm and %dm"
                            .formatted(what, ratio.toPlainString(), name, limit, cpu)));
      }
    }
    return words;
  }

  private static long of(LimitRangeItem item, long cpu, long others) {
    return "Pod".equals(item.getType()) ? cpu + others : cpu;
  }

  private static String kind(LimitRangeItem item) {
    return item.getType().toLowerCase(Locale.ROOT);
  }

  private static Optional<Long> tooLittle(LimitRangeItem item, long requested) {
    return isOfPods(item)
        ? cpu(item.getMin()).map(Limits::thousandths).filter(min -> requested < min)
        : Optional.empty();
  }

  private static Optional<BigDecimal> tooFar(LimitRangeItem item, long cpu, long limit) {
    return "Container".equals(item.getType()) && limit > 0
        ? cpu(item.getMaxLimitRequestRatio())
            .map(Quantity::getNumericalAmount)
            .filter(
                ratio ->
                    BigDecimal.valueOf(limit).compareTo(ratio.multiply(BigDecimal.valueOf(cpu)))
                        > 0)
        : Optional.empty();
  }

  private static boolean isOfPods(LimitRangeItem item) {
    return "Container".equals(item.getType()) || "Pod".equals(item.getType());
  }

  private static Optional<Quantity> cpu(@Nullable Map<String, Quantity> amounts) {
    return Optional.ofNullable(amounts == null ? null : amounts.get(CPU));
  }

  private static long thousandths(Quantity quantity) {
    return quantity
        .getNumericalAmount()
        .movePointRight(3)
        .setScale(0, RoundingMode.CEILING)
        .longValueExact();
  }
}
