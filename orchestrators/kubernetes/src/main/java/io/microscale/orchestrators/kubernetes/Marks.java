package io.microscale.orchestrators.kubernetes;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/// Which pods are to go, from the moment at which their workload was told to have fewer, and what
/// was written on them for that. Not to be shared between threads.
final class Marks {
  private static final Duration USUAL = Duration.ofSeconds(10);
  private static final Duration LONGEST = Duration.ofMinutes(5);

  private final Map<String, Long> marked = new HashMap<>();
  private final Map<String, OptionalInt> written = new HashMap<>();

  void add(String uid) {
    marked.put(uid, System.nanoTime());
  }

  boolean remove(String uid) {
    return marked.remove(uid) != null;
  }

  boolean has(String uid) {
    return marked.containsKey(uid);
  }

  /// What the pod's deletion cost is, as far as is known: what was written last, which a watch may
  /// not have told yet.
  OptionalInt cost(PodView pod) {
    return Optional.ofNullable(written.get(pod.uid())).orElse(pod.deletionCost());
  }

  void wrote(String uid, OptionalInt cost) {
    written.put(uid, cost);
  }

  /// The pod is gone.
  void forget(String uid) {
    marked.remove(uid);
    written.remove(uid);
  }

  /// Gives up marks that have come to nothing: ten seconds old, while the workload has no more pods
  /// than it is to have, so that others went; or five minutes.
  ///
  /// @param settled whether the workload of a pod has as many as it is to have
  /// @return those that are given up
  Collection<String> expire(Predicate<String> settled) {
    long now = System.nanoTime();
    var expired = new ArrayList<String>();
    for (var uid : List.copyOf(marked.keySet())) {
      long age = now - marked.getOrDefault(uid, now);
      if (age > LONGEST.toNanos() || (age > USUAL.toNanos() && settled.test(uid))) {
        marked.remove(uid);
        expired.add(uid);
      }
    }
    return expired;
  }

  boolean isEmpty() {
    return marked.isEmpty();
  }
}
