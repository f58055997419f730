package io.microscale.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every [Orchestrator] must do. Each adapter has one subclass, named `XxxOrchestratorTest`.
///
/// Each declared [Ability] is checked, and each that is not declared must be refused with the kind
/// `UNSUPPORTED`. See [OrchestratorRig] for what the subclass provides.
public abstract class OrchestratorContract extends OrchestratorRig {
  private static final int MANY = 6;

  private Orchestrator with(Ability ability) {
    var orchestrator = opened();
    assumeTrue(orchestrator.abilities().contains(ability), () -> ability + " is not declared");
    return orchestrator;
  }

  private Orchestrator without(Ability... abilities) {
    var orchestrator = opened();
    for (var ability : abilities) {
      assumeFalse(orchestrator.abilities().contains(ability), () -> ability + " is declared");
    }
    return orchestrator;
  }

  // Starting and stopping.

  @Test
  final void startedReplicaBecomesRunning() {
    var orchestrator = opened();
    var id = running(orchestrator);
    var replica = find(orchestrator, id).orElseThrow();
    assertThat(replica.service()).isEqualTo(WEB);
    assertThat(replica.resources()).isEqualTo(resources());
    assertThat(replica.savedAt()).isAfterOrEqualTo(replica.started());
    assertThat(orchestrator.observe().of(WEB).running()).isEqualTo(1);
  }

  @Test
  final void replicaIsStartedWhereItWasTold() {
    assumeTrue(placesWhereTold());
    var orchestrator = without(Ability.SCALES);
    var start = startOf(orchestrator, WEB);
    orchestrator.perform(start);
    awaitState(orchestrator, start.replica(), ReplicaState.RUNNING);
    assertThat(find(orchestrator, start.replica()).map(Replica::node)).contains(start.node());
  }

  @Test
  final void startedTwiceIsOneReplica() {
    var orchestrator = without(Ability.SCALES);
    var start = startOf(orchestrator, WEB);
    orchestrator.perform(start);
    orchestrator.perform(start);
    awaitState(orchestrator, start.replica(), ReplicaState.RUNNING);
    var before = find(orchestrator, start.replica()).orElseThrow();

    orchestrator.perform(start);

    // One more replica, so that whatever the repeated start did has had its time.
    running(orchestrator);
    assertThat(orchestrator.observe().replicas()).hasSize(2);
    assertThat(find(orchestrator, start.replica())).contains(before);
  }

  @Test
  final void stoppedReplicaDisappears() {
    var orchestrator = opened();
    var replica = running(orchestrator);
    stop(orchestrator, WEB, replica);
    awaitGone(orchestrator, replica);
    assertThat(orchestrator.observe().replicas()).isEmpty();
  }

  @Test
  final void stoppedTwiceIsStoppedOnce() {
    var orchestrator = without(Ability.SCALES);
    var replica = running(orchestrator);
    var other = running(orchestrator);
    orchestrator.perform(new Action.Stop(WEB, replica));
    orchestrator.perform(new Action.Stop(WEB, replica));
    await("one of two", () -> orchestrator.observe().replicas().size() == 1);
    orchestrator.perform(new Action.Stop(WEB, replica));
    running(orchestrator);
    assertThat(orchestrator.observe().of(WEB).kept()).isEqualTo(2);
    if (orchestrator.abilities().contains(Ability.PICKS_VICTIMS)) {
      assertThat(find(orchestrator, other)).isPresent();
    }
  }

  @Test
  final void stopDuringStartEndsTheReplica() {
    var orchestrator = opened();
    var stopped = started(orchestrator);
    stop(orchestrator, WEB, stopped);
    if (orchestrator.abilities().contains(Ability.SCALES)) {
      // Told of one more at once, it may keep this one.
      awaitGone(orchestrator, stopped);
    }
    // One more, so that what is reported late has been reported.
    running(orchestrator);
    await("one of two", () -> orchestrator.observe().replicas().size() == 1);
    if (orchestrator.abilities().contains(Ability.PICKS_VICTIMS)) {
      assertThat(find(orchestrator, stopped)).isEmpty();
    }
  }

