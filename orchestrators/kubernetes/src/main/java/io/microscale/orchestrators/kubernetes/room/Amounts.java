package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Quantity;
import io.microscale.core.model.Resources;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/// Amounts by resource while they are added up, in thousandths: the API server keeps no finer ones.
/// Rounding waits until the sum is made, as in the scheduler. Not to be shared between threads.
final class Amounts {
  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);
  private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE);
  private static final int DIGITS_OF_A_SHORT_NUMBER = 18;

  private final Map<String, Long> thousandths = new TreeMap<>();

  static Amounts of(@Nullable Map<String, Quantity> quantities) {
    var amounts = new Amounts();
    if (quantities != null) {
      quantities.forEach((name, quantity) -> amounts.thousandths.put(name, thousandths(quantity)));
    }
    return amounts;
  }

  boolean isEmpty() {
    return thousandths.isEmpty();
  }

  boolean has(String name) {
    return thousandths.containsKey(name);
  }

  boolean hasSomeOf(String name) {
    return thousandths.getOrDefault(name, 0L) > 0;
  }

  Amounts plus(Amounts other) {
    other.thousandths.forEach((name, more) -> thousandths.merge(name, more, Amounts::sum));
    return this;
  }

  /// Raises each amount to that of `other` where it has more.
  Amounts atLeast(Amounts other) {
    other.thousandths.forEach((name, least) -> thousandths.merge(name, least, Math::max));
    return this;
  }

  /// Takes the amounts of `other` that the rule lets through in place of those here.
  Amounts replace(Amounts other, BiPredicate<Amounts, String> rule) {
    other.thousandths.forEach(
        (name, amount) -> {
          if (rule.test(this, name)) {
            thousandths.put(name, amount);
          }
        });
    return this;
  }

  Amounts copy() {
    return new Amounts().plus(this);
  }

  /// In the units of [Resources], rounded up.
  Resources rounded() {
    var rounded = new TreeMap<String, Long>();
    thousandths.forEach(
        (name, amount) ->
            rounded.put(
                name,
                name.equals(Resources.CPU) ? amount : Math.ceilDiv(Math.max(0, amount), 1000L)));
    return Resources.of(rounded);
  }

  private static long sum(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? Long.MAX_VALUE : sum;
  }

  /// A quantity in thousandths, rounded up. What is too much for a number is the largest number.
  private static long thousandths(Quantity quantity) {
    var amount = quantity.getAmount();
    long factor = factor(quantity.getFormat());
    if (factor > 0 && amount != null && isShortNumber(amount)) {
      long number = Long.parseLong(amount);
      if (number <= Long.MAX_VALUE / factor) {
        return number * factor;
      }
    }
    var exact = quantity.getNumericalAmount().multiply(THOUSAND);
    return exact.setScale(0, RoundingMode.CEILING).max(BigDecimal.ZERO).min(MOST).longValue();
  }

  private static boolean isShortNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty() && text.length() <= DIGITS_OF_A_SHORT_NUMBER;
  }

  /// How many thousandths one of a unit is; 0 for a unit that is not a common one.
  private static long factor(@Nullable String unit) {
    return switch (unit) {
      case null -> 1000;
      case "" -> 1000;
      case "m" -> 1;
      case "k" -> 1_000_000;
      case "M" -> 1_000_000_000;
      case "Ki" -> 1000L << 10;
      case "Mi" -> 1000L << 20;
      case "Gi" -> 1000L << 30;
      default -> 0;
    };
  }
}
