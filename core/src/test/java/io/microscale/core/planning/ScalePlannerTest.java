package io.microscale.core.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.loop.Pass;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ScalePlannerTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ServiceSpec WEB =
      ServiceSpec.named("web").priority(100).replicas(0, 20).build();
  private static final ServiceSpec API =
      ServiceSpec.named("api").priority(50).replicas(0, 20).build();
  private static final ServiceSpec BATCH =
      ServiceSpec.named("batch").replicas(0, 20).remainder().build();
  private static final PoolSpec POOL = PoolSpec.of("p", List.of(WEB, API, BATCH));

  private final List<Node> nodes = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final Map<ServiceId, Integer> desired = new HashMap<>();
  private final Map<ServiceId, Backoff> backoffs = new HashMap<>();
  private final Map<ServiceId, Set<NodeId>> barred = new HashMap<>();
  private final Map<ServiceId, Reading> readings = new HashMap<>();
  private final Set<Ability> abilities = EnumSet.of(Ability.SCALES);
  private PoolSpec pool = POOL;

  private ScalePlannerTest node(String name, long slots) {
    nodes.add(Node.of(name, Resources.slots(slots)));
    return this;
  }

  private ScalePlannerTest there(ServiceSpec spec, String node, int count, ReplicaState state) {
    for (int i = 0; i < count; i++) {
      replicas.add(
          Replica.of(
              new ReplicaId(spec.id() + "." + replicas.size()),
              spec.id(),
              new NodeId(node),
              state,
              spec.resources(),
              NOW.minusSeconds(60)));
    }
    if (state != ReplicaState.STOPPING) {
      desired.merge(spec.id(), count, Integer::sum);
    }
    return this;
  }

  private ScalePlannerTest demand(ServiceSpec spec, int replicasWanted) {
    readings.put(spec.id(), new Reading.Value(replicasWanted, NOW));
    return this;
  }

  private Plan plan() {
    return plan(Pass.Memory.of("r")).plan();
  }

  private Pass.Result plan(Pass.Memory memory) {
    return Pass.decide(
        new Pass.Input(
            pool,
            Snapshot.of(NOW, nodes, replicas, new Standings(backoffs, desired, barred)),
            readings,
            Map.<ServiceId, ManualOverride>of(),
            abilities,
            memory,
            NOW));
  }

  private static List<Action> actions(Plan plan) {
    return plan.steps().stream().map(Step::action).toList();
  }

  private static Action scale(ServiceSpec spec, int replicas) {
    return new Action.Scale(spec.id(), replicas);
  }

  @Test
  @DisplayName("without a queue a rise waits for the room that a fall makes")
  void risesIntoFreeRoomOnly() {
    node("n", 10)
        .there(WEB, "n", 2, ReplicaState.RUNNING)
        .there(BATCH, "n", 7, ReplicaState.RUNNING)
        .demand(WEB, 6)
        .demand(API, 0);
    var plan = plan();
    assertThat(actions(plan)).containsExactly(scale(WEB, 3), scale(BATCH, 4));
    assertThat(plan.steps().getLast().inFavourOf()).contains(WEB.id());
    assertThat(plan.waiting()).anyMatch(w -> w.service().equals(WEB.id()) && w.replicas() == 3);
  }

  @Test
  @DisplayName("with a queue the whole rise is asked for early")
  void asksEarlyWhereItQueues() {
    abilities.add(Ability.QUEUES_WHEN_FULL);
    node("n", 10)
        .there(WEB, "n", 2, ReplicaState.RUNNING)
        .there(BATCH, "n", 8, ReplicaState.RUNNING)
        .demand(WEB, 6)
        .demand(API, 0);
    assertThat(actions(plan())).containsExactly(scale(WEB, 6), scale(BATCH, 4));
  }

  @Test
  @DisplayName("while a higher priority waits in the queue, nobody else is put into it")
  void onlyTheHighestThatIsShortQueues() {
    abilities.add(Ability.QUEUES_WHEN_FULL);
    node("n", 10).there(BATCH, "n", 10, ReplicaState.RUNNING).demand(WEB, 3).demand(API, 3);
    var plan = plan();
    assertThat(actions(plan)).containsExactly(scale(WEB, 3), scale(BATCH, 4));
    assertThat(plan.waiting()).anyMatch(w -> w.service().equals(API.id()) && w.replicas() == 3);
  }

  @Test
  @DisplayName("room that is promised already is not promised again")
  void whatIsComingKeepsItsRoom() {
    node("n", 10).there(WEB, "n", 2, ReplicaState.RUNNING).demand(WEB, 2).demand(API, 0);
    desired.put(BATCH.id(), 8); // asked for, nothing of it shows yet
    assertThat(actions(plan())).isEmpty();
    demand(WEB, 4);
    assertThat(actions(plan())).containsExactly(scale(BATCH, 6));
  }

  @Test
  @DisplayName("what is stopping holds its room until it is gone")
  void stoppingHoldsRoom() {
    node("n", 4).there(BATCH, "n", 4, ReplicaState.STOPPING).demand(WEB, 4).demand(API, 0);
    assertThat(actions(plan())).isEmpty();
  }

  @Test
  @DisplayName("a node on which a service may not run is no room for it")
  void barredNodesDoNotCount() {
    node("a", 4).node("b", 4).demand(WEB, 8).demand(API, 0);
    barred.put(WEB.id(), Set.of(new NodeId("b")));
    assertThat(actions(plan())).contains(scale(WEB, 4)).doesNotContain(scale(WEB, 8));
  }

  @Test
  @DisplayName("a service that is being updated by others is neither raised nor cut without need")
  void backoffHolds() {
    node("n", 10).there(WEB, "n", 2, ReplicaState.RUNNING).demand(WEB, 6).demand(API, 0);
    desired.put(WEB.id(), 4);
    backoffs.put(WEB.id(), new Backoff(NOW.plusSeconds(1), "is being updated"));
    assertThat(actions(plan())).noneMatch(a -> a.service().equals(WEB.id()));
  }

  @Test
  @DisplayName("the stop budget bounds what is taken for others, not what is given back")
  void budget() {
    pool = POOL.stopsPerMinute(2);
    node("n", 10).there(BATCH, "n", 10, ReplicaState.RUNNING).demand(WEB, 5).demand(API, 0);
    var result = plan(Pass.Memory.of("r"));
    assertThat(actions(result.plan())).containsExactly(scale(BATCH, 8));
    assertThat(result.memory().plan().stops()).hasSize(2);
    assertThat(result.plan().waiting()).anyMatch(w -> w.reason().contains("stop budget of 2"));

    replicas.clear();
    desired.clear();
    there(WEB, "n", 5, ReplicaState.RUNNING).demand(WEB, 0);
    assertThat(actions(plan())).contains(scale(WEB, 0));
  }

  @Test
  @DisplayName("a service is asked for one number at a time")
  void oneAtATime() {
    node("n", 10).there(WEB, "n", 2, ReplicaState.RUNNING).demand(WEB, 6).demand(API, 0);
    var first = plan(Pass.Memory.of("r"));
    assertThat(actions(first.plan())).contains(scale(WEB, 6));
    demand(WEB, 8);
    assertThat(actions(plan(first.memory()).plan())).isEmpty();
  }

  @Test
  @DisplayName("what waits for a lost node's room is taken back")
  void lostNode() {
    node("a", 4)
        .there(WEB, "a", 2, ReplicaState.RUNNING)
        .there(BATCH, "a", 2, ReplicaState.RUNNING)
        .demand(WEB, 4)
        .demand(API, 0);
    desired.put(WEB.id(), 4);
    desired.put(BATCH.id(), 4);
    assertThat(actions(plan())).containsExactly(scale(BATCH, 0));
  }
}
