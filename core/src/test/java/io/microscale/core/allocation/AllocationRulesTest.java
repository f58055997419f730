package io.microscale.core.allocation;

import static io.microscale.core.allocation.Pools.NOW;
import static io.microscale.core.allocation.Pools.grant;
import static io.microscale.core.allocation.Pools.granted;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// The rules of allocation, each by its number in the design.
class AllocationRulesTest {
  private static final Node TEN = Node.of("n", Resources.slots(10));

  private static ServiceSpec.Builder web() {
    return ServiceSpec.named("web").priority(100).replicas(0, 10);
  }

  private static ServiceSpec.Builder batch() {
    return ServiceSpec.named("batch").priority(10).replicas(0, 10).remainder();
  }

  @Test
  @DisplayName("rule 1: minimums first, then claims by priority, the remainder last")
  void minimumsThenClaimsThenRemainder() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(web(), 7)
            .service(ServiceSpec.named("api").priority(50).replicas(2, 10), 6)
            .service(batch(), 0)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(7);
    assertThat(granted(allocation, "api")).isEqualTo(3);
    assertThat(granted(allocation, "batch")).isZero();
  }

  @Test
  @DisplayName("rule 1: a missing minimum of a low priority comes before a high claim")
  void missingMinimumComesBeforeHigherClaim() {
    var allocation =
        new Pools().node(TEN).service(web(), 10).service(batch().replicas(2, 10), 0).allocate();
    assertThat(granted(allocation, "web")).isEqualTo(8);
    assertThat(granted(allocation, "batch")).isEqualTo(2);
  }

  @Test
  @DisplayName("rule 1: inside one priority, weighted max-min over the dominant resource")
  void weightedMaxMinOverTheDominantResource() {
    // The example of the DRF paper: <1 CPU, 4 GB> and <3 CPU, 1 GB> on <9 CPU, 18 GB> get 3 and 2.
    var allocation =
        new Pools()
            .node(Node.of("n", Resources.cpuAndMemory(9000, 18)))
            .service(
                ServiceSpec.named("a").replicas(0, 9).resources(Resources.cpuAndMemory(1000, 4)), 9)
            .service(
                ServiceSpec.named("b").replicas(0, 9).resources(Resources.cpuAndMemory(3000, 1)), 9)
            .allocate();
    assertThat(granted(allocation, "a")).isEqualTo(3);
    assertThat(granted(allocation, "b")).isEqualTo(2);
  }

  @Test
  @DisplayName(
      "rule 1: weight 3 gets three times what weight 1 gets, and what one does not claim goes on")
  void weightsAndSlack() {
    var one = ServiceSpec.named("one").replicas(0, 10);
    var three = ServiceSpec.named("three").replicas(0, 10).weight(3);
    var tight =
        new Pools().node(Node.of("n", Resources.slots(8))).service(one, 10).service(three, 10);
    assertThat(granted(tight.allocate(), "one")).isEqualTo(2);
    assertThat(granted(tight.allocate(), "three")).isEqualTo(6);
    var modest =
        new Pools().node(Node.of("n", Resources.slots(8))).service(one, 10).service(three, 1);
    assertThat(granted(modest.allocate(), "one")).isEqualTo(7);
  }

  @Test
  @DisplayName("rule 2: nothing is reclaimed for the same priority, however unfair that is")
  void samePriorityKeepsWhatItHas() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(ServiceSpec.named("a").replicas(0, 10), 10)
            .service(ServiceSpec.named("b").replicas(0, 10), 5)
            .has(10, "a", "n", ReplicaState.RUNNING)
            .allocate();
    assertThat(granted(allocation, "a")).isEqualTo(10);
    assertThat(granted(allocation, "b")).isZero();
  }

  @Test
  @DisplayName("rule 2: a minimum of a lower priority does not push out a claim of a higher one")
  void lowerMinimumWaits() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(web(), 10)
            .service(batch().replicas(2, 10), 0)
            .has(10, "web", "n", ReplicaState.RUNNING)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(10);
    assertThat(granted(allocation, "batch")).isZero();
  }

  @Test
  @DisplayName("rule 2: the batch floor holds against a higher claim")
  void floorHolds() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(web(), 10)
            .service(batch().replicas(3, 10), 0)
            .has(10, "batch", "n", ReplicaState.RUNNING)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(7);
    assertThat(granted(allocation, "batch")).isEqualTo(3);
  }

  @Test
  @DisplayName("rule 3: four single CPUs on four nodes do not make room for a replica of four")
  void scatteredRoomIsNoRoom() {
    var pools = new Pools();
    for (int i = 0; i < 4; i++) {
      pools.node(Node.of("n" + i, Resources.cpuAndMemory(1000, 8)));
    }
    var allocation =
        pools
            .service(
                ServiceSpec.named("big")
                    .priority(100)
                    .replicas(0, 1)
                    .resources(Resources.cpuAndMemory(4000, 1)),
                1)
            .service(batch().resources(Resources.cpuAndMemory(1000, 1)), 0)
            .has(4, "batch", "n0", ReplicaState.PAUSED)
            .allocate();
    assertThat(granted(allocation, "big")).isZero();
    assertThat(grant(allocation, "big").reason())
        .contains("no node has as much as one replica needs");
    // What cannot be used must not lie idle for it.
    assertThat(granted(allocation, "batch")).isEqualTo(4);
  }

  @Test
  @DisplayName("rule 3: room is taken on the node where the fewest have to give way")
  void victimsWhereTheRoomIsOfUse() {
    var pools =
        new Pools()
            .node(Node.of("full", Resources.cpuAndMemory(4000, 100)))
            .node(Node.of("half", Resources.cpuAndMemory(4000, 100)))
            .service(
                ServiceSpec.named("big")
                    .priority(100)
                    .replicas(0, 1)
                    .resources(Resources.cpuAndMemory(3000, 1)),
                1)
            .service(batch().resources(Resources.cpuAndMemory(1000, 1)).replicas(0, 6), 0)
            .has(4, "batch", "full", ReplicaState.RUNNING)
            .has(2, "batch", "half", ReplicaState.RUNNING);
    var allocation = pools.allocate();
    assertThat(granted(allocation, "big")).isEqualTo(1);
    int big = pools.pool().services().getFirst().id().value().equals("big") ? 0 : 1;
    assertThat(allocation.placements().get(big).spots())
        .singleElement()
        .satisfies(
            spot ->
                assertThat(pools.snapshot().nodes().get(spot.node()).id())
                    .isEqualTo(new NodeId("half")));
    assertThat(granted(allocation, "batch")).isEqualTo(5);
  }

  @Test
  @DisplayName("rule 3: nothing is started on a drained node, and what runs there stays")
  void drainedNode() {
    var allocation =
        new Pools()
            .node(new Node(new NodeId("drained"), Resources.slots(10), false))
            .node(Node.of("n", Resources.slots(2)))
            .service(web(), 6)
            .has(3, "web", "drained", ReplicaState.RUNNING)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(5);
  }

  @Test
  @DisplayName("rule 4: a young replica is not a victim until its minRuntime is over, then it is")
  void youngReplicasAreProtected() {
    var young = batch().minRuntime(Duration.ofSeconds(30));
    var pools =
        new Pools()
            .node(Node.of("n", Resources.slots(2)))
            .service(web(), 2)
            .service(young, 0)
            .has("batch", "n", ReplicaState.RUNNING, NOW.minusSeconds(29))
            .has("batch", "n", ReplicaState.RUNNING, NOW.minusSeconds(31));
    assertThat(granted(pools.allocate(), "web")).isEqualTo(1);
    assertThat(pools.allocate().wakeAt()).contains(NOW.plusSeconds(1));
  }

  @Test
  @DisplayName("rule 5: memory of paused replicas counts, their processor does not")
  void pausedHoldMemoryOnly() {
    var one = Resources.cpuAndMemory(1000, 1);
    var allocation =
        new Pools()
            .node(Node.of("n", Resources.cpuAndMemory(4000, 6)))
            .service(ServiceSpec.named("web").priority(100).replicas(0, 4).resources(one), 3)
            .service(batch().resources(one).reclaim(Reclaim.PAUSE, Reclaim.STOP), 0)
            .has(4, "batch", "n", ReplicaState.PAUSED)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(3);
    assertThat(granted(allocation, "batch")).isEqualTo(1);
    var spot = allocation.placements().get(1).spots().getFirst();
    assertThat(spot.resume()).isEqualTo(1);
    assertThat(spot.retain()).as("6 of memory less 3 of web and 1 resumed").isEqualTo(2);
  }

  @Test
  @DisplayName("standby is warmed up a quarter at a time and never counts as demand")
  void standbyIsWarmedUpInSteps() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(4), 3)
            .has(3, "web", "n", ReplicaState.RUNNING)
            .allocate();
    assertThat(granted(allocation, "web")).isEqualTo(4);
    assertThat(grant(allocation, "web").reason()).contains("1 more to warm up as standby");
  }

  @Test
  @DisplayName("rule 8: every grant below its claim says why")
  void reasons() {
    var allocation =
        new Pools()
            .node(TEN)
            .service(web(), 8)
            .service(ServiceSpec.named("api").priority(50).replicas(0, 10), 6)
            .service(batch(), 0)
            .allocate();
    assertThat(grant(allocation, "web").reason()).isEqualTo("gets what it claims");
    assertThat(grant(allocation, "api").reason()).contains("gets 2 of 6").contains("web");
    assertThat(grant(allocation, "batch").reason()).contains("what is left");
  }

  @Test
  @DisplayName("rule 5: standby that follows what is expected takes processor, but no memory")
  void expectedStandbyTakesNoMemory() {
    var web =
        web()
            .resources(Resources.cpuAndMemory(1000, 10))
            .reclaim(Reclaim.PAUSE, Reclaim.STOP)
            .standby(Standby.auto(4));
    var pausing =
        batch().resources(Resources.cpuAndMemory(1000, 10)).reclaim(Reclaim.PAUSE, Reclaim.STOP);
    var roomy =
        new Pools()
            .node(Node.of("n", Resources.cpuAndMemory(4000, 50)))
            .service(web, 2)
            .service(pausing, 0)
            .has(2, "web", "n", ReplicaState.RUNNING)
            .has(2, "batch", "n", ReplicaState.RUNNING);
    assertThat(granted(roomy.allocate(), "web")).as("10 of memory are free").isEqualTo(3);
    var full =
        new Pools()
            .node(Node.of("n", Resources.cpuAndMemory(4000, 49)))
            .service(web, 2)
            .service(pausing, 0)
            .has(2, "web", "n", ReplicaState.RUNNING)
            .has(2, "batch", "n", ReplicaState.RUNNING);
    assertThat(granted(full.allocate(), "web")).as("9 are").isEqualTo(2);
    var fixed =
        new Pools()
            .node(Node.of("n", Resources.cpuAndMemory(4000, 49)))
            .service(web.standby(4), 2)
            .service(pausing, 0)
            .has(2, "web", "n", ReplicaState.RUNNING)
            .has(2, "batch", "n", ReplicaState.RUNNING);
    assertThat(granted(fixed.allocate(), "web")).as("a number that was set").isEqualTo(3);
  }
}