  @Test
  final void stopOfAnUnknownReplicaIsHarmless() {
    var orchestrator = without(Ability.SCALES);
    orchestrator.perform(new Action.Stop(WEB, named(WEB)));
    assertThat(observed(orchestrator).replicas()).isEmpty();
  }

  @Test
  final void stopReachesOnlyTheServiceItNames() {
    var orchestrator = opened();
    var web = running(orchestrator);
    var batch = started(orchestrator, BATCH);
    awaitState(orchestrator, batch, ReplicaState.RUNNING);
    stop(orchestrator, BATCH, batch);
    awaitGone(orchestrator, batch);
    assertThat(find(orchestrator, web).map(Replica::state)).contains(ReplicaState.RUNNING);
  }

  // Refusals.

  @Test
  final void unknownServiceIsRefused() {
    var orchestrator = opened();
    refused(() -> started(orchestrator, NOBODY), Kind.UNKNOWN);
    assertThat(observed(orchestrator).replicas()).isEmpty();
  }

  @Test
  final void unknownNodeIsRefused() {
    assumeTrue(placesWhereTold());
    var orchestrator = with(Ability.REPORTS_NODES);
    assumeFalse(orchestrator.abilities().contains(Ability.SCALES), "SCALES is declared");
    observed(orchestrator);
    var nowhere = new Action.Start(WEB, named(WEB), new NodeId("nowhere"), resources());
    refused(() -> orchestrator.perform(nowhere), Kind.UNKNOWN, Kind.REJECTED);
    assertThat(orchestrator.observe().replicas()).isEmpty();
  }

  @Test
  final void moreThanANodeHasIsRefused() {
    assumeTrue(countsRoom(), "the backend does not count room");
    var orchestrator = without(Ability.QUEUES_WHEN_FULL, Ability.SCALES);
    var snapshot = observed(orchestrator);
    var tooMuch = snapshot.capacity().plus(resources());
    var node = snapshot.nodes().getFirst().id();
    var start = new Action.Start(WEB, named(WEB), node, tooMuch);
    refused(() -> orchestrator.perform(start), Kind.REJECTED);
    assertThat(orchestrator.observe().replicas()).isEmpty();
  }

  @Test
  final void resourceThatNoNodeHasIsRefused() {
    assumeTrue(countsRoom(), "the backend does not count room");
    var orchestrator = without(Ability.QUEUES_WHEN_FULL, Ability.SCALES);
    var node = roomyNode(orchestrator);
    var unicorn = Resources.of(Map.of("unicorns", 1L));
    var start = new Action.Start(WEB, named(WEB), node, unicorn);
    refused(() -> orchestrator.perform(start), Kind.REJECTED);
    assertThat(orchestrator.observe().replicas()).isEmpty();
  }

  @Test
  final void closedOrchestratorRefuses() {
    var orchestrator = opened();
    boolean scales = orchestrator.abilities().contains(Ability.SCALES);
    var action = scales ? new Action.Scale(WEB, 1) : startOf(orchestrator, WEB);
    orchestrator.close();
    orchestrator.close();
    refused(orchestrator::observe, Kind.UNAVAILABLE);
    refused(() -> orchestrator.perform(action), Kind.UNAVAILABLE);
  }

  // Snapshots.

  @Test
  final void snapshotStaysAsItIs() {
    var orchestrator = opened();
    var replica = running(orchestrator);
    var before = orchestrator.observe();
    var text = before.toString();
    stop(orchestrator, WEB, replica);
    awaitGone(orchestrator, replica);
    assertThat(before).hasToString(text);
    assertThat(before.of(WEB).running()).isEqualTo(1);
  }

