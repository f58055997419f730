package io.microscale.core.allocation;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.VictimOrder;
import io.microscale.core.scaling.Claim;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// Divides the pool: claims in, grants and their places out.
///
/// In this order, on the real nodes, so that nothing is granted that fits nowhere:
/// 1. replicas that their `minRuntime` protects stay;
/// 2. the minimums there are stay, then missing ones are added, highest priority first, but not in
///    the place of a replica of the same or a higher priority;
/// 3. from the highest priority down: what there is stays, then the rest of the claim is added, in
///    room that is free if there is some, else in the place of lower priorities. Inside one
///    priority by weighted max-min over the dominant resource (progressive filling; Ghodsi et al.,
///    *Dominant Resource Fairness*, NSDI 2011), one replica at a time;
/// 4. remainder services likewise, last.
///
/// What exists never moves to make things look better: a replica loses its place only if a higher
/// priority takes it.
public final class Allocator {
  private final Snapshot snapshot;
  private final Instant now;
  private final List<Share> shares;
  private final Floor floor;
  private Optional<Instant> protectedUntil = Optional.empty();

  private Allocator(
      PoolSpec pool, List<Claim> claims, Snapshot observed, Snapshot snapshot, Instant now) {
    this.snapshot = snapshot;
    this.now = now;
    var room = Room.of(snapshot, pool.services().stream().map(ServiceSpec::resources).toList());
    var capacity = snapshot.capacity();
    var overfull = new boolean[snapshot.nodes().size()];
    for (int node = 0; node < overfull.length; node++) {
      overfull[node] = !Resources.NONE.minus(snapshot.free(node)).positivePart().isZero();
    }
    this.shares = new ArrayList<>(claims.size());
    for (int i = 0; i < claims.size(); i++) {
      var spec = pool.services().get(i);
      shares.add(new Share(spec, claims.get(i), snapshot, observed, room, overfull, capacity, now));
    }
    shares.forEach(share -> share.release(snapshot));
    this.floor = new Floor(snapshot, shares, room);
  }

  /// Makes the allocation.
  ///
  /// @param claims one for each service of the pool, in its order
  /// @param observed what is
  /// @param intended what is once the actions in flight are done; the allocation is made for it
  public static Allocation allocate(
      PoolSpec pool, List<Claim> claims, Snapshot observed, Snapshot intended, Instant now) {
    if (claims.size() != pool.services().size()) {
      throw new IllegalArgumentException(
          "claims: need one for each of %d services, got %d"
              .formatted(pool.services().size(), claims.size()));
    }
    var allocator = new Allocator(pool, claims, observed, intended, now);
    allocator.leaveStrangersAlone();
    allocator.divide();
    return allocator.result();
  }

  private void leaveStrangersAlone() {
    var known =
        shares.stream().map(s -> s.spec.id()).collect(Collectors.toCollection(HashSet::new));
    snapshot
        .services()
        .forEach(
            (service, replicas) -> {
              if (!known.contains(service)) {
                replicas.replicas().forEach(floor::leaveAlone);
              }
            });
  }

  private void divide() {
    if (floor.holdsAll()) {
      var undo = floor.checkpoint(shares);
      shares.forEach(floor::keepAll);
      if (growWithoutVictims()) {
        return;
      }
      undo.run();
    }
    shares.forEach(this::keepProtected);
    shares.forEach(this::keepMinimum);
    addMissingMinimums();
    byPriority(false, this::divideClass);
    byPriority(true, this::divideClass);
  }

  /// The usual case: everything stays and there is free room for all that claims call for. Says
  /// whether it was so.
  private boolean growWithoutVictims() {
    byPriority(false, group -> fill(group, false));
    for (var share : shares) {
      if (!share.spec.remainder()
          && !(share.satisfied() && (share.grows() || share.warmupsLeft() <= 0))) {
        return false;
      }
    }
    byPriority(true, group -> fill(group, false));
    return shares.stream().noneMatch(this::lacksMinimum);
  }

  private void byPriority(boolean remainder, Consumer<List<Share>> use) {
    int from = 0;
    var chosen = shares.stream().filter(s -> s.spec.remainder() == remainder).toList();
    while (from < chosen.size()) {
      int to = from;
      while (to < chosen.size()
          && chosen.get(to).spec.priority() == chosen.get(from).spec.priority()) {
        to++;
      }
      use.accept(chosen.subList(from, to));
      from = to;
    }
  }

  private void divideClass(List<Share> group) {
    keepFairly(group);
    group.forEach(Share::displaceOthers);
    fill(group, true);
  }

  /// Keeps what the services of one priority have; where a higher one has taken room, those with
  /// the largest share lose first.
  private void keepFairly(List<Share> group) {
    var undo = floor.checkpoint(group);
    group.forEach(floor::keepAll);
    if (group.size() == 1 || group.stream().allMatch(Share::keepsAll)) {
      return;
    }
    undo.run();
    oneByOne(group, floor::keepOne);
    group.forEach(floor::forget);
  }

  /// Adds what the services of one priority are still owed: demand first, then memory for what
  /// stays paused, then standby.
  private void fill(List<Share> group, boolean victims) {
    floor.mayHaveOpened();
    var undo = floor.checkpoint(group);
    group.forEach(share -> grow(share, victims));
    if (group.size() > 1 && !group.stream().allMatch(Share::satisfied)) {
      undo.run();
      oneByOne(group, share -> growOne(share, victims));
    }
    group.forEach(floor::retain);
    floor.mayHaveOpened();
    group.forEach(share -> warmUp(share, victims));
  }

