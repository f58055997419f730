package io.microscale.core.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Pass;
import io.microscale.core.model.Backoff;
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
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Plans for an orchestrator that is told numbers and victims.
class NumbersTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Resources FULL = Resources.cpuAndMemory(200, 100);
  private static final Resources FLOOR = Resources.cpuAndMemory(10, 100);

  private ServiceSpec web =
      ServiceSpec.named("web").priority(100).replicas(0, 20).resources(FULL).build();
  private ServiceSpec batch =
      ServiceSpec.named("batch").replicas(0, 20).resources(FULL).remainder().build();

  private final List<Node> nodes = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final Map<ServiceId, Integer> desired = new HashMap<>();
  private final Map<ServiceId, Backoff> backoffs = new HashMap<>();
  private final Map<ServiceId, Reading> readings = new HashMap<>();
  private final Set<Ability> abilities =
      EnumSet.of(Ability.SCALES, Ability.PICKS_VICTIMS, Ability.QUEUES_WHEN_FULL);
  private Optional<Integer> stopsPerMinute = Optional.empty();
  private Pace pace = Pace.UNKNOWN;

  private NumbersTest node(String name, long milliCpu) {
    nodes.add(Node.of(name, Resources.cpuAndMemory(milliCpu, 1_000_000)));
    return this;
  }

  private NumbersTest there(ServiceSpec spec, String node, int count, ReplicaState state) {
    for (int i = 0; i < count; i++) {
      replicas.add(
          new Replica(
              new ReplicaId("%s.%02d".formatted(spec.id(), replicas.size())),
              spec.id(),
              new NodeId(node),
              state,
              spec.resources(),
              spec.whilePaused(),
              NOW.minusSeconds(60),
              NOW.minusSeconds(60),
              false));
    }
    if (state != ReplicaState.STOPPING) {
      desired.merge(spec.id(), count, Integer::sum);
    }
    return this;
  }

  private NumbersTest demand(int replicasWanted) {
    readings.put(web.id(), new Reading.Value(replicasWanted, NOW));
    return this;
  }

  private NumbersTest pauses() {
    abilities.add(Ability.PAUSES);
    web =
        ServiceSpec.named("web")
            .priority(100)
            .replicas(0, 20)
            .resources(FULL)
            .reclaim(Reclaim.PAUSE, Reclaim.STOP)
            .whilePaused(FLOOR)
            .standby(8)
            .build();
    return this;
  }

  private NumbersTest throttles() {
    abilities.add(Ability.RESIZES);
    batch =
        ServiceSpec.named("batch")
            .replicas(0, 20)
            .resources(FULL)
            .remainder()
            .reclaim(Reclaim.THROTTLE, Reclaim.STOP)
            .throttled(FLOOR)
            .build();
    return this;
  }

  private Plan plan() {
    var memory = Pass.Memory.of("r");
    return plan(new Pass.Memory(
            memory.claims(),
            memory.plan(),
            memory.ledger(),
            memory.retries(),
            pace,
            memory.readyTimes()))
        .plan();
  }

  private Pass.Result plan(Pass.Memory memory) {
    var pool = PoolSpec.of("p", List.of(web, batch));
    return Pass.decide(
        new Pass.Input(
            stopsPerMinute.map(pool::stopsPerMinute).orElse(pool),
            Snapshot.of(NOW, nodes, replicas, new Standings(backoffs, desired, Map.of())),
            readings,
            Map.of(),
            abilities,
            memory,
            NOW));
  }

  private static List<Action> actions(Plan plan) {
    return plan.steps().stream().map(Step::action).toList();
  }

  private List<ReplicaId> named(ServiceSpec spec, int count) {
    return replicas.stream()
        .filter(r -> r.service().equals(spec.id()))
        .map(Replica::id)
        .limit(count)
        .toList();
  }

  @Test
  @DisplayName("the whole rise is asked for early, and just those go that the gap needs")
  void victimsAreNamed() {
    node("n", 2000)
        .there(web, "n", 2, ReplicaState.RUNNING)
        .there(batch, "n", 8, ReplicaState.RUNNING)
        .demand(6);
    var plan = plan();
    assertThat(actions(plan))
        .containsExactly(
            new Action.Scale(web.id(), 6), new Action.Scale(batch.id(), 4, named(batch, 4)));
    assertThat(plan.steps().getLast().inFavourOf()).contains(web.id());
    assertThat(plan.steps().getLast().reason()).startsWith("4 go;").contains("gives room to web");
  }

  @Test
  @DisplayName("victims are those on the nodes where the room is of use")
  void victimsAreWhereTheyHelp() {
    node("a", 400).node("b", 400).there(batch, "a", 2, ReplicaState.RUNNING).demand(3);
    there(batch, "b", 1, ReplicaState.RUNNING);
    var plan = plan();
    assertThat(actions(plan)).hasSize(2).contains(new Action.Scale(web.id(), 3));
    assertThat(plan.steps().getLast().action()).isInstanceOf(Action.Scale.class);
    var fall = (Action.Scale) plan.steps().getLast().action();
    assertThat(fall.replicas()).isEqualTo(1);
    assertThat(fall.victims()).hasSize(2);
  }

  @Test
  @DisplayName("batch is throttled and standby resumed; nobody is stopped or started")
  void ladder() {
    pauses().throttles();
    node("n", 2080)
        .there(web, "n", 2, ReplicaState.RUNNING)
        .there(web, "n", 8, ReplicaState.PAUSED)
        .there(batch, "n", 8, ReplicaState.RUNNING)
        .demand(10);
    pace = Pace.of(16);
    var together = actions(plan());
    assertThat(together).hasSize(16);
    for (int i = 0; i < 16; i += 2) {
      assertThat(together.get(i)).isInstanceOf(Action.Resize.class);
      assertThat(together.get(i + 1)).as("grows into it").isInstanceOf(Action.Resume.class);
    }

    replicas.replaceAll(r -> r.service().equals(batch.id()) ? r.using(FLOOR) : r);
    assertThat(actions(plan())).hasSize(8).allMatch(Action.Resume.class::isInstance);
  }

  @Test
  @DisplayName("what was asked for before there was room gets other victims if the first fail")
  void asPromised() {
    pauses().throttles();
    node("n", 400 + 10)
        .there(web, "n", 1, ReplicaState.RUNNING)
        .there(web, "n", 1, ReplicaState.PAUSED)
        .there(batch, "n", 1, ReplicaState.RUNNING)
        .demand(2);
    var first = plan(Pass.Memory.of("r"));
    var throttle = new Action.Resize(batch.id(), named(batch, 1).get(0), FLOOR);
    var resume = new Action.Resume(web.id(), named(web, 2).get(1));
    assertThat(actions(first.plan())).containsExactly(throttle, resume);

    var failed = first.memory();
    var again =
        plan(
            new Pass.Memory(
                failed.claims(),
                failed.plan(),
                failed.ledger().without(throttle),
                failed.retries().failed(throttle, "infeasible", NOW),
                failed.pace(),
                failed.readyTimes()));
    assertThat(actions(again.plan()))
        .containsExactly(new Action.Scale(batch.id(), 0, named(batch, 1)));
  }

  @Test
  @DisplayName("more are throttled, also of those that keep their place, before one is stopped")
  void throttlesMoreBeforeItStops() {
    throttles();
    pace = Pace.of(16);
    node("n", 1000).there(web, "n", 1, ReplicaState.RUNNING).demand(3);
    there(batch, "n", 4, ReplicaState.RUNNING);
    assertThat(actions(plan()))
        .containsExactly(
            new Action.Scale(web.id(), 3),
            new Action.Resize(batch.id(), named(batch, 4).get(0), FLOOR),
            new Action.Resize(batch.id(), named(batch, 4).get(1), FLOOR),
            new Action.Resize(batch.id(), named(batch, 4).get(2), FLOOR));
  }

  @Test
  @DisplayName("one that is paused keeps what a paused one keeps, and needs the rest to resume")
  void pausedKeepsSome() {
    pauses();
    node("n", 209).there(web, "n", 1, ReplicaState.PAUSED).demand(1);
    assertThat(actions(plan())).containsExactly(new Action.Resume(web.id(), named(web, 1).get(0)));
    nodes.clear();
    node("n", 199);
    assertThat(actions(plan())).noneMatch(Action.Resume.class::isInstance);
  }

  @Test
  @DisplayName("who has been told to go is not told again, and holds its room until it is gone")
  void excessIsLeaving() {
    node("n", 2000)
        .there(web, "n", 2, ReplicaState.RUNNING)
        .there(batch, "n", 8, ReplicaState.RUNNING)
        .demand(6);
    desired.put(web.id(), 6);
    desired.put(batch.id(), 4);
    assertThat(actions(plan())).isEmpty();
  }

  @Test
  @DisplayName("what was asked for and is no longer wanted is taken back, and nobody else stops")
  void takenBack() {
    node("n", 2000)
        .there(web, "n", 2, ReplicaState.RUNNING)
        .there(batch, "n", 8, ReplicaState.RUNNING)
        .demand(2);
    desired.put(web.id(), 10);
    assertThat(actions(plan())).containsExactly(new Action.Scale(web.id(), 2));
  }

  @Test
  @DisplayName("what waits in the queue keeps waiting and takes the room that comes")
  void queued() {
    node("n", 2000)
        .there(web, "n", 2, ReplicaState.RUNNING)
        .there(batch, "n", 4, ReplicaState.RUNNING)
        .there(batch, "n", 4, ReplicaState.STOPPING)
        .demand(6);
    desired.put(web.id(), 6);
    assertThat(actions(plan())).isEmpty();
  }

  @Test
  @DisplayName("one number at a time is asked of a service")
  void oneAtATime() {
    node("n", 4000).there(web, "n", 2, ReplicaState.RUNNING).demand(6);
    desired.put(batch.id(), 0);
    var first = plan(Pass.Memory.of("r"));
    assertThat(actions(first.plan())).contains(new Action.Scale(web.id(), 6));
    demand(8);
    assertThat(actions(plan(first.memory()).plan())).noneMatch(a -> a.service().equals(web.id()));
  }

  @Test
  @DisplayName("the stop budget bounds what is taken for others")
  void budget() {
    stopsPerMinute = Optional.of(2);
    node("n", 2000).there(batch, "n", 10, ReplicaState.RUNNING).demand(5);
    var result = plan(Pass.Memory.of("r"));
    assertThat(actions(result.plan())).contains(new Action.Scale(batch.id(), 8, named(batch, 2)));
    assertThat(result.memory().plan().stops()).hasSize(2);
    assertThat(result.plan().waiting()).anyMatch(w -> w.reason().contains("stop budget of 2"));
  }

  @Test
  @DisplayName("a service that backs off keeps what it was promised and is promised no more")
  void backoff() {
    node("n", 2000).there(web, "n", 2, ReplicaState.RUNNING).demand(6);
    desired.put(web.id(), 4);
    desired.put(batch.id(), 0);
    backoffs.put(web.id(), new Backoff(NOW.plusSeconds(1), "images cannot be pulled"));
    assertThat(actions(plan())).noneMatch(a -> a.service().equals(web.id()));
  }

  @Test
  @DisplayName("a scale that failed is not asked for again before its time")
  void failed() {
    node("n", 2000).there(web, "n", 2, ReplicaState.RUNNING).demand(6);
    desired.put(batch.id(), 0);
    var retries = Retries.NONE.failed(new Action.Scale(web.id(), 6), "conflict", NOW);
    var memory = Pass.Memory.of("r");
    var result =
        plan(
            new Pass.Memory(
                memory.claims(),
                memory.plan(),
                memory.ledger(),
                retries,
                memory.pace(),
                memory.readyTimes()));
    assertThat(actions(result.plan())).noneMatch(a -> a.service().equals(web.id()));
    assertThat(result.plan().waiting())
        .anyMatch(w -> w.reason().equals("the last scale of it failed"));
    assertThat(result.wakeAt()).contains(NOW.plus(Duration.ofMillis(100)));
  }
}