  @Test
  final void snapshotsNeverGoBackInTime() {
    var orchestrator = opened();
    var last = observed(orchestrator).at();
    started(orchestrator);
    for (int i = 0; i < 50; i++) {
      var next = orchestrator.observe().at();
      assertThat(next).isAfterOrEqualTo(last);
      last = next;
      passTime();
    }
  }

  @Test
  final void observingIsQuick() {
    var orchestrator = opened();
    for (int i = 0; i < MANY; i++) {
      started(orchestrator);
    }
    var nanos = new long[201];
    for (int i = 0; i < nanos.length; i++) {
      long begun = System.nanoTime();
      orchestrator.observe();
      nanos[i] = System.nanoTime() - begun;
    }
    Arrays.sort(nanos);
    assertThat(nanos[nanos.length / 2]).as("median nanoseconds").isLessThan(1_000_000);
  }

  @Test
  final void nodesHaveCapacity() {
    var snapshot = observed(with(Ability.REPORTS_NODES));
    assertThat(snapshot.nodes()).isNotEmpty();
    assertThat(snapshot.nodes()).allMatch(node -> !node.capacity().isZero());
    assertThat(resources().fitsIn(snapshot.capacity())).isTrue();
  }

  @Test
  final void abilitiesStayTheSame() {
    var orchestrator = opened();
    var before = Set.copyOf(orchestrator.abilities());
    running(orchestrator);
    assertThat(orchestrator.abilities()).isEqualTo(before);
  }

  // A backend that is lost, an engine that restarts, others beside it.

  @Test
  final void lostBackendIsUnavailableNotEmpty() {
    var orchestrator = opened();
    var replica = running(orchestrator);
    cutConnection();
    var last = new ArrayList<OrchestratorException>();
    await(
        "observe refuses",
        () -> {
          try {
            var snapshot = orchestrator.observe();
            assertThat(snapshot.of(WEB).find(replica)).as("while it still answers").isPresent();
            return false;
          } catch (OrchestratorException e) {
            return last.add(e);
          }
        });
    assertThat(last.getFirst().kind()).isEqualTo(Kind.UNAVAILABLE);
    boolean scales = orchestrator.abilities().contains(Ability.SCALES);
    var action = scales ? new Action.Scale(WEB, 0) : new Action.Stop(WEB, replica);
    refused(() -> orchestrator.perform(action), Kind.UNAVAILABLE, Kind.UNCERTAIN);
  }

  @Test
  final void backendThatComesBackIsSeenAgain() {
    var orchestrator = opened();
    var replica = running(orchestrator);
    var before = find(orchestrator, replica);
    cutConnection();
    await("observe refuses", () -> isUnavailable(orchestrator));
    restoreConnection();
    var first = observed(orchestrator);
    assertThat(first.of(WEB).find(replica)).as("the first snapshot").isEqualTo(before);
    running(orchestrator);
  }

  private static boolean isUnavailable(Orchestrator orchestrator) {
    try {
      orchestrator.observe();
      return false;
    } catch (OrchestratorException e) {
      return e.kind() == Kind.UNAVAILABLE;
    }
  }

  @Test
  final void replicasOutliveTheOrchestratorAndAreAdopted() {
    var first = opened();
    var ids = List.of(running(first), running(first));
    var before = first.observe().replicas();
    first.close();

    var second = opened();
    // Not even the very first snapshot may lack them: an unknown state is not an empty one.
    var adopted = observed(second);
    assertThat(adopted.replicas()).isEqualTo(before);

    stop(second, WEB, ids.getFirst());
    await("one of two", () -> second.observe().of(WEB).kept() == 1);
  }

  @Test
  final void startOfAnAdoptedReplicaIsTheSameReplica() {
    var first = without(Ability.SCALES);
    var start = startOf(first, WEB);
    first.perform(start);
    awaitState(first, start.replica(), ReplicaState.RUNNING);
    var before = first.observe().replicas();
    first.close();

    var second = opened();
    observed(second);
    second.perform(start);
    var other = running(second);
    second.perform(new Action.Stop(WEB, other));
    if (second.abilities().contains(Ability.PICKS_VICTIMS)) {
      awaitGone(second, other);
      assertThat(second.observe().replicas()).isEqualTo(before);
    }
  }