  /// Progressive filling: whoever has the smallest weighted share gets the next replica, until
  /// nobody can have one.
  private static void oneByOne(List<Share> group, Predicate<Share> give) {
    var turns =
        new PriorityQueue<>(
            Comparator.comparingDouble(Share::weightedShare)
                .thenComparingDouble(share -> -share.spec.weight())
                .thenComparing(share -> share.spec.id()));
    turns.addAll(group);
    // A share changes only while it is out of the queue.
    for (var next = turns.poll(); next != null; next = turns.poll()) {
      if (give.test(next)) {
        turns.add(next);
      }
    }
  }

  private void keepProtected(Share share) {
    var spec = share.spec;
    if (spec.minRuntime().isZero() || spec.pauses()) {
      return;
    }
    for (var replica : share.there.replicas()) {
      var safeUntil = replica.started().plus(spec.minRuntime());
      if (replica.state() == ReplicaState.RUNNING && now.isBefore(safeUntil)) {
        int spot = floor.spotOf(share, replica);
        if (share.kept[spot] < share.available[spot]) {
          floor.keep(share, spot, 1);
          if (protectedUntil.isEmpty() || safeUntil.isBefore(protectedUntil.get())) {
            protectedUntil = Optional.of(safeUntil);
          }
        }
      }
    }
  }

  private void keepMinimum(Share share) {
    int missing = Math.min(share.spec.min(), share.claim.replicas()) - share.total();
    if (missing <= 0) {
      return;
    }
    var stable =
        share.there.replicas().stream()
            .filter(r -> r.state().isActive())
            .sorted(VictimOrder.at(now).reversed())
            .toList();
    for (var replica : stable) {
      int spot = floor.spotOf(share, replica);
      if (missing > 0 && share.kept[spot] < share.available[spot] && floor.keepOneAt(share, spot)) {
        missing--;
      }
    }
  }

  /// Minimums come before other claims, but not in the place of replicas that a same or higher
  /// priority has within its claim.
  private void addMissingMinimums() {
    if (shares.stream().noneMatch(this::lacksMinimum)) {
      return;
    }
    floor.mayHaveOpened();
    var own = floor.nothing.none();
    for (int i = 0; i < shares.size(); ) {
      int priority = shares.get(i).spec.priority();
      int from = i;
      for (; i < shares.size() && shares.get(i).spec.priority() == priority; i++) {
        var share = shares.get(i);
        for (int spot = 0; spot < share.available.length; spot++) {
          int node = share.there.node(spot);
          own.take(node, share.need, share.kept[spot] - share.available[spot]);
          own.take(node, share.pausedNeed, -share.there.count(spot, ReplicaState.PAUSED));
        }
      }
      for (var share : shares.subList(from, i)) {
        addMinimum(share, own);
      }
    }
  }

  private boolean lacksMinimum(Share share) {
    return share.total() < Math.min(share.spec.min(), share.claim.replicas())
        && (share.resumesLeft() > 0 || share.startsLeft() > 0);
  }

  private void addMinimum(Share share, Room reserved) {
    while (lacksMinimum(share)) {
      if (!floor.resumeOne(share, floor.later)
          && !floor.resumeOne(share, reserved)
          && !startOne(share, floor.later)
          && !startOne(share, reserved)) {
        return;
      }
    }
  }

  private void grow(Share share, boolean victims) {
    floor.resume(share, floor.later);
    if (victims) {
      floor.resume(share, floor.nothing);
    }
    while (share.startsLeft() > 0 && floor.startSome(share, floor.later, share.startsLeft())) {}
    while (victims && share.startsLeft() > 0 && floor.startSome(share, floor.nothing, 1)) {}
  }

  /// Only where demand asks for nothing in this pass: victims for standby would hold up those for
  /// demand.
  private void warmUp(Share share, boolean victims) {
    if (share.grows()) {
      return;
    }
    while (share.warmupsLeft() > 0
        && (floor.startSome(share, floor.later, 1) || (victims && floor.warmUp(share)))) {}
  }

  private boolean growOne(Share share, boolean victims) {
    return (share.resumesLeft() > 0
            && (floor.resumeOne(share, floor.later)
                || (victims && floor.resumeOne(share, floor.nothing))))
        || (share.startsLeft() > 0
            && (startOne(share, floor.later) || (victims && startOne(share, floor.nothing))));
  }

  private boolean startOne(Share share, Room reserved) {
    return share.startsLeft() > 0 && floor.startSome(share, reserved, 1);
  }

  private Allocation result() {
    var grants = new ArrayList<Grant>(shares.size());
    var placements = new ArrayList<Placement>(shares.size());
    var reason = new GrantReason(snapshot, shares, floor);
    boolean unmet = false;
    for (var share : shares) {
      int granted = share.total();
      int claimed = share.claim.replicas();
      unmet |= granted < claimed && !share.spec.remainder();
      grants.add(new Grant(share.spec.id(), claimed, granted, reason.of(share)));
      placements.add(share.placement());
    }
    return new Allocation(grants, placements, unmet ? protectedUntil : Optional.empty());
  }
}
