package io.microscale.core.allocation;

import io.microscale.core.model.Resources;
import io.microscale.core.model.Snapshot;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// What is free on each node, as plain numbers: the allocator looks at every node for every service
/// that grows.
///
/// A need is an array in the order of [#names]. Amounts may become negative where more is held than
/// there is.
final class Room {
  private final List<String> names;
  private final long[] free;

  private Room(List<String> names, long[] free) {
    this.names = names;
    this.free = free;
  }

  /// The capacity of every node, over all resources that nodes have or services need.
  static Room of(Snapshot snapshot, List<Resources> needs) {
    var all = new TreeSet<String>();
    needs.forEach(need -> all.addAll(need.names()));
    snapshot.nodes().forEach(node -> all.addAll(node.capacity().names()));
    var names = List.copyOf(all);
    var free = new long[snapshot.nodes().size() * names.size()];
    for (int node = 0; node < snapshot.nodes().size(); node++) {
      for (int i = 0; i < names.size(); i++) {
        free[node * names.size() + i] = snapshot.nodes().get(node).capacity().get(names.get(i));
      }
    }
    return new Room(names, free);
  }

  /// The same resources on the same nodes, all zero.
  Room none() {
    return new Room(names, new long[free.length]);
  }

  Room copy() {
    return new Room(names, free.clone());
  }

  void becomes(Room other) {
    System.arraycopy(other.free, 0, free, 0, free.length);
  }

  long[] need(Resources resources) {
    var need = new long[names.size()];
    for (int i = 0; i < need.length; i++) {
      need[i] = resources.get(names.get(i));
    }
    return need;
  }

  /// Takes `count` times the need; gives it back for a negative count.
  void take(int node, long[] need, long count) {
    for (int i = 0, at = node * need.length; i < need.length; i++, at++) {
      free[at] -= need[i] * count;
    }
  }

  /// How many times the need fits, once `reserved` is taken away from what is free.
  int copies(int node, long[] need, Room reserved) {
    long copies = Integer.MAX_VALUE;
    for (int i = 0, at = node * need.length; i < need.length; i++, at++) {
      if (need[i] > 0) {
        copies = Math.min(copies, Math.max(0, free[at] - reserved.free[at]) / need[i]);
      }
    }
    return (int) copies;
  }

  int copies(int node, long[] need) {
    long copies = Integer.MAX_VALUE;
    for (int i = 0, at = node * need.length; i < need.length; i++, at++) {
      if (need[i] > 0) {
        copies = Math.min(copies, Math.max(0, free[at]) / need[i]);
      }
    }
    return (int) copies;
  }

  /// The nodes with at least `least` of everything, once `reserved` is taken away from what is
  /// free.
  int[] openings(long[] least, Room reserved) {
    return IntStream.range(0, nodes()).filter(node -> copies(node, least, reserved) > 0).toArray();
  }

  /// What is missing of each resource if this need is added to what is free less `reserved`.
  long[] shortage(int node, long[] need, Room reserved) {
    var shortage = new long[need.length];
    for (int i = 0, at = node * need.length; i < need.length; i++, at++) {
      shortage[i] = need[i] - (free[at] - reserved.free[at]);
    }
    return shortage;
  }

  /// Whether this much is free everywhere.
  boolean covers(Room held) {
    for (int i = 0; i < free.length; i++) {
      if (held.free[i] > Math.max(0, free[i])) {
        return false;
      }
    }
    return true;
  }

  int nodes() {
    return names.isEmpty() ? 0 : free.length / names.size();
  }

  /// What is free on all nodes together, negative amounts as zero.
  long[] sum() {
    var sum = new long[names.size()];
    for (int i = 0; i < free.length; i++) {
      sum[i % sum.length] += Math.max(0, free[i]);
    }
    return sum;
  }

  @Override
  public String toString() {
    return names + Arrays.toString(free);
  }
}