  @Test
  final void foreignThingsAreNeitherSeenNorTouched() {
    startForeign();
    var orchestrator = opened();
    assertThat(observed(orchestrator).replicas()).isEmpty();
    var replica = running(orchestrator);
    assertThat(orchestrator.observe().replicas()).hasSize(1);
    stop(orchestrator, WEB, replica);
    awaitGone(orchestrator, replica);
    orchestrator.close();
    assertThat(foreignIsAlive()).isTrue();
  }

  @Test
  final void killedReplicaDisappearsAndOthersStay() {
    var orchestrator = opened();
    var killed = running(orchestrator);
    var other = running(orchestrator);
    var told = new AtomicInteger();
    try (var _ = orchestrator.watch(told::incrementAndGet)) {
      int before = told.get();
      killReplica(killed);
      await(
          killed + " no longer running",
          () ->
              find(orchestrator, killed).filter(r -> r.state() == ReplicaState.RUNNING).isEmpty());
      if (orchestrator.abilities().contains(Ability.WATCHES)) {
        await("told of it", () -> told.get() > before);
      }
    }
    awaitGone(orchestrator, killed);
    assertThat(find(orchestrator, other).map(Replica::state)).contains(ReplicaState.RUNNING);
  }

  // WATCHES.

  @Test
  final void watcherIsToldOfChanges() {
    var orchestrator = with(Ability.WATCHES);
    var told = new AtomicInteger();
    try (var _ = orchestrator.watch(told::incrementAndGet)) {
      var replica = running(orchestrator);
      await("told of the start", () -> told.get() > 0);
      int before = told.get();
      stop(orchestrator, WEB, replica);
      awaitGone(orchestrator, replica);
      await("told of the stop", () -> told.get() > before);
    }
  }

  @Test
  final void watcherIsToldOfPauseAndResume() {
    var orchestrator = with(Ability.WATCHES);
    assumeTrue(orchestrator.abilities().contains(Ability.PAUSES), "PAUSES is not declared");
    var replica = running(orchestrator);
    toldOf(orchestrator, new Action.Pause(WEB, replica));
    awaitState(orchestrator, replica, ReplicaState.PAUSED);
    toldOf(orchestrator, new Action.Resume(WEB, replica));
  }

  @Test
  final void watcherIsToldOfResize() {
    var orchestrator = with(Ability.WATCHES);
    assumeTrue(orchestrator.abilities().contains(Ability.RESIZES), "RESIZES is not declared");
    toldOf(orchestrator, new Action.Resize(WEB, running(orchestrator), throttled()));
  }

  private void toldOf(Orchestrator orchestrator, Action action) {
    var told = new AtomicInteger();
    try (var _ = orchestrator.watch(told::incrementAndGet)) {
      orchestrator.perform(action);
      await("told of " + action, () -> told.get() > 0);
    }
  }

  @Test
  final void toldMeansThatObserveShowsIt() {
    var orchestrator = with(Ability.WATCHES);
    var running = new AtomicInteger();
    try (var _ = orchestrator.watch(() -> running.set(orchestrator.observe().of(WEB).running()))) {
      running(orchestrator);
      await("seen from the watcher", () -> running.get() == 1);
    }
  }

  @Test
  final void closedWatchIsToldNothing() {
    var orchestrator = with(Ability.WATCHES);
    var told = new AtomicInteger();
    var toldOther = new AtomicInteger();
    var watch = orchestrator.watch(told::incrementAndGet);
    try (var _ = orchestrator.watch(toldOther::incrementAndGet)) {
      running(orchestrator);
      await("told", () -> told.get() > 0);
      watch.close();
      watch.close();
      // A call that was on its way when the watch was closed may still come; those after may not.
      running(orchestrator);
      int before = told.get();
      int beforeOther = toldOther.get();
      running(orchestrator);
      await("the other one told", () -> toldOther.get() > beforeOther);
      assertThat(told.get()).isEqualTo(before);
    }
  }

