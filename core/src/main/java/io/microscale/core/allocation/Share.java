package io.microscale.core.allocation;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceReplicas;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.VictimOrder;
import io.microscale.core.scaling.Claim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The part of one service while an allocation is being worked out.
final class Share {
  final ServiceSpec spec;
  final Claim claim;
  final ServiceReplicas there;
  final @Nullable Backoff backoff;
  final long[] need;
  final long[] pausedNeed;

  /// Paused replicas that demand calls for, and new ones beside them.
  private final int wantedResumes;

  private final int wantedStarts;

  /// New ones that are started only to be paused once they are ready, and those that are on their
  /// way to that already.
  private final int wantedWarmups;

  private final int warming;

  /// Starting ones that serve demand until a paused one can be resumed.
  private final int standIns;

  /// How many may be started before there are more than `max`.
  private final int startable;

  final List<Replica> released;
  private final double dominant;

  // Per spot of `there`: active replicas less the released ones, and what becomes of them.
  final int[] available;
  int[] kept;
  int[] resumed;
  int[] retained;
  private SortedMap<Integer, Integer> started = new TreeMap<>();

  /// Replicas that have lost their place to a higher priority; the service may start as many
  /// elsewhere.
  private int displaced;

  private int keptTotal;
  private int resumedTotal;
  private int startedTotal;

  Share(
      ServiceSpec spec,
      Claim claim,
      Snapshot intended,
      Snapshot observed,
      Room room,
      boolean[] overfull,
      Resources capacity,
      Instant now) {
    this.spec = spec;
    this.claim = claim;
    this.there = intended.of(spec.id());
    this.backoff = intended.backoffs().get(spec.id());
    var seen = observed.of(spec.id());
    this.need = room.need(spec.resources());
    this.pausedNeed = room.need(spec.heldWhilePaused());
    // A stop that nobody has seen happen may still fail.
    this.startable =
        Math.max(0, spec.max() - there.kept() - Math.max(0, there.stopping() - seen.stopping()));
    this.dominant = spec.resources().dominantShare(capacity) / spec.weight();

    int claimed = claim.replicas();
    int standby = claim.standby();
    wantedResumes = Math.min(there.paused(), Math.max(0, claimed - there.running()));
    int startingForDemand = Math.max(0, claimed - there.running() - wantedResumes);
    int standbyThere = there.paused() - wantedResumes + Math.max(0, there.running() - claimed);
    int standbyMissing = Math.max(0, Math.min(standby, spec.max() - claimed) - standbyThere);
    // What starts is let go once a paused one is seen to run in its place, which it may be unable
    // to, and while all others have room where they are.
    int sure = Math.min(there.running(), seen.running()) - homeless(overfull);
    int keptStarting = Math.min(there.starting(), Math.max(0, claimed - sure) + standbyMissing);
    standIns = Math.max(0, keptStarting - startingForDemand - standbyMissing);
    // Standby is warmed up a quarter at a time: while it starts it takes room that others could
    // use.
    int warmedAtOnce = Math.min(standbyMissing, (standby + 3) / 4);
    warming = Math.max(0, keptStarting - standIns - startingForDemand);
    wantedStarts = backoff != null ? 0 : Math.clamp(startingForDemand - keptStarting, 0, startable);
    wantedWarmups =
        backoff != null ? 0 : Math.clamp(warmedAtOnce - warming, 0, startable - wantedStarts);

    int keptRunning = Math.min(there.running(), claimed);
    released =
        release(
            there.running() - keptRunning,
            there.starting() - keptStarting,
            Comparator.<Replica>comparingInt(
                    r -> overfull[Math.max(0, intended.indexOf(r.node()))] ? 0 : 1)
                .thenComparing(VictimOrder.at(now)));
    available = new int[there.spots()];
    for (int spot = 0; spot < available.length; spot++) {
      available[spot] = there.active(spot);
    }
    kept = new int[available.length];
    resumed = new int[available.length];
    retained = new int[available.length];
  }

  /// Running ones on nodes that hold more than they have.
  private int homeless(boolean[] overfull) {
    int count = 0;
    for (int spot = 0; spot < there.spots(); spot++) {
      int node = there.node(spot);
      count += node >= 0 && overfull[node] ? there.count(spot, ReplicaState.RUNNING) : 0;
    }
    return count;
  }

