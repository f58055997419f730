package io.microscale.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final List<ReplicaState> STATES = List.of(ReplicaState.values());
  private static final ServiceId WEB = new ServiceId("web");

  static LongStream seeds() {
    return LongStream.range(0, 100);
  }

  private static void refused(String what, ThrowingCallable make) {
    assertThatThrownBy(make)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("got");
  }

  // Names.

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "web-2",
        "0",
        "a123456789012345678901234567890123456789012345678901234567890bc"
      })
  void serviceNamesAreDnsLabels(String name) {
    assertThat(new ServiceId(name)).hasToString(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-a",
        "a-",
        "A",
        "a_b",
        "a.b",
        "ä",
        "a b",
        "a\n",
        "a123456789012345678901234567890123456789012345678901234567890bcd"
      })
  void otherServiceNamesAreRefused(String name) {
    refused("service name: need a DNS label", () -> new ServiceId(name));
  }

  @Test
  void replicaAndNodeNamesAreBounded() {
    assertThat(new NodeId("a".repeat(253)).value()).hasSize(253);
    refused("node name", () -> new NodeId("a".repeat(254)));
    refused("replica name", () -> new ReplicaId(" "));
  }

  // Services.

  private static ServiceSpec.Builder web() {
    return ServiceSpec.named("web");
  }

  @Test
  void impossibleServicesAreRefusedByNameRuleAndValue() {
    refused("web: need 0 <= min <= max, got min=3 max=2", web().replicas(3, 2)::build);
    refused("web: need 0 <= min <= max", web().replicas(-1, 2)::build);
    refused("weight", web().weight(0)::build);
    refused("weight", web().weight(Double.NaN)::build);
    refused("weight", web().weight(Double.POSITIVE_INFINITY)::build);
    refused("resources", web().resources(Resources.NONE)::build);
    refused("resources", web().resources(Resources.of(Map.of("cpu", 0L)))::build);
    refused("standby", web().standby(-1)::build);
    refused("standby", web().standby(11).reclaim(Reclaim.PAUSE, Reclaim.STOP)::build);
    refused("standby: needs pause", web().standby(1)::build);
    refused("hold", web().hold(Duration.ofNanos(-1))::build);
    refused("minRuntime", web().minRuntime(Duration.ofNanos(-1))::build);
    refused("fallback.replicas", web().fallback(Duration.ofSeconds(1), 11)::build);
    refused("fallback.replicas", () -> web().fallback(Duration.ofSeconds(1), -1));
    refused("fallback.after", () -> web().fallback(Duration.ZERO, 1));
  }

  @Test
  void reclaimLadderEndsWithStopAndClimbsDown() {
    refused("reclaim", web().reclaim()::build);
    refused("reclaim", web().reclaim(Reclaim.PAUSE)::build);
    refused("reclaim", web().reclaim(Reclaim.STOP, Reclaim.PAUSE)::build);
    refused("reclaim", web().reclaim(Reclaim.PAUSE, Reclaim.PAUSE, Reclaim.STOP)::build);
    refused("throttled", web().reclaim(Reclaim.THROTTLE, Reclaim.STOP)::build);
    refused("throttled", web().throttled(Resources.slots(1))::build);
    refused(
        "throttled: need at most resources",
        web().reclaim(Reclaim.THROTTLE, Reclaim.STOP).throttled(Resources.slots(2))::build);
    var spec =
        web()
            .resources(Resources.cpuAndMemory(1_000, 64))
            .reclaim(Reclaim.THROTTLE, Reclaim.PAUSE, Reclaim.STOP)
            .throttled(Resources.of(Map.of("cpu", 100L)))
            .build();
    assertThat(spec.throttledResources()).isEqualTo(Resources.cpuAndMemory(100, 64));
  }

  @Test
  void timesThatWouldOverflowAreRefused() {
    var forever = Duration.ofSeconds(Long.MAX_VALUE);
    refused("hold", web().hold(forever)::build);
    refused("minRuntime", web().minRuntime(forever)::build);
    refused("fallback.after", () -> web().fallback(forever, 1));
    var services = List.of(web().build());
    refused(
        "pool.actionDeadline",
        () -> new PoolSpec("p", services, OptionalInt.empty(), 1, forever, Duration.ofSeconds(1)));
    refused(
        "pool.resync",
        () -> new PoolSpec("p", services, OptionalInt.empty(), 1, Duration.ofSeconds(1), forever));
  }

  // The pool.

  @Test
  void servicesAreServedByPriorityThenByName() {
    var pool =
        PoolSpec.of(
            "pool",
            List.of(
                ServiceSpec.named("b").priority(1).build(),
                ServiceSpec.named("rest").priority(0).remainder().build(),
                ServiceSpec.named("a").priority(1).build(),
                ServiceSpec.named("z").priority(9).build()));
    assertThat(pool.services())
        .extracting(s -> s.id().value())
        .containsExactly("z", "a", "b", "rest");
  }

  @Test
  void impossiblePoolsAreRefused() {
    var web = web().build();
    refused("services: need at least one", () -> PoolSpec.of("p", List.of()));
    refused("'web' twice", () -> PoolSpec.of("p", List.of(web, web)));
    refused("pool.name", () -> PoolSpec.of("P", List.of(web)));
    refused(
        "rest: a remainder service needs a priority below",
        () -> PoolSpec.of("p", List.of(web, ServiceSpec.named("rest").remainder().build())));
    refused("pool.stopsPerMinute", () -> PoolSpec.of("p", List.of(web)).stopsPerMinute(-1));
    var second = Duration.ofSeconds(1);
    refused(
        "pool.actionsInFlight",
        () -> new PoolSpec("p", List.of(web), OptionalInt.empty(), 0, second, second));
    refused(
        "pool.actionDeadline",
        () -> new PoolSpec("p", List.of(web), OptionalInt.empty(), 1, Duration.ZERO, second));
    refused(
        "pool.resync",
        () -> new PoolSpec("p", List.of(web), OptionalInt.empty(), 1, second, Duration.ZERO));
  }

  // Resources.

  @Test
  void absentResourceIsZero() {
    var some = Resources.of(Map.of("cpu", 500L, "gpu", 0L));
    assertThat(some).isEqualTo(Resources.of(Map.of("cpu", 500L)));
    assertThat(some.hashCode()).isEqualTo(Resources.of(Map.of("cpu", 500L)).hashCode());
    assertThat(some.get("memory")).isZero();
    refused("resource 'cpu'", () -> Resources.of(Map.of("cpu", -1L)));
    refused("resource ' '", () -> Resources.of(Map.of(" ", 1L)));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void resourcesAddUp(long seed) {
    var random = new SplittableRandom(seed);
    var a = drawn(random);
    var b = drawn(random);
    assertThat(a.plus(b)).isEqualTo(b.plus(a));
    assertThat(a.plus(b).minus(b)).isEqualTo(a);
    assertThat(a.times(3)).isEqualTo(a.plus(a).plus(a));
    assertThat(a.fitsIn(a.plus(b))).isTrue();
    assertThat(a.fitsIn(b)).isEqualTo(b.minus(a).equals(b.minus(a).positivePart()));
    assertThat(a.cappedTo(b).fitsIn(a)).isTrue();
    assertThat(a.cappedTo(b).fitsIn(b)).isTrue();
    assertThat(a.heldWhilePaused().fitsIn(a)).isTrue();
    assertThat(a.heldWhilePaused().get("cpu") + a.heldWhilePaused().get("slots")).isZero();
    double share = a.dominantShare(a.plus(b).plus(Resources.of(Map.of("cpu", 1L))));
    assertThat(share).isBetween(0.0, 1.0);
  }

  private static Resources drawn(SplittableRandom random) {
    var amounts = new TreeMap<String, Long>();
    for (var name : List.of("cpu", "memory", "slots", "gpu")) {
      if (random.nextBoolean()) {
        amounts.put(name, (long) random.nextInt(5));
      }
    }
    return Resources.of(amounts);
  }

  @Test
  void resourcesReadAsPeopleWriteThem() {
    assertThat(Resources.cpuAndMemory(1_500, 256 << 20)).hasToString("cpu=1500m memory=256Mi");
    assertThat(Resources.cpuAndMemory(2_000, 5)).hasToString("cpu=2 memory=5");
    assertThat(Resources.NONE).hasToString("nothing");
  }

  // Replicas and snapshots.

  private static Replica replica(String id, String node, ReplicaState state) {
    return Replica.of(
        new ReplicaId(id), WEB, new NodeId(node), state, Resources.cpuAndMemory(1_000, 64), NOW);
  }

  @Test
  void pausedReplicaHoldsItsMemory() {
    var running = replica("a", "n1", ReplicaState.RUNNING);
    assertThat(running.holds()).isEqualTo(Resources.cpuAndMemory(1_000, 64));
    var paused = running.in(ReplicaState.PAUSED);
    assertThat(paused.holds()).isEqualTo(Resources.of(Map.of("memory", 64L)));
    assertThat(paused.stopping().holds()).isEqualTo(Resources.of(Map.of("memory", 64L)));
    assertThat(running.stopping().holds()).isEqualTo(Resources.cpuAndMemory(1_000, 64));
  }

  @Test
  void workAtRiskIsWhatWasDoneSinceTheLastSave() {
    var busy =
        new Replica(
            new ReplicaId("a"),
            WEB,
            new NodeId("n1"),
            ReplicaState.RUNNING,
            Resources.slots(1),
            Optional.empty(),
            NOW,
            NOW.plusSeconds(40),
            false);
    assertThat(busy.workAtRisk(NOW.plusSeconds(50))).isEqualTo(Duration.ofSeconds(10));
    assertThat(busy.workAtRisk(NOW)).isZero();
    var idle =
        new Replica(
            busy.id(),
            WEB,
            busy.node(),
            busy.state(),
            busy.resources(),
            Optional.empty(),
            NOW,
            NOW,
            true);
    assertThat(idle.workAtRisk(NOW.plusSeconds(50))).isZero();
  }

  @Test
  void victimsAreFirstThoseWhoLoseLeast() {
    var starting = replica("z", "n1", ReplicaState.STARTING);
    var old = replica("a", "n1", ReplicaState.RUNNING);
    var young =
        Replica.of(
            new ReplicaId("c"),
            WEB,
            new NodeId("n1"),
            ReplicaState.RUNNING,
            old.resources(),
            NOW.plusSeconds(5));
    var idle =
        new Replica(
            new ReplicaId("d"),
            WEB,
            old.node(),
            ReplicaState.RUNNING,
            old.resources(),
            Optional.empty(),
            NOW,
            NOW,
            true);
    var twin = replica("b", "n1", ReplicaState.RUNNING);
    var saved =
        new Replica(
            new ReplicaId("0"),
            WEB,
            old.node(),
            ReplicaState.RUNNING,
            old.resources(),
            Optional.empty(),
            NOW,
            NOW.plusSeconds(60),
            false);
    var all = new ArrayList<>(List.of(old, twin, young, saved, idle, starting));
    all.sort(VictimOrder.at(NOW.plusSeconds(60)));
    assertThat(all).containsExactly(starting, idle, saved, young, old, twin);
  }

  @Test
  void impossibleSnapshotsAreRefused() {
    var node = Node.of("n1", Resources.slots(1));
    var replica = replica("a", "n1", ReplicaState.RUNNING);
    refused("'n1' twice", () -> Snapshot.of(NOW, List.of(node, node), List.of()));
    refused("'a' twice", () -> Snapshot.of(NOW, List.of(node), List.of(replica, replica)));
    refused(
        "got 'n2'",
        () -> Snapshot.of(NOW, List.of(node), List.of(replica("a", "n2", replica.state()))));
  }

  @Test
  void editOfNodesTakesThoseOfTheSnapshotOnly() {
    var one = Node.of("n1", Resources.slots(1));
    var edit = Snapshot.of(NOW, List.of(one), List.of()).edit();
    assertThatThrownBy(() -> edit.nodes(List.of())).hasMessageContaining("nodes: need those");
    assertThatThrownBy(() -> edit.nodes(List.of(Node.of("n2", Resources.slots(1)))))
        .hasMessageContaining("n2");
    assertThat(edit.nodes(List.of(Node.of("n1", Resources.slots(2)))).at(NOW).free(0))
        .isEqualTo(Resources.slots(2));
  }

  /// Counts and sums that are kept up to date, against those made anew.
  @ParameterizedTest
  @MethodSource("seeds")
  void editedSnapshotIsTheOneMadeAnew(long seed) {
    var random = new SplittableRandom(seed);
    var nodes = new ArrayList<Node>();
    for (int i = 0; i < 3; i++) {
      nodes.add(Node.of("n" + i, Resources.cpuAndMemory(4_000, 1_000)));
    }
    var truth = new TreeMap<ReplicaId, Replica>();
    var snapshot = Snapshot.of(NOW, nodes, List.of());
    for (int i = 0; i < 60; i++) {
      var before = snapshot;
      var text = before.toString();
      var edit = snapshot.edit();
      if (random.nextInt(5) == 0) {
        int changed = random.nextInt(nodes.size());
        var room = Resources.cpuAndMemory(1_000 + random.nextInt(4_000), 1_000);
        nodes.set(changed, Node.of("n" + changed, room));
        edit.nodes(List.of(nodes.get(2), nodes.get(0), nodes.get(1)));
      }
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        var id = new ReplicaId("r" + random.nextInt(8));
        if (random.nextInt(3) == 0) {
          truth.remove(id);
          edit.remove(WEB, id);
        } else {
          var state = STATES.get(random.nextInt(4));
          var replica = replica(id.value(), "n" + random.nextInt(3), state);
          truth.put(id, replica);
          edit.put(replica);
        }
      }
      snapshot = edit.at(NOW.plusSeconds(i));
      var anew = Snapshot.of(NOW.plusSeconds(i), nodes, truth.values());
      assertThat(snapshot).isEqualTo(anew);
      for (int n = 0; n < 3; n++) {
        assertThat(snapshot.held(n)).isEqualTo(anew.held(n));
        assertThat(snapshot.free(n).plus(snapshot.held(n))).isEqualTo(nodes.get(n).capacity());
      }
      assertCounts(snapshot.of(WEB), truth);
      assertThat(before).as("the one that was edited").hasToString(text);
    }
  }

  private static void assertCounts(ServiceReplicas counted, Map<ReplicaId, Replica> truth) {
    for (var state : STATES) {
      long expected = truth.values().stream().filter(r -> r.state() == state).count();
      long total =
          switch (state) {
            case STARTING -> counted.starting();
            case RUNNING -> counted.running();
            case PAUSED -> counted.paused();
            case STOPPING -> counted.stopping();
          };
      assertThat(total).isEqualTo(expected);
      int onNodes = 0;
      for (int spot = 0; spot < counted.spots(); spot++) {
        onNodes += counted.count(spot, state);
        assertThat(counted.spotOf(counted.node(spot))).isEqualTo(spot);
      }
      assertThat(onNodes).isEqualTo((int) expected);
    }
    truth.forEach((id, replica) -> assertThat(counted.find(id)).contains(replica));
    assertThat(counted.find(new ReplicaId("r9"))).isEqualTo(Optional.empty());
  }
}
