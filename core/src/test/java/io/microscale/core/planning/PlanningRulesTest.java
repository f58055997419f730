package io.microscale.core.planning;

import static io.microscale.core.allocation.Pools.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.allocation.Allocator;
import io.microscale.core.allocation.Pools;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Victims, the ladder, room and budgets, each by the number of its rule in the design.
class PlanningRulesTest {
  private static final Set<Ability> ALL =
      EnumSet.of(Ability.PAUSES, Ability.RESIZES, Ability.PICKS_VICTIMS);
  private static final Resources ONE = Resources.cpuAndMemory(1000, 10);

  private static ServiceSpec.Builder web() {
    return ServiceSpec.named("web").priority(100).replicas(0, 10);
  }

  private static ServiceSpec.Builder batch() {
    return ServiceSpec.named("batch").priority(10).replicas(0, 10).remainder();
  }

  private static Node slots(int slots) {
    return Node.of("n", Resources.slots(slots));
  }

  private static Plan plan(Pools pools) {
    return plan(pools, pools.pool(), Ledger.EMPTY, Retries.NONE, PlanMemory.of("r"), ALL).plan();
  }

  private static Planner.Result plan(
      Pools pools,
      PoolSpec pool,
      Ledger ledger,
      Retries retries,
      PlanMemory memory,
      Set<Ability> abilities) {
    var observed = pools.snapshot();
    var intended = ledger.intended(observed, Set.of(), NOW);
    var allocation = Allocator.allocate(pool, pools.claims(), observed, intended, NOW);
    return Planner.plan(
        new Planner.Situation(
            pool,
            observed,
            intended,
            ledger,
            retries,
            allocation,
            abilities,
            memory,
            Pace.of(64),
            NOW));
  }

  private static List<String> verbs(Plan plan) {
    return plan.steps().stream().map(s -> s.action().verb() + " " + s.action().subject()).toList();
  }

  private static Replica batchReplica(String id, ReplicaState state, Duration saved, boolean idle) {
    return new Replica(
        new ReplicaId(id),
        new ServiceId("batch"),
        new NodeId("n"),
        state,
        Resources.slots(1),
        Optional.empty(),
        NOW.minusSeconds(600),
        NOW.minus(saved),
        idle);
  }

  @Test
  @DisplayName(
      "rule 4: not yet ready, then idle, then the least work at risk; never more than the gap needs")
  void victimsInOrder() {
    var order = List.of("starting", "idle", "fresh", "middle", "old");
    for (int gap = 1; gap <= 5; gap++) {
      var pools =
          new Pools()
              .node(slots(5))
              .service(web(), gap)
              .service(batch(), 0)
              .has(batchReplica("old", ReplicaState.RUNNING, Duration.ofSeconds(50), false))
              .has(batchReplica("fresh", ReplicaState.RUNNING, Duration.ofSeconds(1), false))
              .has(batchReplica("idle", ReplicaState.RUNNING, Duration.ofSeconds(90), true))
              .has(batchReplica("starting", ReplicaState.STARTING, Duration.ofSeconds(90), false))
              .has(batchReplica("middle", ReplicaState.RUNNING, Duration.ofSeconds(20), false));
      assertThat(verbs(plan(pools)))
          .as("gap %d", gap)
          .containsExactlyInAnyOrderElementsOf(
              order.subList(0, gap).stream().map(id -> "stop " + id).toList());
    }
  }

  @Test
  @DisplayName("rule 4: the stop budget bounds churn and says until when")
  void stopBudget() {
    var pools =
        new Pools()
            .node(slots(4))
            .service(web(), 3)
            .service(batch(), 0)
            .has(4, "batch", "n", ReplicaState.RUNNING);
    var used = PlanMemory.of("r").stopped(NOW.minusSeconds(50));
    var result = plan(pools, pools.pool().stopsPerMinute(2), Ledger.EMPTY, Retries.NONE, used, ALL);
    assertThat(result.plan().steps()).hasSize(1);
    assertThat(result.plan().waiting())
        .anySatisfy(
            w -> {
              assertThat(w.reason()).contains("stop budget of 2 a minute");
              assertThat(w.until()).contains(NOW.plusSeconds(10));
            });
  }

