package io.microscale.core.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// An immutable vector of resources. Units: `cpu` in thousandths of a core, `memory` in bytes,
/// `slots` and any other name (a GPU, a licence) in whole pieces.
///
/// A name that is absent counts as zero. Amounts may be negative in a difference; [#fitsIn] then
/// says whether something is short.
public final class Resources {
  public static final String CPU = "cpu";
  public static final String MEMORY = "memory";
  public static final String SLOTS = "slots";
  public static final Resources NONE = new Resources(new String[0], new long[0]);

  private final String[] names; // sorted, no duplicates
  private final long[] amounts;

  private Resources(String[] names, long[] amounts) {
    this.names = names;
    this.amounts = amounts;
  }

  /// A vector of these amounts.
  ///
  /// @throws IllegalArgumentException if a name is blank or an amount is negative
  public static Resources of(Map<String, Long> amounts) {
    var sorted = new TreeMap<>(amounts);
    sorted.forEach(
        (name, amount) -> {
          if (name.isBlank() || amount < 0) {
            throw new IllegalArgumentException(
                "resource '%s': need a name and an amount >= 0, got %d".formatted(name, amount));
          }
        });
    return new Resources(
        sorted.keySet().toArray(String[]::new),
        sorted.values().stream().mapToLong(Long::longValue).toArray());
  }

  public static Resources slots(long slots) {
    return of(Map.of(SLOTS, slots));
  }

  public static Resources cpuAndMemory(long milliCpu, long memoryBytes) {
    return of(Map.of(CPU, milliCpu, MEMORY, memoryBytes));
  }

  public long get(String name) {
    int at = Arrays.binarySearch(names, name);
    return at < 0 ? 0 : amounts[at];
  }

  /// The names of what there is an amount of, sorted.
  public List<String> names() {
    return List.of(names);
  }

  /// The amounts by name, in the order of the names.
  public Map<String, Long> asMap() {
    var map = new TreeMap<String, Long>();
    for (int i = 0; i < names.length; i++) {
      map.put(names[i], amounts[i]);
    }
    return map;
  }

  public boolean isZero() {
    for (long amount : amounts) {
      if (amount != 0) {
        return false;
      }
    }
    return true;
  }

  public Resources plus(Resources other) {
    return combine(other, 1);
  }

  public Resources minus(Resources other) {
    return combine(other, -1);
  }

  public Resources times(long factor) {
    var product = new long[amounts.length];
    for (int i = 0; i < product.length; i++) {
      product[i] = amounts[i] * factor;
    }
    return new Resources(names, product);
  }

  /// Whether `free` has at least this much of everything that is asked for here.
  public boolean fitsIn(Resources free) {
    for (int i = 0; i < names.length; i++) {
      if (amounts[i] > 0 && amounts[i] > free.get(names[i])) {
        return false;
      }
    }
    return true;
  }

  /// What a paused replica still holds: pausing frees the processor and the slot, nothing else.
  public Resources heldWhilePaused() {
    var held = amounts.clone();
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(CPU) || names[i].equals(SLOTS)) {
        held[i] = 0;
      }
    }
    return new Resources(names, held);
  }

  /// This vector with every amount that `limits` names lowered to that limit.
  public Resources cappedBy(Resources limits) {
    var capped = amounts.clone();
    for (int i = 0; i < names.length; i++) {
      if (Arrays.binarySearch(limits.names, names[i]) >= 0) {
        capped[i] = Math.min(capped[i], limits.get(names[i]));
      }
    }
    return new Resources(names, capped);
  }

  /// This vector with every negative amount as zero.
  public Resources positivePart() {
    var positive = amounts.clone();
    for (int i = 0; i < positive.length; i++) {
      positive[i] = Math.max(0, positive[i]);
    }
    return new Resources(names, positive);
  }

  /// This vector in the resources that `asked` has some of, at most that much of each, and zero in
  /// all others.
  public Resources cappedTo(Resources asked) {
    var capped = amounts.clone();
    for (int i = 0; i < names.length; i++) {
      capped[i] = Math.min(capped[i], Math.max(0, asked.get(names[i])));
    }
    return new Resources(names, capped);
  }

  /// Whether this has some of a resource of which `needed` has some too.
  public boolean helps(Resources needed) {
    for (int i = 0; i < names.length; i++) {
      if (amounts[i] > 0 && needed.get(names[i]) > 0) {
        return true;
      }
    }
    return false;
  }

  /// The largest fraction of `capacity` that this takes in any one resource; 0 for nothing,
  /// infinite if `capacity` lacks what is asked for.
  public double dominantShare(Resources capacity) {
    double share = 0;
    for (int i = 0; i < names.length; i++) {
      if (amounts[i] > 0) {
        share = Math.max(share, (double) amounts[i] / capacity.get(names[i]));
      }
    }
    return share;
  }

  private Resources combine(Resources other, int sign) {
    if (Arrays.equals(names, other.names)) {
      var result = new long[amounts.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = amounts[i] + sign * other.amounts[i];
      }
      return new Resources(names, result);
    }
    var merged = new TreeMap<>(asMap());
    for (int i = 0; i < other.names.length; i++) {
      merged.merge(other.names[i], sign * other.amounts[i], Long::sum);
    }
    return new Resources(
        merged.keySet().toArray(String[]::new),
        merged.values().stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Resources that && minus(that).isZero();
  }

  @Override
  public int hashCode() {
    int hash = 0;
    for (int i = 0; i < names.length; i++) {
      hash += names[i].hashCode() * Long.hashCode(amounts[i]);
    }
    return hash;
  }

  /// As people write it: `cpu=1500m memory=256Mi slots=1`.
  @Override
  public String toString() {
    var text = new StringBuilder();
    asMap()
        .forEach(
            (name, amount) ->
                text.append(name).append('=').append(written(name, amount)).append(' '));
    return text.isEmpty() ? "nothing" : text.substring(0, text.length() - 1);
  }

  private static String written(String name, long amount) {
    if (name.equals(CPU)) {
      return amount % 1000 == 0 ? Long.toString(amount / 1000) : amount + "m";
    }
    if (name.equals(MEMORY) && amount != 0 && amount % (1 << 20) == 0) {
      return (amount >> 20) + "Mi";
    }
    return Long.toString(amount);
  }
}