  private List<Replica> release(int running, int starting, Comparator<Replica> order) {
    if (running == 0 && starting == 0) {
      return List.of();
    }
    var victims = new ArrayList<Replica>();
    int[] left = {starting, running};
    there.replicas().stream()
        .filter(r -> r.state().isActive())
        .sorted(order)
        .forEach(
            r -> {
              int kind = r.state() == ReplicaState.STARTING ? 0 : 1;
              if (left[kind]-- > 0) {
                victims.add(r);
              }
            });
    return List.copyOf(victims);
  }

  /// Takes what is released out of what is available.
  void release(Snapshot snapshot) {
    for (var replica : released) {
      available[there.spotOf(snapshot.indexOf(replica.node()))]--;
    }
  }

  void keep(int spot, int count) {
    kept[spot] += count;
    keptTotal += count;
  }

  /// What is not kept by now has lost its place.
  void displaceOthers() {
    displaced = 0;
    for (int spot = 0; spot < kept.length; spot++) {
      displaced += available[spot] - kept[spot];
    }
  }

  void resume(int spot, int count) {
    resumed[spot] += count;
    resumedTotal += count;
  }

  void start(int node, int count) {
    started.merge(node, count, Integer::sum);
    startedTotal += count;
  }

  int resumesLeft() {
    return wantedResumes - resumedTotal;
  }

  /// Replicas that lost their place, and paused ones that cannot be resumed, that none that starts
  /// stands in for.
  private int toReplace() {
    return Math.max(0, displaced + resumesLeft() - standIns);
  }

  /// A paused replica that cannot be resumed where it is does not keep the service from starting
  /// one where there is room.
  int startsLeft() {
    return backoff != null ? 0 : Math.min(wantedStarts + toReplace(), startable) - startedTotal;
  }

  /// Whether this pass adds replicas: what serves demand first has to be there, then standby is
  /// warmed up.
  boolean grows() {
    return resumedTotal + startedTotal > 0;
  }

  /// To be asked once demand has all it can get.
  int warmupsLeft() {
    return backoff != null || startsLeft() > 0
        ? 0
        : Math.min(wantedStarts + toReplace() + wantedWarmups, startable) - startedTotal;
  }

  int total() {
    return keptTotal + resumedTotal + startedTotal;
  }

  /// How many more paused ones may stay paused.
  int retainable() {
    int retainedTotal = 0;
    for (int count : retained) {
      retainedTotal += count;
    }
    // What is to be started does not replace a paused one before it runs.
    int active = Math.min(total() - warming, there.running());
    return spec.pausedLimit(active, claim.replicas(), claim.standby()) - retainedTotal;
  }

  boolean keepsAll() {
    for (int spot = 0; spot < kept.length; spot++) {
      if (kept[spot] < available[spot]) {
        return false;
      }
    }
    return true;
  }

  boolean satisfied() {
    return keepsAll() && resumesLeft() == 0 && startsLeft() <= 0;
  }

  /// The dominant share over the weight: what max-min makes as equal as it can.
  double weightedShare() {
    return total() * dominant;
  }

  /// Remembers what has been decided so far.
  ///
  /// @return goes back to it; to be run at most once
  Runnable checkpoint() {
    var keptThen = kept.clone();
    var resumedThen = resumed.clone();
    var retainedThen = retained.clone();
    var startedThen = new TreeMap<>(started);
    int[] totals = {keptTotal, resumedTotal, startedTotal};
    return () -> {
      kept = keptThen;
      resumed = resumedThen;
      retained = retainedThen;
      started = startedThen;
      keptTotal = totals[0];
      resumedTotal = totals[1];
      startedTotal = totals[2];
    };
  }

  Placement placement() {
    boolean retainsAll = true;
    for (int spot = 0; spot < retained.length; spot++) {
      retainsAll &= retained[spot] == there.count(spot, ReplicaState.PAUSED);
    }
    if (retainsAll && released.isEmpty() && keepsAll() && resumedTotal == 0 && startedTotal == 0) {
      return Placement.AS_IS;
    }
    var spots = new TreeMap<Integer, Placement.Spot>();
    for (int spot = 0; spot < kept.length; spot++) {
      int node = there.node(spot);
      spots.put(
          node,
          new Placement.Spot(
              node, kept[spot], resumed[spot], started.getOrDefault(node, 0), retained[spot]));
    }
    started.forEach(
        (node, count) -> spots.putIfAbsent(node, new Placement.Spot(node, 0, 0, count, 0)));
    return new Placement(released, claim.standby(), List.copyOf(spots.values()), false);
  }
}
