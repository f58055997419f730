package io.microscale.core.allocation;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Node;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// An oracle that shares no code with the allocator: it tries every possible division of small
/// pools. Each seed stands for 500 pools.
class AllocatorOracleTest {
  private static final int POOLS = 500;

  private record Wanted(String name, int priority, int weight, int claim, int existing) {}

  private static List<Wanted> someServices(SplittableRandom random) {
    var services = new ArrayList<Wanted>();
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      services.add(
          new Wanted(
              "s" + i,
              10 * random.nextInt(3),
              1 + random.nextInt(3),
              random.nextInt(6),
              random.nextInt(4)));
    }
    return services;
  }

  private static Pools pools(List<Wanted> services, List<Node> nodes) {
    var pools = new Pools();
    nodes.forEach(pools::node);
    for (var s : services) {
      pools.service(
          ServiceSpec.named(s.name).priority(s.priority).weight(s.weight).replicas(0, 6), s.claim);
    }
    return pools;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void agreesWithEveryDivisionOfSlots(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < POOLS; n++) {
      var services = someServices(random);
      int capacity = random.nextInt(12);
      var pools = pools(services, List.of(Node.of("n", Resources.slots(capacity))));
      int placed = 0;
      var existing = new int[services.size()];
      for (int i = 0; i < services.size(); i++) {
        existing[i] = Math.min(services.get(i).existing, capacity - placed);
        placed += existing[i];
        pools.has(existing[i], services.get(i).name, "n", ReplicaState.RUNNING);
      }
      var allocation = pools.allocate();
      int left = capacity;
      for (int priority = 20; priority >= 0; priority -= 10) {
        left -= check(services, existing, priority, left, allocation);
      }
    }
  }

  /// One priority at a time: as many as possible of those that exist stay, then as many as possible
  /// are added, both as equal as weights allow.
  private static int check(
      List<Wanted> services, int[] existing, int priority, int room, Allocation allocation) {
    var group = new ArrayList<Integer>();
    for (int i = 0; i < services.size(); i++) {
      if (services.get(i).priority == priority) {
        group.add(i);
      }
    }
    var best = new int[2];
    enumerate(services, existing, group, 0, room, new int[2], best);
    var granted = group.stream().map(i -> Pools.granted(allocation, services.get(i).name)).toList();
    int kept = 0;
    int total = 0;
    for (int k = 0; k < group.size(); k++) {
      kept += Math.min(granted.get(k), keepable(services, existing, group.get(k)));
      total += granted.get(k);
    }
    var story =
        "%s, existing %s, room %d: %s"
            .formatted(services, java.util.Arrays.toString(existing), room, allocation.grants());
    assertThat(kept).as("kept; " + story).isEqualTo(best[0]);
    assertThat(total).as("granted; " + story).isEqualTo(best[1]);
    for (int a = 0; a < group.size(); a++) {
      for (int b = 0; b < group.size(); b++) {
        var poor = services.get(group.get(a));
        var rich = services.get(group.get(b));
        int keepRich = keepable(services, existing, group.get(b));
        int keepPoor = keepable(services, existing, group.get(a));
        boolean bothLose =
            granted.get(a) < keepPoor && granted.get(b) > 0 && granted.get(b) <= keepRich;
        boolean bothGrow =
            granted.get(a) < poor.claim && granted.get(a) >= keepPoor && granted.get(b) > keepRich;
        if (bothLose || bothGrow) {
          assertThat(granted.get(a) / (double) poor.weight)
              .as("%s has less than %s would without its last; %s", poor, rich, story)
              .isGreaterThanOrEqualTo((granted.get(b) - 1) / (double) rich.weight - 1e-9);
        }
      }
    }
    return total;
  }

  private static int keepable(List<Wanted> services, int[] existing, int i) {
    return Math.min(existing[i], services.get(i).claim);
  }

  private static void enumerate(
      List<Wanted> services,
      int[] existing,
      List<Integer> group,
      int k,
      int room,
      int[] now,
      int[] best) {
    if (k == group.size()) {
      if (now[0] > best[0] || (now[0] == best[0] && now[1] > best[1])) {
        best[0] = now[0];
        best[1] = now[1];
      }
      return;
    }
    int i = group.get(k);
    for (int g = 0; g <= Math.min(room, services.get(i).claim); g++) {
      int keeps = Math.min(g, keepable(services, existing, i));
      enumerate(
          services, existing, group, k + 1, room - g, new int[] {now[0] + keeps, now[1] + g}, best);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void wastesNothingOnNodesWithVectorsAndReclaimsOnlyForHigherPriorities(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < POOLS; n++) {
      var pools = vectorPools(random, -1, 4);
      checkPacking(pools);
    }
  }

  private static Pools vectorPools(SplittableRandom random, int moreOfThis, int mostNodes) {
    var pools = new Pools();
    int nodes = 1 + random.nextInt(mostNodes);
    var room = new ArrayList<Resources>();
    for (int i = 0; i < nodes; i++) {
      var capacity =
          Resources.cpuAndMemory(500L * (1 + random.nextInt(10)), 1 + random.nextInt(10));
      pools.node(Node.of("n" + i, capacity));
      room.add(capacity);
    }
    int count = 1 + random.nextInt(4);
    for (int i = 0; i < count; i++) {
      var need = Resources.cpuAndMemory(500L * (1 + random.nextInt(4)), 1 + random.nextInt(4));
      boolean pauses = random.nextBoolean();
      int claim = random.nextInt(7);
      pools.service(
          ServiceSpec.named("s" + i)
              .priority(10 * random.nextInt(4))
              .replicas(0, 8)
              .resources(need)
              .reclaim(
                  pauses
                      ? new Reclaim[] {Reclaim.PAUSE, Reclaim.STOP}
                      : new Reclaim[] {Reclaim.STOP}),
          i == moreOfThis ? claim + 1 : claim);
      int existing = random.nextInt(5);
      for (int e = 0; e < existing; e++) {
        int node = random.nextInt(nodes);
        boolean paused = pauses && random.nextInt(3) == 0;
        var holds = paused ? need.heldWhilePaused() : need;
        if (holds.fitsIn(room.get(node))) {
          room.set(node, room.get(node).minus(holds));
          pools.has(1, "s" + i, "n" + node, paused ? ReplicaState.PAUSED : ReplicaState.RUNNING);
        }
      }
    }
    return pools;
  }

  private static void checkPacking(Pools pools) {
    var pool = pools.pool();
    var snapshot = pools.snapshot();
    var allocation = pools.allocate();
    var story = pool + "\n" + snapshot + "\n" + allocation;
    int size = snapshot.nodes().size();
    var free = new Resources[size];
    var asIsFree = new Resources[size];
    for (int node = 0; node < size; node++) {
      free[node] = snapshot.nodes().get(node).capacity();
      asIsFree[node] = snapshot.free(node);
    }
    for (int i = 0; i < pool.services().size(); i++) {
      var spec = pool.services().get(i);
      var there = snapshot.of(spec.id());
      var placement = allocation.placements().get(i);
      if (placement.asIs()) {
        there
            .replicas()
            .forEach(
                r ->
                    free[snapshot.indexOf(r.node())] =
                        free[snapshot.indexOf(r.node())].minus(r.holds()));
        continue;
      }
      for (var spot : placement.spots()) {
        int active = spot.keep() + spot.resume() + spot.start();
        free[spot.node()] =
            free[spot.node()]
                .minus(spec.resources().times(active))
                .minus(spec.resources().heldWhilePaused().times(spot.retain()));
      }
    }
    for (int node = 0; node < size; node++) {
      assertThat(
              Resources.NONE.fitsIn(free[node])
                  && free[node].asMap().values().stream().allMatch(v -> v >= 0))
          .as("node %d is not overfull; %s", node, story)
          .isTrue();
      for (int i = 0; i < pool.services().size(); i++) {
        var grant = allocation.grants().get(i);
        var spec = pool.services().get(i);
        boolean couldStart = snapshot.of(spec.id()).kept() < spec.max();
        if (grant.granted() < grant.claimed()
            && couldStart
            && snapshot.of(spec.id()).paused() == 0) {
          assertThat(spec.resources().fitsIn(free[node]))
              .as("%s is owed more and node %d has room for it; %s", grant, node, story)
              .isFalse();
        }
      }
    }
    for (int i = 0; i < pool.services().size(); i++) {
      var spec = pool.services().get(i);
      var placement = allocation.placements().get(i);
      for (var spot : placement.spots()) {
        int spotIndex = snapshot.of(spec.id()).spotOf(spot.node());
        long released =
            placement.released().stream()
                .filter(r -> snapshot.indexOf(r.node()) == spot.node())
                .count();
        long lost =
            (spotIndex < 0 ? 0 : snapshot.of(spec.id()).active(spotIndex)) - released - spot.keep();
        if (lost > 0) {
          boolean forHigher = false;
          for (int h = 0; h < pool.services().size(); h++) {
            forHigher |=
                pool.services().get(h).priority() > spec.priority()
                    && allocation.placements().get(h).spots().stream()
                        .anyMatch(
                            s ->
                                s.node() == spot.node() && s.resume() + s.start() + s.retain() > 0);
          }
          assertThat(forHigher)
              .as(
                  "%s loses %d on node %d only to a higher priority; %s",
                  spec.id(), lost, spot.node(), story)
              .isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void moreDemandNeverGivesFewer(long seed) {
    assertThat(fewerForMore(seed, 1)).isEmpty();
  }

  /// On several nodes with vectors every packing that is not exhaustive has anomalies (Graham
  /// 1969); they must stay rare and small.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void moreDemandGivesFewerOnlyInRareAnomaliesOfPacking(long seed) {
    assertThat(fewerForMore(seed, 4))
        .hasSizeLessThanOrEqualTo(POOLS * 4 / 500)
        .allMatch(loss -> loss == 1);
  }

  private static List<Integer> fewerForMore(long seed, int mostNodes) {
    var random = new SplittableRandom(seed);
    var losses = new ArrayList<Integer>();
    for (int n = 0; n < POOLS; n++) {
      long pool = random.nextLong();
      var less = vectorPools(new SplittableRandom(pool), -1, mostNodes);
      for (int which = 0; which < less.pool().services().size(); which++) {
        var more = vectorPools(new SplittableRandom(pool), which, mostNodes);
        var name = "s" + which;
        int loss = Pools.granted(less.allocate(), name) - Pools.granted(more.allocate(), name);
        if (loss > 0) {
          losses.add(loss);
        }
      }
    }
    return losses;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theHighestPriorityGetsAllThatFits(long seed) {
    var random = new SplittableRandom(seed);
    for (int n = 0; n < POOLS; n++) {
      var need = Resources.cpuAndMemory(500L * (1 + random.nextInt(4)), 1 + random.nextInt(4));
      var pools = new Pools();
      int fits = 0;
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        long cpu = 500L * random.nextInt(12);
        long memory = random.nextInt(12);
        pools.node(Node.of("n" + i, Resources.cpuAndMemory(cpu, memory)));
        fits += (int) Math.min(cpu / need.get(Resources.CPU), memory / need.get(Resources.MEMORY));
      }
      int claim = random.nextInt(12);
      pools
          .service(ServiceSpec.named("web").priority(9).replicas(0, 12).resources(need), claim)
          .service(
              ServiceSpec.named("batch")
                  .replicas(0, 50)
                  .remainder()
                  .resources(Resources.cpuAndMemory(500, 1)),
              0);
      assertThat(Pools.granted(pools.allocate(), "web")).isEqualTo(Math.min(claim, fits));
    }
  }
}
