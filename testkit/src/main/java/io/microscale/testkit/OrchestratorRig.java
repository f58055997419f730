package io.microscale.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.abort;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;

/// What [OrchestratorContract] needs from the adapter under test, and the tools its tests use.
///
/// An adapter overrides [#open] and whatever else its backend makes possible; a test whose hook is
/// not overridden is skipped and says so.
public abstract class OrchestratorRig {
  /// A service that [#open] must know, and whose replicas stay until they are stopped.
  protected static final ServiceId WEB = new ServiceId("web");

  /// A second such service.
  protected static final ServiceId BATCH = new ServiceId("batch");

  /// A service that [#open] must not know.
  protected static final ServiceId NOBODY = new ServiceId("nobody");

  private static final AtomicLong NEXT = new AtomicLong(System.nanoTime());

  private final List<Orchestrator> opened = new ArrayList<>();
  private final Map<ServiceId, Integer> asked = new HashMap<>();

  /// Opens an orchestrator on the one backend of the running test, empty at first. Called again
  /// after a close, it must find what the one before left. Its first node has room for at least
  /// eight replicas of [#resources].
  protected abstract Orchestrator open();

  /// What one replica uses.
  protected Resources resources() {
    return Resources.slots(1);
  }

  /// What a throttled replica uses; needed when the ability `RESIZES` is declared.
  protected Resources throttled() {
    throw new IllegalStateException("RESIZES is declared: override throttled()");
  }

  /// What a paused replica holds.
  protected Resources whilePaused() {
    return resources().heldWhilePaused();
  }

  /// How long anything may take before it counts as not happening.
  protected Duration patience() {
    return Duration.ofSeconds(20);
  }

  /// Lets a little time go by while a condition is awaited; a backend with a virtual clock advances
  /// it here.
  protected void passTime() {
    LockSupport.parkNanos(1_000_000);
  }

  /// Makes the backend unreachable from the orchestrators that are open.
  protected void cutConnection() {
    abort("cutConnection() is not overridden: this backend cannot be lost");
  }

  /// Undoes [#cutConnection].
  protected void restoreConnection() {
    abort("restoreConnection() is not overridden");
  }

  /// Ends a replica behind the orchestrator's back.
  protected void killReplica(ReplicaId replica) {
    abort("killReplica() is not overridden");
  }

  /// Starts something that looks as much like a replica as possible and carries no mark of the
  /// pool.
  protected void startForeign() {
    abort("startForeign() is not overridden");
  }

  /// Whether what [#startForeign] started still runs as it did.
  protected boolean foreignIsAlive() {
    return abort("foreignIsAlive() is not overridden");
  }

  /// Whether the backend puts a replica on the node that an action names.
  protected boolean placesWhereTold() {
    return true;
  }

  /// Whether the backend refuses (or queues) what does not fit.
  protected boolean countsRoom() {
    return true;
  }

  /// Takes the backend down after a test, when all orchestrators are closed.
  protected void cleanUp() {}

  @AfterEach
  final void closeAll() {
    try {
      for (var orchestrator : opened) {
        try {
          if (orchestrator.abilities().contains(Ability.SCALES)) {
            orchestrator.perform(new Action.Scale(WEB, 0));
            orchestrator.perform(new Action.Scale(BATCH, 0));
          } else {
            for (var replica : orchestrator.observe().replicas()) {
              orchestrator.perform(new Action.Stop(replica.service(), replica.id()));
            }
          }
        } catch (OrchestratorException _) {
          // Cut or closed by the test: cleanUp ends what is left.
        }
        orchestrator.close();
      }
    } finally {
      cleanUp();
    }
  }

  /// Opens an orchestrator that is closed after the test at the latest.
  final Orchestrator opened() {
    var orchestrator = open();
    opened.add(orchestrator);
    return orchestrator;
  }

  static ReplicaId named(ServiceId service) {
    return new ReplicaId(service + "-" + Long.toString(NEXT.incrementAndGet(), 36));
  }

