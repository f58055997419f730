package io.microscale.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.scaling.Claim;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Rule 7, and what the loop tells.
class FailStaticTest {
  private final ServiceSpec web =
      ServiceSpec.named("web")
          .priority(100)
          .replicas(1, 10)
          .fallback(Duration.ofSeconds(30), 7)
          .build();
  private final ServiceSpec batch = ServiceSpec.named("batch").replicas(0, 10).remainder().build();
  private final LaggingWorld world =
      new LaggingWorld(1, List.of(Node.of("n", Resources.slots(10))), 0, 0);
  private final List<LoopEvent> events = new ArrayList<>();
  private final List<Action> actions = new ArrayList<>();
  private final ControlLoop loop = loop(false);

  private ControlLoop loop(boolean dryRun) {
    world.faults = false;
    return new ControlLoop(
        PoolSpec.of("p", List.of(web, batch)),
        "lagging",
        world,
        this::dispatch,
        events::add,
        world::now,
        dryRun);
  }

  private void dispatch(Action action) {
    actions.add(action);
    world.perform(action);
    loop.ended(action, Optional.empty(), Duration.ZERO);
  }

  private Optional<Instant> passes(int count) {
    var wake = Optional.<Instant>empty();
    for (int i = 0; i < count; i++) {
      wake = loop.pass(Set.of(Trigger.RESYNC));
      world.step();
    }
    return wake;
  }

  private Claim claim() {
    return loop.status().decisions().getFirst().claim();
  }

