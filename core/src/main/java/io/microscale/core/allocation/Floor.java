package io.microscale.core.allocation;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The nodes while an allocation is being worked out: what is given out, what others still hold,
/// and on which node to place one more.
final class Floor {
  private static final int RANK = 32;
  private static final long ONE_OF_THE_LOWEST = 1;

  private final Snapshot snapshot;
  private final List<Share> shares;
  private final Room room; // what is not given out yet
  private final List<List<Spot>> spots = new ArrayList<>(); // by node, the lowest priority first
  private int @Nullable [] openings;

  /// The part of the room that is held by replicas whose turn is still to come: with it reserved,
  /// only free room is taken.
  final Room later;

  /// Nothing is reserved: whoever comes later has to give way.
  final Room nothing;

  private record Spot(Share share, int spot, int rank) {}

  Floor(Snapshot snapshot, List<Share> shares, Room room) {
    this.snapshot = snapshot;
    this.shares = shares;
    this.room = room;
    this.later = room.none();
    this.nothing = room.none();
    for (var share : shares) {
      for (int spot = 0; spot < share.available.length; spot++) {
        int node = share.there.node(spot);
        later.take(node, share.need, -share.available[spot]);
        later.take(node, share.pausedNeed, -share.there.count(spot, ReplicaState.PAUSED));
      }
    }
  }

  /// Whether all that exists and is not released fits where it is.
  boolean holdsAll() {
    return room.covers(later);
  }

  /// A replica of a service that this pool no longer has: it keeps its room and is not touched.
  void leaveAlone(Replica replica) {
    room.take(snapshot.indexOf(replica.node()), room.need(replica.holds()), 1);
  }

  int spotOf(Share share, Replica replica) {
    return share.there.spotOf(snapshot.indexOf(replica.node()));
  }

  /// To be told when room may have become free again.
  void mayHaveOpened() {
    openings = null;
  }

  /// What is free on all nodes together.
  long[] sum() {
    return room.sum();
  }

  /// Remembers what has been given out so far, to these services; what is run goes back to it.
  Runnable checkpoint(List<Share> group) {
    var roomThen = room.copy();
    var laterThen = later.copy();
    var undos = group.stream().map(Share::checkpoint).toList();
    return () -> {
      room.becomes(roomThen);
      later.becomes(laterThen);
      undos.forEach(Runnable::run);
      mayHaveOpened();
    };
  }

  void keep(Share share, int spot, int count) {
    int node = share.there.node(spot);
    room.take(node, share.need, count);
    later.take(node, share.need, count);
    share.keep(spot, count);
  }

  void keepAll(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      int left = share.available[spot] - share.kept[spot];
      if (left > 0) {
        int fits = Math.min(left, room.copies(share.there.node(spot), share.need));
        keep(share, spot, fits);
        later.take(share.there.node(spot), share.need, left - fits);
      }
    }
  }

  boolean keepOneAt(Share share, int spot) {
    boolean fits = room.copies(share.there.node(spot), share.need) > 0;
    if (fits) {
      keep(share, spot, 1);
    }
    return fits;
  }

  boolean keepOne(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      if (share.kept[spot] < share.available[spot] && keepOneAt(share, spot)) {
        return true;
      }
    }
    return false;
  }

  /// What does not stay no longer stands in the way.
  void forget(Share share) {
    for (int spot = 0; spot < share.available.length; spot++) {
      later.take(share.there.node(spot), share.need, share.available[spot] - share.kept[spot]);
    }
  }

  void resume(Share share, Room reserved) {
    for (int spot = 0; spot < share.resumed.length && share.resumesLeft() > 0; spot++) {
      int here = Math.min(share.resumesLeft(), resumable(share, spot, reserved));
      if (here > 0) {
        resume(share, spot, here);
      }
    }
  }

  boolean resumeOne(Share share, Room reserved) {
    for (int spot = 0; spot < share.resumed.length && share.resumesLeft() > 0; spot++) {
      if (resumable(share, spot, reserved) > 0) {
        resume(share, spot, 1);
        return true;
      }
    }
    return false;
  }

  private int resumable(Share share, int spot, Room reserved) {
    int node = share.there.node(spot);
    int paused = share.there.count(spot, ReplicaState.PAUSED) - share.resumed[spot];
    if (paused <= 0 || !snapshot.nodes().get(node).schedulable()) {
      return 0;
    }
    // What it holds while paused is its own already, not somebody else's.
    int own = reserved == nothing ? 0 : 1;
    reserved.take(node, share.pausedNeed, own);
    int fits = room.copies(node, share.need, reserved);
    reserved.take(node, share.pausedNeed, -own);
    return Math.min(paused, fits);
  }

  private void resume(Share share, int spot, int count) {
    int node = share.there.node(spot);
    room.take(node, share.need, count);
    later.take(node, share.pausedNeed, count);
    share.resume(spot, count);
  }

  /// Keeps paused what may stay paused and has room; the others no longer stand in the way.
  void retain(Share share) {
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

  /// Starts up to `most` on the best node: of those with free room the fullest (best fit keeps
  /// large room for large replicas), else the one where the fewest have to give way.
  boolean startSome(Share share, Room reserved, int most) {
    return reserved == nothing
        ? startWithVictims(share, false)
        : startInFreeRoom(share, reserved, reserved == later ? openings() : allNodes(), most);
  }

  private boolean startInFreeRoom(Share share, Room reserved, int[] among, int most) {
    int best = -1;
    int bestCopies = Integer.MAX_VALUE;
    for (int node : among) {
      int copies = room.copies(node, share.need, reserved);
      if (copies > 0 && copies < bestCopies && snapshot.admits(node, share.spec.id())) {
        best = node;
        bestCopies = copies;
      }
    }
    if (best >= 0) {
      start(share, best, Math.min(most, bestCopies));
    }
    return best >= 0;
  }

  /// Starts one that is to be paused once it is ready. Where only as many are kept as memory
  /// allows, others give way to it with their processor, not with their memory.
  boolean warmUp(Share share) {
    return startWithVictims(share, share.spec.standby().expected());
  }

  private boolean startWithVictims(Share share, boolean inFreeMemory) {
    int best = -1;
    long bestCost = Long.MAX_VALUE;
    for (int node = 0; node < room.nodes() && bestCost > ONE_OF_THE_LOWEST; node++) {
      if (room.copies(node, share.need) > 0
          && snapshot.admits(node, share.spec.id())
          && (!inFreeMemory || room.copies(node, share.pausedNeed, later) > 0)) {
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
}