  @Test
  final void watcherOfAnOrchestratorWithoutWatchesIsNeverCalled() {
    var orchestrator = without(Ability.WATCHES);
    var told = new AtomicInteger();
    try (var _ = orchestrator.watch(told::incrementAndGet)) {
      running(orchestrator);
      assertThat(told.get()).isZero();
    }
  }

  // READS_OWN_WRITES.

  @Test
  final void ownWritesAreReadAtOnce() {
    var orchestrator = with(Ability.READS_OWN_WRITES);
    assumeFalse(orchestrator.abilities().contains(Ability.SCALES), "SCALES is declared");
    var replica = started(orchestrator);
    assertThat(find(orchestrator, replica)).isPresent();
    awaitState(orchestrator, replica, ReplicaState.RUNNING);
    if (orchestrator.abilities().contains(Ability.PAUSES)) {
      orchestrator.perform(new Action.Pause(WEB, replica));
      assertThat(state(orchestrator, replica)).contains(ReplicaState.PAUSED);
      orchestrator.perform(new Action.Resume(WEB, replica));
      assertThat(state(orchestrator, replica)).contains(ReplicaState.RUNNING);
    }
    if (orchestrator.abilities().contains(Ability.RESIZES)) {
      orchestrator.perform(new Action.Resize(WEB, replica, throttled()));
      assertThat(find(orchestrator, replica).map(Replica::resources)).contains(throttled());
    }
    orchestrator.perform(new Action.Stop(WEB, replica));
    assertThat(state(orchestrator, replica)).isIn(Optional.empty(), stopping());
  }

  private static Optional<ReplicaState> stopping() {
    return Optional.of(ReplicaState.STOPPING);
  }

  private Optional<ReplicaState> state(Orchestrator orchestrator, ReplicaId replica) {
    return find(orchestrator, replica).map(Replica::state);
  }

  // PICKS_VICTIMS.

