package io.microscale.core.allocation;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

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
  private static final int RANK = 32;
  private static final long ONE_OF_THE_LOWEST = 1;

  private final Snapshot snapshot;
  private final Instant now;
  private final List<Share> shares;
  private final Room room; // what is not given out yet
  private final Room later; // the part of it held by replicas whose turn is still to come
  private final List<List<Spot>> spots = new ArrayList<>(); // by node, the lowest priority first
  private int @Nullable [] openings;
  private Optional<Instant> protectedUntil = Optional.empty();

  private record Spot(Share share, int spot, int rank) {}

  private Allocator(
      PoolSpec pool, List<Claim> claims, Snapshot observed, Snapshot snapshot, Instant now) {
    this.snapshot = snapshot;
    this.now = now;
    this.room = Room.of(snapshot, pool.services().stream().map(ServiceSpec::resources).toList());
    this.later = room.none();
    var capacity = snapshot.capacity();
    this.shares = new ArrayList<>(claims.size());
    for (int i = 0; i < claims.size(); i++) {
      var spec = pool.services().get(i);
      shares.add(
          new Share(
              spec,
              claims.get(i),
              snapshot.of(spec.id()),
              observed.of(spec.id()),
              snapshot.backoffs().get(spec.id()),
              room,
              capacity,
              now));
    }
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
    allocator.takeStock();
    allocator.divide();
    return allocator.result();
  }

  private void takeStock() {
    var known =
        shares.stream().map(s -> s.spec.id()).collect(Collectors.toCollection(HashSet::new));
    snapshot
        .services()
        .forEach(
            (service, replicas) -> {
              if (!known.contains(service)) {
                replicas.replicas().forEach(this::leaveAlone);
              }
            });
    for (var share : shares) {
      for (var replica : share.released) {
        share.subtractReleased(share.there.spotOf(snapshot.indexOf(replica.node())));
      }
      for (int spot = 0; spot < share.available.length; spot++) {
        int node = share.there.node(spot);
        later.take(node, share.need, -share.available[spot]);
        later.take(node, share.pausedNeed, -share.there.count(spot, ReplicaState.PAUSED));
      }
    }
  }

  /// A replica of a service that this pool no longer has: it keeps its room and is not touched.
  private void leaveAlone(Replica replica) {
    room.take(snapshot.indexOf(replica.node()), room.need(replica.holds()), 1);
  }

  private void divide() {
    if (room.covers(later)) {
      var undo = checkpoint(shares);
      shares.forEach(this::keepAll);
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
      if (!share.spec.remainder() && !(share.satisfied() && share.warmupsLeft() <= 0)) {
        return false;
      }
    }
    byPriority(true, group -> fill(group, false));
    return shares.stream().noneMatch(this::lacksMinimum);
  }

  /// Remembers what has been given out so far, to these services; what is run goes back to it.
  private Runnable checkpoint(List<Share> group) {
    var roomThen = room.copy();
    var laterThen = later.copy();
    var undos = group.stream().map(Share::checkpoint).toList();
    return () -> {
      room.becomes(roomThen);
      later.becomes(laterThen);
      undos.forEach(Runnable::run);
    };
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
    var undo = checkpoint(group);
    group.forEach(this::keepAll);
    if (group.size() == 1 || group.stream().allMatch(Share::keepsAll)) {
      return;
    }
    undo.run();
    oneByOne(group, this::keepOne);
    group.forEach(this::forget);
  }

  /// Adds what the services of one priority are still owed: demand first, then memory for what
  /// stays paused, then standby.
  private void fill(List<Share> group, boolean victims) {
    openings = null;
    var undo = checkpoint(group);
    group.forEach(share -> grow(share, victims));
    if (group.size() > 1 && !group.stream().allMatch(Share::satisfied)) {
      undo.run();
      openings = null;
      oneByOne(group, share -> growOne(share, victims));
    }
    group.forEach(this::retain);
    openings = null;
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

  // What there is.

  private void keep(Share share, int spot, int count) {
    int node = share.there.node(spot);
    room.take(node, share.need, count);
    later.take(node, share.need, count);
    share.keep(spot, count);
  }

  private void keepAll(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      int left = share.available[spot] - share.kept[spot];
      if (left > 0) {
        int fits = Math.min(left, room.copies(share.there.node(spot), share.need));
        keep(share, spot, fits);
        later.take(share.there.node(spot), share.need, left - fits);
      }
    }
  }

  private boolean keepOne(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      if (share.kept[spot] < share.available[spot]
          && room.copies(share.there.node(spot), share.need) > 0) {
        keep(share, spot, 1);
        return true;
      }
    }
    return false;
  }

  /// What does not stay no longer stands in the way.
  private void forget(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      later.take(share.there.node(spot), share.need, share.available[spot] - share.kept[spot]);
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
        int spot = share.there.spotOf(snapshot.indexOf(replica.node()));
        if (share.kept[spot] < share.available[spot]) {
          keep(share, spot, 1);
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
      int spot = share.there.spotOf(snapshot.indexOf(replica.node()));
      if (missing > 0
          && share.kept[spot] < share.available[spot]
          && room.copies(share.there.node(spot), share.need) > 0) {
        keep(share, spot, 1);
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
    openings = null;
    var own = later.none();
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
      if (!resumeOne(share, later)
          && !resumeOne(share, reserved)
          && !startOne(share, later)
          && !startOne(share, reserved)) {
        return;
      }
    }
  }

  // What is added.

  private void grow(Share share, boolean victims) {
    resume(share, later);
    if (victims) {
      resume(share, null);
    }
    while (share.startsLeft() > 0 && startSome(share, later, share.startsLeft())) {}
    while (victims && share.startsLeft() > 0 && startSome(share, null, 1)) {}
  }

  private void warmUp(Share share, boolean victims) {
    while (share.warmupsLeft() > 0
        && (startSome(share, later, 1) || (victims && startSome(share, null, 1)))) {}
  }

  private boolean growOne(Share share, boolean victims) {
    return (share.resumesLeft() > 0
            && (resumeOne(share, later) || (victims && resumeOne(share, null))))
        || (share.startsLeft() > 0
            && (startOne(share, later) || (victims && startOne(share, null))));
  }

  private void resume(Share share, @Nullable Room reserved) {
    for (int spot = 0; spot < share.resumed.length && share.resumesLeft() > 0; spot++) {
      int here = Math.min(share.resumesLeft(), resumable(share, spot, reserved));
      if (here > 0) {
        resume(share, spot, here);
      }
    }
  }

  private boolean resumeOne(Share share, @Nullable Room reserved) {
    for (int spot = 0; spot < share.resumed.length && share.resumesLeft() > 0; spot++) {
      if (resumable(share, spot, reserved) > 0) {
        resume(share, spot, 1);
        return true;
      }
    }
    return false;
  }

  private int resumable(Share share, int spot, @Nullable Room reserved) {
    int node = share.there.node(spot);
    int paused = share.there.count(spot, ReplicaState.PAUSED) - share.resumed[spot];
    if (paused <= 0 || !snapshot.nodes().get(node).schedulable()) {
      return 0;
    }
    // What it holds while paused is its own already, not somebody else's.
    if (reserved != null) {
      reserved.take(node, share.pausedNeed, 1);
    }
    int fits = copies(node, share.need, reserved);
    if (reserved != null) {
      reserved.take(node, share.pausedNeed, -1);
    }
    return Math.min(paused, fits);
  }

  private int copies(int node, long[] need, @Nullable Room reserved) {
    return reserved == null ? room.copies(node, need) : room.copies(node, need, reserved);
  }

  private void resume(Share share, int spot, int count) {
    int node = share.there.node(spot);
    room.take(node, share.need, count);
    later.take(node, share.pausedNeed, count);
    share.resume(spot, count);
  }

  /// Keeps paused what may stay paused and has room; the others no longer stand in the way.
  private void retain(Share share) {
    int left = share.retainable();
    for (int spot = 0; spot < share.retained.length; spot++) {
      int node = share.there.node(spot);
      int paused = share.there.count(spot, ReplicaState.PAUSED) - share.resumed[spot];
      int stay = Math.min(Math.min(paused, left), room.copies(node, share.pausedNeed));
      room.take(node, share.pausedNeed, stay);
      later.take(node, share.pausedNeed, paused);
      share.retained[spot] = stay;
      left -= stay;
    }
  }

  private boolean startOne(Share share, @Nullable Room reserved) {
    return share.startsLeft() > 0 && startSome(share, reserved, 1);
  }

  /// Starts up to `most` on the best node: of those with free room the fullest (best fit keeps
  /// large room for large replicas), else the one where the fewest have to give way.
  private boolean startSome(Share share, @Nullable Room reserved, int most) {
    return reserved == null
        ? startWithVictims(share)
        : startInFreeRoom(share, reserved, reserved == later ? openings() : allNodes(), most);
  }

  private boolean startInFreeRoom(Share share, Room reserved, int[] among, int most) {
    int best = -1;
    int bestCopies = Integer.MAX_VALUE;
    for (int node : among) {
      int copies = copies(node, share.need, reserved);
      if (copies > 0 && copies < bestCopies && snapshot.nodes().get(node).schedulable()) {
        best = node;
        bestCopies = copies;
      }
    }
    if (best >= 0) {
      start(share, best, Math.min(most, bestCopies));
    }
    return best >= 0;
  }

  private boolean startWithVictims(Share share) {
    int best = -1;
    long bestCost = Long.MAX_VALUE;
    for (int node = 0; node < room.nodes() && bestCost > ONE_OF_THE_LOWEST; node++) {
      if (room.copies(node, share.need) > 0 && snapshot.nodes().get(node).schedulable()) {
        long cost = displacedBy(share, node);
        if (cost < bestCost) {
          best = node;
          bestCost = cost;
        }
      }
    }
    if (best >= 0) {
      start(share, best, 1);
    }
    return best >= 0;
  }

  private void start(Share share, int node, int count) {
    room.take(node, share.need, count);
    share.start(node, count);
  }

  /// Nodes with room that nobody holds, for the smallest need there is. While room is given out
  /// they can only become fewer.
  private int[] openings() {
    if (openings == null) {
      var least = shares.getFirst().need.clone();
      for (var share : shares) {
        for (int i = 0; i < least.length; i++) {
          least[i] = Math.min(least[i], share.need[i]);
        }
      }
      openings = room.openings(least, later);
    }
    return openings;
  }

  private int[] allNodes() {
    return IntStream.range(0, room.nodes()).toArray();
  }

  /// What one more of this service on this node costs beyond what is displaced already: first by
  /// the priority that suffers, then by how many.
  private long displacedBy(Share share, int node) {
    var lower = lowerOn(node);
    long before =
        displaced(
            lower, share.spec.priority(), room.shortage(node, new long[share.need.length], later));
    long after = displaced(lower, share.spec.priority(), room.shortage(node, share.need, later));
    return (after >>> RANK << RANK) + (after - before & ((1L << RANK) - 1));
  }

  /// The rank of the highest priority displaced, above [#RANK] bits with the number of replicas.
  private static long displaced(List<Spot> lowestFirst, int below, long[] shortage) {
    long count = 0;
    long rank = 0;
    for (var spot : lowestFirst) {
      if (spot.share.spec.priority() >= below || !anyPositive(shortage)) {
        break;
      }
      int there = spot.share.available[spot.spot] - spot.share.kept[spot.spot];
      for (; there > 0 && anyPositive(shortage); there--, count++) {
        rank = spot.rank;
        for (int i = 0; i < shortage.length; i++) {
          shortage[i] -= spot.share.need[i];
        }
      }
    }
    return (rank << RANK) + count;
  }

  private static boolean anyPositive(long[] amounts) {
    for (long amount : amounts) {
      if (amount > 0) {
        return true;
      }
    }
    return false;
  }

  /// The services on a node, the lowest priority first.
  private List<Spot> lowerOn(int node) {
    if (spots.isEmpty()) {
      for (int i = 0; i < room.nodes(); i++) {
        spots.add(new ArrayList<>());
      }
      int rank = 0;
      int priority = shares.getLast().spec.priority();
      for (var share : shares.reversed()) {
        rank += share.spec.priority() == priority ? 0 : 1;
        priority = share.spec.priority();
        for (int spot = 0; spot < share.available.length; spot++) {
          spots.get(share.there.node(spot)).add(new Spot(share, spot, rank));
        }
      }
    }
    return spots.get(node);
  }

  // Why.

  private Allocation result() {
    var grants = new ArrayList<Grant>(shares.size());
    var placements = new ArrayList<Placement>(shares.size());
    boolean unmet = false;
    for (var share : shares) {
      int granted = share.total();
      int claimed = share.claim.replicas();
      unmet |= granted < claimed && !share.spec.remainder();
      grants.add(new Grant(share.spec.id(), claimed, granted, reason(share, granted, claimed)));
      placements.add(share.placement());
    }
    return new Allocation(grants, placements, unmet ? protectedUntil : Optional.empty());
  }

  private String reason(Share share, int granted, int claimed) {
    if (granted == claimed) {
      return "gets what it claims";
    }
    if (granted > claimed) {
      return "gets what it claims and " + (granted - claimed) + " more to warm up as standby";
    }
    if (share.backoff != null) {
      return "starts nothing until " + share.backoff.until() + ": " + share.backoff.reason();
    }
    if (share.spec.remainder()) {
      return "gets what is left: " + granted + " of at most " + claimed;
    }
    return "gets " + granted + " of " + claimed + ": " + whyNoRoom(share);
  }

  private String whyNoRoom(Share share) {
    var unscheduled = snapshot.nodes().stream().noneMatch(node -> node.schedulable());
    if (unscheduled) {
      return "no node takes new replicas";
    }
    var resources = share.spec.resources();
    if (snapshot.nodes().stream().noneMatch(node -> resources.fitsIn(node.capacity()))) {
      return "no node has as much as one replica needs (" + resources + ")";
    }
    var sum = room.sum();
    boolean enoughInAll = true;
    for (int i = 0; i < sum.length; i++) {
      enoughInAll &= share.need[i] <= sum[i];
    }
    if (enoughInAll) {
      return "enough is free in all, but on no one node " + resources;
    }
    var names =
        shares.stream()
            .filter(other -> other != share && other.total() > 0)
            .filter(
                other ->
                    other.spec.priority() >= share.spec.priority()
                        || other.spec.min() > 0
                        || !other.spec.minRuntime().isZero())
            .map(other -> other.spec.id().value())
            .limit(5)
            .collect(Collectors.joining(", "));
    return names.isEmpty()
        ? "the pool has no more"
        : "the rest is held by " + names + " (same or higher priority, minimums or young replicas)";
  }
}