  @Test
  @DisplayName("rule 4: minRuntime forbids the stop, not the pause")
  void youngReplicasMayBePaused() {
    var pools =
        new Pools()
            .node(slots(1))
            .service(web(), 1)
            .service(
                batch().minRuntime(Duration.ofMinutes(5)).reclaim(Reclaim.PAUSE, Reclaim.STOP), 0)
            .has("batch", "n", ReplicaState.RUNNING, NOW.minusSeconds(1));
    assertThat(verbs(plan(pools))).containsExactly("pause batch-0");
  }

  @Test
  @DisplayName("rule 5: the cheapest rung that frees what is short: throttle for a little CPU")
  void throttleWhereItIsEnough() {
    var pools = ladder(Resources.cpuAndMemory(1700, 10), 100);
    assertThat(verbs(plan(pools))).containsExactly("resize batch-0", "resize batch-1");
  }

  @Test
  @DisplayName(
      "rule 5: pause where throttling all is not enough, and no needless throttling beside it")
  void pauseWhereThrottlingIsNotEnough() {
    var pools = ladder(Resources.cpuAndMemory(4000, 10), 100);
    assertThat(verbs(plan(pools)))
        .containsExactlyInAnyOrder(
            "pause batch-0", "pause batch-1", "pause batch-2", "pause batch-3");
  }

  @Test
  @DisplayName("rule 5: stop where memory is short")
  void stopWhereMemoryIsShort() {
    var pools = ladder(Resources.cpuAndMemory(100, 15), 40);
    assertThat(verbs(plan(pools))).containsExactly("stop batch-0", "stop batch-1");
  }

  private static Pools ladder(Resources need, long memory) {
    return new Pools()
        .node(Node.of("n", Resources.cpuAndMemory(4000, memory)))
        .service(web().resources(need).replicas(0, 1), 1)
        .service(
            batch()
                .resources(ONE)
                .reclaim(Reclaim.THROTTLE, Reclaim.PAUSE, Reclaim.STOP)
                .throttled(Resources.of(Map.of(Resources.CPU, 100L))),
            0)
        .has(4, "batch", "n", ReplicaState.RUNNING);
  }

  @Test
  @DisplayName("rule 5: what the orchestrator cannot do is skipped on the ladder")
  void laddersSkipMissingAbilities() {
    var pools = ladder(Resources.cpuAndMemory(1000, 10), 100);
    var result =
        plan(pools, pools.pool(), Ledger.EMPTY, Retries.NONE, PlanMemory.of("r"), Set.of());
    assertThat(verbs(result.plan())).containsExactly("stop batch-0");
  }

  @Test
  @DisplayName("rule 5: resume before starting anew, and give a throttled one its CPU back")
  void resumeBeforeStart() {
    var pools =
        new Pools()
            .node(slots(3))
            .service(web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(1), 2)
            .has(1, "web", "n", ReplicaState.PAUSED);
    var verbs = verbs(plan(pools));
    assertThat(verbs.getFirst()).isEqualTo("resume web-0");
    assertThat(verbs.get(1)).startsWith("start web-r-");
  }

  @Test
  @DisplayName("rule 6: what is released is kept as standby up to its number, the rest stops")
  void releasedBecomesStandby() {
    var pools =
        new Pools()
            .node(slots(10))
            .service(web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(2), 1)
            .has(5, "web", "n", ReplicaState.RUNNING);
    assertThat(verbs(plan(pools)).stream().map(v -> v.split(" ", 2)[0]))
        .containsExactlyInAnyOrder("pause", "pause", "stop", "stop");
  }

  @Test
  @DisplayName("room is used when it is free: a start waits for the room that victims give up")
  void startsWaitForRoom() {
    var pools =
        new Pools()
            .node(slots(2))
            .service(web(), 2)
            .service(batch().reclaim(Reclaim.PAUSE, Reclaim.STOP), 0)
            .has(2, "batch", "n", ReplicaState.RUNNING);
    var plan = plan(pools);
    assertThat(verbs(plan)).containsExactlyInAnyOrder("pause batch-0", "pause batch-1");
    assertThat(plan.steps())
        .allMatch(s -> s.inFavourOf().equals(Optional.of(new ServiceId("web"))));

    // The pauses are in flight: nothing more is taken, nothing is started.
    var ledger = Ledger.EMPTY;
    for (var step : plan.steps()) {
      ledger = ledger.asked(step.action(), NOW);
    }
    var next = plan(pools, pools.pool(), ledger, Retries.NONE, PlanMemory.of("r"), ALL).plan();
    assertThat(next.steps()).isEmpty();
    assertThat(next.waiting()).anyMatch(w -> w.reason().equals("for room that is being freed"));
  }