  /// The first node with room for one more replica, once the orchestrator knows its nodes.
  final NodeId roomyNode(Orchestrator orchestrator) {
    var snapshot = observed(orchestrator);
    for (int i = 0; i < snapshot.nodes().size(); i++) {
      var node = snapshot.nodes().get(i);
      if (node.schedulable() && (!countsRoom() || resources().fitsIn(snapshot.free(i)))) {
        return node.id();
      }
    }
    throw new AssertionError("no node has room for " + resources() + ": " + snapshot);
  }

  final Action.Start startOf(Orchestrator orchestrator, ServiceId service) {
    return new Action.Start(service, named(service), roomyNode(orchestrator), resources());
  }

  /// Starts a replica of `WEB`.
  final ReplicaId started(Orchestrator orchestrator) {
    return started(orchestrator, WEB);
  }

  final ReplicaId started(Orchestrator orchestrator, ServiceId service) {
    if (!orchestrator.abilities().contains(Ability.SCALES)) {
      var start = startOf(orchestrator, service);
      orchestrator.perform(start);
      return start.replica();
    }
    var before = observed(orchestrator).of(service);
    scale(orchestrator, service, 1, List.of());
    var found = new ArrayList<ReplicaId>();
    await(
        "a new replica of " + service,
        () -> {
          orchestrator.observe().of(service).replicas().stream()
              .map(Replica::id)
              .filter(id -> before.find(id).isEmpty())
              .forEach(found::add);
          return !found.isEmpty();
        });
    return found.getFirst();
  }

  /// Ends this replica, or one of the orchestrator's own choice where it scales and does not pick.
  final void stop(Orchestrator orchestrator, ServiceId service, ReplicaId replica) {
    if (orchestrator.abilities().contains(Ability.SCALES)) {
      boolean picks = orchestrator.abilities().contains(Ability.PICKS_VICTIMS);
      scale(orchestrator, service, -1, picks ? List.of(replica) : List.of());
    } else {
      orchestrator.perform(new Action.Stop(service, replica));
    }
  }

  private void scale(
      Orchestrator orchestrator, ServiceId service, int by, List<ReplicaId> victims) {
    int replicas = asked.getOrDefault(service, desired(orchestrator, service)) + by;
    orchestrator.perform(new Action.Scale(service, replicas, victims));
    asked.put(service, replicas); // what was asked may take a while to show
  }

  /// How many replicas of a service the orchestrator was asked for last.
  static int desired(Orchestrator orchestrator, ServiceId service) {
    return orchestrator.observe().standings().desired().getOrDefault(service, 0);
  }

  /// Starts a replica of `WEB` and waits until it is ready.
  final ReplicaId running(Orchestrator orchestrator) {
    var replica = started(orchestrator);
    awaitState(orchestrator, replica, ReplicaState.RUNNING);
    return replica;
  }

  /// A snapshot, waiting while the orchestrator cannot know.
  final Snapshot observed(Orchestrator orchestrator) {
    var seen = new ArrayList<Snapshot>(1);
    await(
        "a snapshot",
        () -> {
          try {
            return seen.add(orchestrator.observe());
          } catch (OrchestratorException e) {
            assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
            return false;
          }
        });
    return seen.getFirst();
  }

  final Optional<Replica> find(Orchestrator orchestrator, ReplicaId replica) {
    return orchestrator.observe().replicas().stream()
        .filter(r -> r.id().equals(replica))
        .findFirst();
  }

  final void awaitState(Orchestrator orchestrator, ReplicaId replica, ReplicaState state) {
    await(
        replica + " " + state,
        () -> find(orchestrator, replica).filter(r -> r.state() == state).isPresent());
  }

  final void awaitGone(Orchestrator orchestrator, ReplicaId replica) {
    await(replica + " gone", () -> find(orchestrator, replica).isEmpty());
  }

  /// Waits until a condition holds, and fails when patience is at an end.
  final void await(String what, BooleanSupplier condition) {
    long begun = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - begun > patience().toNanos()) {
        throw new AssertionError("not within " + patience() + ": " + what);
      }
      passTime();
    }
  }

  static void refused(ThrowingCallable call, Kind... kinds) {
    var e = catchThrowableOfType(OrchestratorException.class, call);
    assertThat(e).as("an OrchestratorException").isNotNull();
    assertThat(e.kind()).as(e.getMessage()).isIn((Object[]) kinds);
    assertThat(e.getMessage()).as("the reason").isNotBlank();
  }
}