  @Test
  final void stopEndsTheReplicaThatIsNamed() {
    var orchestrator = with(Ability.PICKS_VICTIMS);
    var ids = new ArrayList<ReplicaId>();
    for (int i = 0; i < 4; i++) {
      ids.add(running(orchestrator));
    }
    var victim = ids.remove(2);
    stop(orchestrator, WEB, victim);
    awaitGone(orchestrator, victim);
    assertThat(orchestrator.observe().replicas())
        .allMatch(r -> r.state() == ReplicaState.RUNNING)
        .extracting(Replica::id)
        .containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  final void stopWithoutPickingEndsExactlyOne() {
    var orchestrator = without(Ability.PICKS_VICTIMS, Ability.SCALES);
    var ids = List.of(running(orchestrator), running(orchestrator), running(orchestrator));
    orchestrator.perform(new Action.Stop(WEB, ids.get(1)));
    await("two of three", () -> orchestrator.observe().replicas().size() == 2);
    assertThat(orchestrator.observe().of(WEB).kept()).isEqualTo(2);
  }

  // PAUSES.

  @Test
  final void pausedReplicaIsPausedAndResumes() {
    var orchestrator = with(Ability.PAUSES);
    var replica = running(orchestrator);
    var before = find(orchestrator, replica).orElseThrow();
    orchestrator.perform(new Action.Pause(WEB, replica));
    orchestrator.perform(new Action.Pause(WEB, replica));
    awaitState(orchestrator, replica, ReplicaState.PAUSED);
    assertThat(find(orchestrator, replica).orElseThrow().holds()).isEqualTo(whilePaused());

    orchestrator.perform(new Action.Resume(WEB, replica));
    orchestrator.perform(new Action.Resume(WEB, replica));
    awaitState(orchestrator, replica, ReplicaState.RUNNING);
    var after = find(orchestrator, replica).orElseThrow();
    assertThat(after.started()).as("not restarted").isEqualTo(before.started());
  }

  @Test
  final void pausedReplicaCanBeStopped() {
    var orchestrator = with(Ability.PAUSES);
    var replica = running(orchestrator);
    orchestrator.perform(new Action.Pause(WEB, replica));
    awaitState(orchestrator, replica, ReplicaState.PAUSED);
    stop(orchestrator, WEB, replica);
    awaitGone(orchestrator, replica);
  }

  @Test
  final void pausedReplicaIsAdoptedPaused() {
    var first = with(Ability.PAUSES);
    var replica = running(first);
    first.perform(new Action.Pause(WEB, replica));
    awaitState(first, replica, ReplicaState.PAUSED);
    first.close();
    var second = opened();
    assertThat(observed(second).of(WEB).paused()).isEqualTo(1);
    second.perform(new Action.Resume(WEB, replica));
    awaitState(second, replica, ReplicaState.RUNNING);
  }

  @Test
  final void pauseOfAnUnknownReplicaIsRefused() {
    var orchestrator = with(Ability.PAUSES);
    refused(() -> orchestrator.perform(new Action.Pause(WEB, named(WEB))), Kind.UNKNOWN);
    refused(() -> orchestrator.perform(new Action.Resume(WEB, named(WEB))), Kind.UNKNOWN);
  }

  @Test
  final void pauseIsRefusedWhereItIsNotDeclared() {
    var orchestrator = without(Ability.PAUSES);
    var replica = running(orchestrator);
    refused(() -> orchestrator.perform(new Action.Pause(WEB, replica)), Kind.UNSUPPORTED);
    refused(() -> orchestrator.perform(new Action.Resume(WEB, replica)), Kind.UNSUPPORTED);
    assertThat(state(orchestrator, replica)).contains(ReplicaState.RUNNING);
  }

  // RESIZES.

  @Test
  final void resizedReplicaGoesOn() {
    var orchestrator = with(Ability.RESIZES);
    var replica = running(orchestrator);
    var before = find(orchestrator, replica).orElseThrow();
    for (var size : List.of(throttled(), throttled(), resources())) {
      orchestrator.perform(new Action.Resize(WEB, replica, size));
      await(
          "resized to " + size,
          () -> find(orchestrator, replica).orElseThrow().resources().equals(size));
      var after = find(orchestrator, replica).orElseThrow();
      assertThat(after.started()).as("not restarted").isEqualTo(before.started());
      assertThat(after.state()).isEqualTo(ReplicaState.RUNNING);
    }
  }

  @Test
  final void resizedReplicaIsAdoptedAsItIs() {
    var first = with(Ability.RESIZES);
    var replica = running(first);
    first.perform(new Action.Resize(WEB, replica, throttled()));
    await("resized", () -> find(first, replica).orElseThrow().resources().equals(throttled()));
    first.close();
    var second = opened();
    assertThat(observed(second).of(WEB).find(replica).map(Replica::resources))
        .contains(throttled());
  }

  @Test
  final void resizeOfAnUnknownReplicaIsRefused() {
    var orchestrator = with(Ability.RESIZES);
    var resize = new Action.Resize(WEB, named(WEB), throttled());
    refused(() -> orchestrator.perform(resize), Kind.UNKNOWN);
  }

  @Test
  final void resizeIsRefusedWhereItIsNotDeclared() {
    var orchestrator = without(Ability.RESIZES);
    var replica = running(orchestrator);
    refused(
        () -> orchestrator.perform(new Action.Resize(WEB, replica, resources())), Kind.UNSUPPORTED);
    assertThat(state(orchestrator, replica)).contains(ReplicaState.RUNNING);
  }

  // QUEUES_WHEN_FULL.

  @Test
  final void startOnAFullNodeIsRefusedForNow() {
    assumeTrue(countsRoom(), "the backend does not count room");
    var orchestrator = without(Ability.QUEUES_WHEN_FULL, Ability.SCALES);
    var node = roomyNode(orchestrator);
    var ids = filled(orchestrator, node);
    var late = new Action.Start(WEB, named(WEB), node, resources());
    refused(() -> orchestrator.perform(late), Kind.UNAVAILABLE);
    orchestrator.perform(new Action.Stop(WEB, ids.getFirst()));
    await("room", () -> fits(orchestrator.observe(), node));
    orchestrator.perform(late);
    awaitState(orchestrator, late.replica(), ReplicaState.RUNNING);
  }

  @Test
  final void startOnAFullNodeWaitsForRoom() {
    var orchestrator = with(Ability.QUEUES_WHEN_FULL);
    assumeFalse(orchestrator.abilities().contains(Ability.SCALES), "SCALES is declared");
    var node = roomyNode(orchestrator);
    var ids = filled(orchestrator, node);
    var late = new Action.Start(WEB, named(WEB), node, resources());
    orchestrator.perform(late);
    assertThat(state(orchestrator, late.replica())).isNotEqualTo(ReplicaState.RUNNING);
    orchestrator.perform(new Action.Stop(WEB, ids.getFirst()));
    awaitState(orchestrator, late.replica(), ReplicaState.RUNNING);
  }

  private List<ReplicaId> filled(Orchestrator orchestrator, NodeId node) {
    var ids = new ArrayList<ReplicaId>();
    while (fits(observed(orchestrator), node)) {
      assumeTrue(ids.size() < 64, "a node with room for 64 replicas is not filled");
      var start = new Action.Start(WEB, named(WEB), node, resources());
      orchestrator.perform(start);
      awaitState(orchestrator, start.replica(), ReplicaState.RUNNING);
      ids.add(start.replica());
    }
    return ids;
  }

  private boolean fits(Snapshot snapshot, NodeId node) {
    return resources().fitsIn(snapshot.free(snapshot.indexOf(node)));
  }

  // SCALES.

  @Test
  final void thereAreAsManyReplicasAsAskedFor() {
    var orchestrator = with(Ability.SCALES);
    for (int replicas : List.of(3, 3, 1, 2, 0)) {
      orchestrator.perform(new Action.Scale(WEB, replicas));
      await(
          replicas + " running and no other",
          () -> {
            var there = orchestrator.observe().of(WEB);
            return there.running() == replicas && there.replicas().size() == replicas;
          });
      assertThat(desired(orchestrator, WEB)).isEqualTo(replicas);
    }
  }

  @Test
  final void desiredIsWhatWasAskedForLast() {
    var first = with(Ability.SCALES);
    first.perform(new Action.Scale(WEB, 2));
    await("told", () -> desired(first, WEB) == 2);
    if (first.abilities().contains(Ability.READS_OWN_WRITES)) {
      first.perform(new Action.Scale(WEB, 1));
      assertThat(desired(first, WEB)).isEqualTo(1);
    }
    int last = desired(first, WEB);
    assertThat(desired(first, BATCH)).isZero();
    await(
        "all there and no other",
        () -> {
          var there = first.observe().of(WEB);
          return there.running() == last && there.replicas().size() == last;
        });
    first.close();
    var second = opened();
    observed(second);
    assertThat(desired(second, WEB)).isEqualTo(last);
  }

  @Test
  final void aRiseThatDoesNotFitWaitsForRoom() {
    assumeTrue(countsRoom(), "the backend does not count room");
    var orchestrator = with(Ability.SCALES);
    assumeTrue(
        orchestrator.abilities().contains(Ability.QUEUES_WHEN_FULL),
        "QUEUES_WHEN_FULL is not declared");
    var snapshot = observed(orchestrator);
    int most = 0;
    for (int node = 0; node < snapshot.nodes().size(); node++) {
      var free = snapshot.free(node);
      for (; resources().fitsIn(free); most++) {
        free = free.minus(resources());
      }
    }
    assumeTrue(most <= 64, "a cluster with room for more than 64 replicas is not filled");
    int all = most;
    orchestrator.perform(new Action.Scale(BATCH, all));
    await("full", () -> orchestrator.observe().of(BATCH).running() == all);

    orchestrator.perform(new Action.Scale(WEB, 1));
    await("told", () -> desired(orchestrator, WEB) == 1);
    assertThat(orchestrator.observe().of(WEB).running()).isZero();
    orchestrator.perform(new Action.Scale(BATCH, all - 1));
    await("started", () -> orchestrator.observe().of(WEB).running() == 1);
    assertThat(orchestrator.observe().of(BATCH).kept()).isEqualTo(all - 1);
  }

  @Test
  final void startsAndStopsOfSingleReplicasAreRefusedWhereItScales() {
    var orchestrator = with(Ability.SCALES);
    var replica = running(orchestrator);
    var node = observed(orchestrator).nodes().getFirst().id();
    for (var action :
        List.of(
            new Action.Start(WEB, named(WEB), node, resources()), new Action.Stop(WEB, replica))) {
      refused(() -> orchestrator.perform(action), Kind.UNSUPPORTED);
    }
    assertThat(state(orchestrator, replica)).contains(ReplicaState.RUNNING);
  }

  @Test
  final void scaleIsRefusedWhereItIsNotDeclared() {
    var orchestrator = without(Ability.SCALES);
    refused(() -> orchestrator.perform(new Action.Scale(WEB, 1)), Kind.UNSUPPORTED);
    assertThat(observed(orchestrator).replicas()).isEmpty();
  }

  // Many threads.

  @Test
  final void manyAtOnceDoWhatEachWouldAlone() throws Exception {
    var orchestrator = without(Ability.SCALES);
    var starts = new ArrayList<Action.Start>();
    for (int i = 0; i < MANY; i++) {
      starts.add(startOf(orchestrator, i % 2 == 0 ? WEB : BATCH));
    }
    together(orchestrator, starts);
    await("all running", () -> running(orchestrator.observe()) == MANY);
    var ids = new HashSet<ReplicaId>();
    starts.forEach(start -> ids.add(start.replica()));
    assertThat(orchestrator.observe().replicas())
        .extracting(Replica::id)
        .containsExactlyInAnyOrderElementsOf(ids);

    if (orchestrator.abilities().contains(Ability.PICKS_VICTIMS)) {
      together(
          orchestrator,
          starts.stream().map(s -> new Action.Stop(s.service(), s.replica())).toList());
      await("all gone", () -> orchestrator.observe().replicas().isEmpty());
    }
  }

  @Test
  final void manyScalesAtOnceDoWhatEachWouldAlone() throws Exception {
    var orchestrator = with(Ability.SCALES);
    together(orchestrator, List.of(new Action.Scale(WEB, 3), new Action.Scale(BATCH, 2)));
    await("all running", () -> running(orchestrator.observe()) == 5);
    assertThat(orchestrator.observe().of(WEB).kept()).isEqualTo(3);
  }

  private static long running(Snapshot snapshot) {
    return snapshot.replicas().stream().filter(r -> r.state() == ReplicaState.RUNNING).count();
  }

  /// Each action twice, all at the same time.
  private static void together(Orchestrator orchestrator, List<? extends Action> actions)
      throws Exception {
    var tasks = new ArrayList<Callable<Snapshot>>();
    for (var action : actions) {
      for (int i = 0; i < 2; i++) {
        tasks.add(
            () -> {
              orchestrator.perform(action);
              return orchestrator.observe();
            });
      }
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Snapshot> done : threads.invokeAll(tasks)) {
        done.get();
      }
    }
  }
}