  @Test
  @DisplayName("what is released in this plan is room that is being freed")
  void releasedRoomIsWaitedFor() {
    var pools =
        new Pools()
            .node(slots(4))
            .service(web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(2), 2)
            .service(batch().reclaim(Reclaim.PAUSE, Reclaim.STOP), 0)
            .has(4, "web", "n", ReplicaState.RUNNING)
            .has(2, "batch", "n", ReplicaState.PAUSED);
    var plan = plan(pools);
    assertThat(plan.steps()).allMatch(s -> s.action() instanceof Action.Pause).hasSize(2);
    assertThat(plan.waiting())
        .anyMatch(w -> w.replicas() == 2 && w.reason().equals("for room that is being freed"));
  }

  @Test
  @DisplayName("a victim that would not pause is stopped instead of asked for ever")
  void failedRungIsSkipped() {
    var pools =
        new Pools()
            .node(slots(1))
            .service(web(), 1)
            .service(batch().reclaim(Reclaim.PAUSE, Reclaim.STOP), 0)
            .has(1, "batch", "n", ReplicaState.RUNNING);
    var pause = new Action.Pause(new ServiceId("batch"), new ReplicaId("batch-0"));
    var retries = Retries.NONE.failed(pause, "frozen already", NOW);
    assertThat(
            verbs(plan(pools, pools.pool(), Ledger.EMPTY, retries, PlanMemory.of("r"), ALL).plan()))
        .containsExactly("stop batch-0");
  }

  @Test
  @DisplayName("a failed start backs its service off: 100 ms, doubling, at most 30 s")
  void startsBackOff() {
    var start =
        new Action.Start(
            new ServiceId("web"), new ReplicaId("web-1"), new NodeId("n"), Resources.slots(1));
    var retries = Retries.NONE;
    Instant now = NOW;
    for (long millis :
        new long[] {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000}) {
      retries = retries.failed(start, "no such file", now);
      var backoff = retries.backoffs(Map.of(), now).get(new ServiceId("web"));
      assertThat(backoff).isNotNull();
      assertThat(Duration.between(now, backoff.until())).hasMillis(millis);
      assertThat(backoff.reason()).contains("no such file");
      now = backoff.until();
    }
    assertThat(retries.succeeded(start).backoffs(Map.of(), NOW)).isEmpty();
  }

  @Test
  @DisplayName("no more actions than may be in flight, the time-critical growth first")
  void actionsInFlightAreBounded() {
    var pools = new Pools().node(slots(10)).service(web(), 4).service(batch(), 0);
    var pool =
        new PoolSpec(
            "p",
            pools.pool().services(),
            java.util.OptionalInt.empty(),
            3,
            Duration.ofSeconds(30),
            Duration.ofSeconds(10));
    var plan = plan(pools, pool, Ledger.EMPTY, Retries.NONE, PlanMemory.of("r"), ALL).plan();
    assertThat(plan.steps()).hasSize(3).allMatch(s -> s.action().service().value().equals("web"));
    assertThat(plan.waiting()).anyMatch(w -> w.reason().contains("no more than 3 actions at once"));
  }

  @Test
  void anActionThatMayHaveBeenDoneStaysInFlightUntilItShows() {
    var start =
        new Action.Start(
            new ServiceId("web"), new ReplicaId("web-1"), new NodeId("n"), Resources.slots(1));
    var ledger = Ledger.EMPTY.asked(start, NOW).accepted(start, NOW);
    var empty = new Pools().node(slots(1)).service(web(), 1).snapshot();
    assertThat(ledger.seen(empty, false).size()).isEqualTo(1);
    assertThat(ledger.seen(empty, true).size())
        .as("a snapshot that shows own writes proves it is over")
        .isZero();
    assertThat(ledger.overdue(NOW.plusSeconds(30), Duration.ofSeconds(30))).hasSize(1);
  }
}
