package io.microscale.orchestrators.kubernetes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/// Who controls whom, by uid: a pod its ReplicaSet, that its Deployment. Objects may be told in any
/// order. Not to be shared between threads.
final class Ownership {
  private static final int DEEPEST = 5;

  private final Map<String, String> owners = new HashMap<>();
  private final Map<String, Set<String>> owned = new HashMap<>();

  /// Takes in who controls an object.
  ///
  /// @param owner empty for nobody
  /// @return whether that is something else than before
  boolean put(String uid, String owner) {
    var before = owners.put(uid, owner);
    if (owner.equals(before)) {
      return false;
    }
    if (before != null) {
      leave(before, uid);
    }
    owned.computeIfAbsent(owner, _ -> new TreeSet<>()).add(uid);
    return true;
  }

  void remove(String uid) {
    var owner = owners.remove(uid);
    if (owner != null) {
      leave(owner, uid);
    }
  }

  private void leave(String owner, String uid) {
    var there = owned.get(owner);
    if (there != null && there.remove(uid) && there.isEmpty()) {
      owned.remove(owner);
    }
  }

  /// Asks each that controls the object, the nearest first, and gives the first answer.
  <T> Optional<T> above(String uid, Function<String, Optional<T>> ask) {
    var next = owners.getOrDefault(uid, "");
    for (int i = 0; i < DEEPEST && !next.isEmpty(); i++) {
      var answer = ask.apply(next);
      if (answer.isPresent()) {
        return answer;
      }
      next = owners.getOrDefault(next, "");
    }
    return Optional.empty();
  }

  /// All that the object controls, itself or through others.
  List<String> below(String uid) {
    var all = new ArrayList<String>();
    below(uid, DEEPEST, all);
    return all;
  }

  private void below(String uid, int deep, List<String> all) {
    if (deep > 0 && !uid.isEmpty()) {
      for (var child : owned.getOrDefault(uid, Set.of())) {
        all.add(child);
        below(child, deep - 1, all);
      }
    }
  }
}