  private <E extends LoopEvent> List<E> told(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  @Test
  @DisplayName("no snapshot: nothing is changed, it is said once, and seeing again goes on")
  void blindChangesNothing() {
    loop.read(web.id(), new Reading.Value(4, world.now()));
    passes(4);
    actions.clear();
    world.blind = true;
    loop.read(web.id(), new Reading.Value(9, world.now()));
    for (int i = 0; i < 5; i++) {
      assertThat(loop.pass(Set.of(Trigger.READING))).as("tries again within seconds").isPresent();
    }
    assertThat(actions).isEmpty();
    assertThat(told(LoopEvent.ObserveFailed.class))
        .singleElement()
        .satisfies(
            e -> {
              assertThat(e.kind()).isEqualTo(OrchestratorException.Kind.UNAVAILABLE);
              assertThat(e.message()).isEqualTo("the line is cut");
            });
    assertThat(loop.status().blind()).contains("the line is cut");
    world.blind = false;
    passes(3);
    assertThat(loop.status().blind()).isEmpty();
    assertThat(claim().replicas()).isEqualTo(9);
    assertThat(actions).isNotEmpty();
  }

  @Test
  @DisplayName("no reading: holds; past the staleness limit: the fallback; a reading again: that")
  void missingHoldsThenFallsBack() {
    loop.read(web.id(), new Reading.Value(4, world.now()));
    passes(3);
    loop.read(web.id(), new Reading.Missing("HTTP 503", world.now()));
    passes(1);
    assertThat(claim().basis()).isEqualTo(Claim.Basis.LAST_KNOWN);
    assertThat(claim().replicas()).isEqualTo(4);
    assertThat(claim().reason()).contains("HTTP 503");
    passes(300);
    assertThat(claim().basis()).isEqualTo(Claim.Basis.FALLBACK);
    assertThat(claim().replicas()).isEqualTo(7);
    loop.read(web.id(), new Reading.Value(2, world.now()));
    passes(1);
    assertThat(claim().replicas()).isEqualTo(2);
  }

  @Test
  @DisplayName("a source that goes silent without a word is stale by the age of its reading")
  void silentSourceIsStale() {
    loop.read(web.id(), new Reading.Value(4, world.now()));
    passes(299);
    assertThat(claim().basis()).isEqualTo(Claim.Basis.READING);
    passes(3);
    assertThat(claim().basis()).isEqualTo(Claim.Basis.FALLBACK);
  }

  @Test
  @DisplayName("an engine that starts holds what it finds until it knows better")
  void restartDisturbsNothing() {
    for (int i = 0; i < 5; i++) {
      world.add("web-old-" + i, "web", "n", ReplicaState.RUNNING, Resources.slots(1));
      world.add("batch-old-" + i, "batch", "n", ReplicaState.RUNNING, Resources.slots(1));
    }
    passes(10);
    assertThat(actions).isEmpty();
    assertThat(claim().replicas()).isEqualTo(5);
    assertThat(claim().reason()).contains("no reading yet");
  }

  @Test
  @DisplayName(
      "an orchestrator that breaks its contract blinds the pass instead of ending the loop")
  void defectIsToldAndSurvived() {
    world.replicas.clear();
    loop.read(web.id(), new Reading.Value(1, world.now()));
    passes(2);
    var broken =
        new ControlLoop(
            PoolSpec.of("p", List.of(web, batch)),
            "broken",
            new BrokenOrchestrator(),
            _ -> {},
            events::add,
            world::now,
            false);
    assertThat(broken.pass(Set.of(Trigger.STARTED))).isPresent();
    assertThat(broken.status().blind())
        .hasValueSatisfying(why -> assertThat(why).contains("a defect"));
  }

  private static final class BrokenOrchestrator
      implements io.microscale.core.orchestrator.Orchestrator {
    @Override
    public Set<io.microscale.core.orchestrator.Ability> abilities() {
      return Set.of();
    }

    @Override
    public io.microscale.core.model.Snapshot observe() {
      throw new IllegalStateException("a defect");
    }

    @Override
    public void perform(Action action) {}

    @Override
    public Watch watch(Runnable changed) {
      return () -> {};
    }

    @Override
    public void close() {}
  }

  @Test
  @DisplayName("a dry run decides and tells, and asks for nothing")
  void dryRunAsksForNothing() {
    var dry = loop(true);
    dry.read(web.id(), new Reading.Value(4, world.now()));
    dry.pass(Set.of(Trigger.READING));
    dry.pass(Set.of(Trigger.READING));
    assertThat(actions).isEmpty();
    assertThat(dry.status().plan().steps()).isNotEmpty();
    assertThat(dry.status().actionsInFlight()).isZero();
  }

  @Test
  @DisplayName("by hand: a demand in place of readings, a spike that ends by itself, a suspension")
  void overrides() {
    loop.read(web.id(), new Reading.Value(2, world.now()));
    loop.override(web.id(), ManualOverride.NONE.withDemand(OptionalDouble.of(5)));
    passes(1);
    assertThat(claim().replicas()).isEqualTo(5);
    loop.override(web.id(), ManualOverride.NONE.withSpike(6, world.now().plusSeconds(1)));
    passes(1);
    assertThat(claim().replicas()).isEqualTo(8);
    var wake = passes(1);
    assertThat(wake).isPresent();
    passes(10);
    assertThat(claim().replicas()).isEqualTo(2);
    loop.override(batch.id(), ManualOverride.NONE.withSuspended(true));
    passes(3);
    assertThat(world.of("batch")).isEmpty();
    assertThat(world.of("web")).hasSize(2);
  }

  @Test
  @DisplayName(
      "reaction times: from the reading to the replica that answers it, each once; the start is none")
  void reactions() {
    loop.read(web.id(), new Reading.Value(3, world.now()));
    passes(6);
    assertThat(told(LoopEvent.Reacted.class)).isEmpty();
    loop.read(web.id(), new Reading.Value(5, world.now()));
    passes(6);
    assertThat(told(LoopEvent.Reacted.class)).hasSize(2);
    assertThat(told(LoopEvent.Reacted.class)).allMatch(r -> r.took().toMillis() >= 100);
    loop.read(web.id(), new Reading.Value(1, world.now()));
    passes(6);
    assertThat(told(LoopEvent.Reacted.class)).hasSize(2);
  }

  @Test
  @DisplayName("the events hold every change of the snapshot, so that a recording can be replayed")
  void eventsHoldEveryChange() {
    loop.read(web.id(), new Reading.Value(3, world.now()));
    passes(6);
    loop.read(web.id(), new Reading.Value(1, world.now()));
    passes(6);
    var known =
        new java.util.TreeMap<
            io.microscale.core.model.ReplicaId, io.microscale.core.model.Replica>();
    for (var observed : told(LoopEvent.Observed.class)) {
      if (observed.complete()) {
        known.clear();
      }
      observed.changed().forEach(r -> known.put(r.id(), r));
      observed.gone().forEach(g -> known.remove(g.replica()));
    }
    loop.pass(Set.of(Trigger.RESYNC));
    var snapshot = loop.status().snapshot().orElseThrow();
    for (var observed : told(LoopEvent.Observed.class).reversed().subList(0, 1)) {
      observed.changed().forEach(r -> known.put(r.id(), r));
      observed.gone().forEach(g -> known.remove(g.replica()));
    }
    assertThat(known.values()).containsExactlyInAnyOrderElementsOf(snapshot.replicas());
  }
}
