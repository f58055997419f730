package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;

/// Makes passes over a made-up pool, so that the first real one finds its code loaded and compiled:
/// an engine is most often started, or restarted, when a decision is due. It costs a few hundredths
/// of a second before the first pass and spares the first passes tenths.
final class Rehearsal {
  private static final Instant START = Instant.EPOCH;
  private static final NodeId NODE = new NodeId("rehearsal");

  private final ServiceSpec web =
      ServiceSpec.named("web")
          .priority(1)
          .replicas(1, 8)
          .hold(Duration.ofMillis(20))
          .reclaim(Reclaim.PAUSE, Reclaim.STOP)
          .standby(2)
          .build();
  private final ServiceSpec batch =
      ServiceSpec.named("batch")
          .replicas(0, 8)
          .remainder()
          .reclaim(Reclaim.PAUSE, Reclaim.STOP)
          .build();
  private final PoolSpec pool = PoolSpec.of("rehearsal", List.of(web, batch));
  private Pass.Memory memory = Pass.Memory.of("r");
  private Snapshot snapshot =
      Snapshot.of(START, List.of(new Node(NODE, Resources.slots(8), true)), List.of());

  private Rehearsal() {}

  static void play(int passes) {
    var rehearsal = new Rehearsal();
    for (int i = 0; i < passes; i++) {
      rehearsal.pass(START.plusMillis(10L * i), i % 16 < 8 ? i % 8 : 3);
    }
  }

  private void pass(Instant now, int demand) {
    var result =
        Pass.decide(
            new Pass.Input(
                pool,
                snapshot.edit().at(now),
                Map.of(web.id(), new Reading.Value(demand, now)),
                Map.of(),
                EnumSet.complementOf(EnumSet.of(Ability.SCALES)),
                memory,
                now));
    var edit = snapshot.edit();
    var ledger = result.memory().ledger();
    for (var step : result.plan().steps()) {
      ledger = ledger.accepted(step.action(), now);
      apply(edit, step.action(), now);
    }
    memory = result.memory().with(ledger);
    var next = edit.at(now);
    SnapshotChanges.between(snapshot, next);
    snapshot = next;
  }

  private void apply(Snapshot.Edit edit, Action action, Instant now) {
    var replica = snapshot.of(action.service()).find(new ReplicaId(action.subject()));
    switch (action) {
      case Action.Start(var service, var id, var node, var resources) ->
          edit.put(Replica.of(id, service, node, ReplicaState.RUNNING, resources, now));
      case Action.Stop(var service, var id) -> edit.remove(service, id);
      case Action.Pause _ -> replica.ifPresent(r -> edit.put(r.in(ReplicaState.PAUSED)));
      case Action.Resume _ -> replica.ifPresent(r -> edit.put(r.in(ReplicaState.RUNNING)));
      case Action.Resize(_, _, var resources) ->
          replica.ifPresent(r -> edit.put(r.using(resources)));
      case Action.Scale _ -> throw new IllegalStateException("not declared: " + action);
    }
  }
}
