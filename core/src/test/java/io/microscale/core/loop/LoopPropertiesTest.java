package io.microscale.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What must hold at every moment, whatever the world does; the seed of a failed run is in the
/// test's name.
class LoopPropertiesTest {
  private static final long FIRST_SEED = Long.getLong("seed", 1);

  static LongStream seeds() {
    return LongStream.range(FIRST_SEED, FIRST_SEED + 400);
  }

  /// A random pool in a random world, and the loop that drives it.
  static final class Run {
    final SplittableRandom random;
    final PoolSpec pool;
    final LaggingWorld world;
    final ControlLoop loop;
    final List<LoopEvent.Passed> passes = new ArrayList<>();
    final List<LoopEvent> events = new ArrayList<>();
    final Map<ServiceId, Double> demand = new HashMap<>();
    final Set<String> busy = new HashSet<>();
    final String story;
    Supplier<Duration> took = () -> Duration.ZERO;

    Run(long seed) {
      this(seed, false);
    }

    Run(long seed, boolean dryRun) {
      random = new SplittableRandom(seed);
      boolean slots = random.nextBoolean();
      var nodes = new ArrayList<Node>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        nodes.add(
            Node.of(
                "node-" + i,
                slots
                    ? Resources.slots(2 + random.nextInt(8))
                    : Resources.cpuAndMemory(
                        1000L * (1 + random.nextInt(6)), 4 + random.nextInt(12))));
      }
      var services = new ArrayList<ServiceSpec>();
      int claiming = 1 + random.nextInt(3);
      for (int i = 0; i < claiming; i++) {
        services.add(service("web-" + i, 100 + 10 * random.nextInt(2), slots, false));
      }
      for (int i = 0; i < random.nextInt(3); i++) {
        services.add(service("batch-" + i, random.nextInt(2), slots, true));
      }
      pool =
          new PoolSpec(
              "p",
              services,
              random.nextInt(4) == 0 ? OptionalInt.of(random.nextInt(20)) : OptionalInt.empty(),
              1 + random.nextInt(30),
              Duration.ofSeconds(3),
              Duration.ofSeconds(5));
      boolean prompt = random.nextInt(3) == 0;
      world =
          new LaggingWorld(
              seed, nodes, prompt ? 0 : random.nextInt(8), prompt ? 0 : random.nextInt(6));
      loop =
          new ControlLoop(pool, "lagging", world, this::dispatch, this::tell, world::now, dryRun);
      story = pool + " on " + nodes;
    }

    private ServiceSpec service(String name, int priority, boolean slots, boolean remainder) {
      var spec =
          ServiceSpec.named(name)
              .priority(priority)
              .weight(1 + random.nextInt(3))
              .minRuntime(Duration.ofMillis(random.nextInt(3) * 700L))
              .hold(Duration.ofMillis(random.nextInt(3) * 600L))
              .resources(
                  slots
                      ? Resources.slots(1 + random.nextInt(2))
                      : Resources.cpuAndMemory(
                          500L * (1 + random.nextInt(3)), 1 + random.nextInt(3)));
      int max = 1 + random.nextInt(8);
      spec.replicas(random.nextInt(2), max);
      if (remainder) {
        spec.remainder();
      }
      switch (random.nextInt(3)) {
        case 0 -> spec.reclaim(Reclaim.STOP);
        case 1 -> {
          spec.reclaim(Reclaim.PAUSE, Reclaim.STOP);
          spec.standby(
              remainder
                  ? Standby.NONE
                  : new Standby(random.nextInt(max + 1), random.nextInt(3) == 0));
        }
        default ->
            spec.reclaim(Reclaim.THROTTLE, Reclaim.PAUSE, Reclaim.STOP)
                .throttled(slots ? Resources.slots(1) : Resources.of(Map.of(Resources.CPU, 100L)));
      }
      return spec.build();
    }

    private void tell(LoopEvent event) {
      events.add(event);
      if (event instanceof LoopEvent.Passed passed) {
        passes.add(passed);
      }
    }

    private void dispatch(Action action) {
      assertThat(busy.add(action.subject())).as("one action at a time for %s", action).isTrue();
      try {
        world.perform(action);
        loop.ended(action, Optional.empty(), took.get());
      } catch (OrchestratorException e) {
        loop.ended(
            action, Optional.of(new LoopEvent.Failure(e.kind(), e.getMessage())), took.get());
      }
      busy.remove(action.subject());
    }

    void read() {
      for (var spec : pool.services()) {
        if (!spec.remainder() && random.nextInt(4) == 0) {
          demand.put(spec.id(), random.nextDouble() * (spec.max() + 2));
        }
        if (!spec.remainder() && demand.containsKey(spec.id())) {
          loop.read(
              spec.id(),
              random.nextInt(10) == 0
                  ? new Reading.Missing("lost", world.now())
                  : new Reading.Value(demand.get(spec.id()), world.now()));
        }
      }
    }

    boolean isPaused(ServiceId service, ReplicaId replica) {
      return loop.status().snapshot().orElseThrow().of(service).find(replica).stream()
          .anyMatch(r -> r.state() == ReplicaState.PAUSED);
    }

    List<Step> step() {
      world.step();
      int before = passes.size();
      loop.pass(Set.of(Trigger.RESYNC));
      return passes.size() == before ? List.of() : passes.getLast().plan().steps();
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void neverAboveCapacityNorMaxEvenInTransit(long seed) {
    var run = new Run(seed);
    for (int i = 0; i < 150; i++) {
      run.read();
      run.step();
      assertThat(run.world.oversubscribed()).as("step %d of %s", i, run.story).isEmpty();
      for (var spec : run.pool.services()) {
        assertThat(
                run.world.of(spec.id().value()).stream()
                    .filter(r -> r.state() != ReplicaState.STOPPING))
            .as("step %d, %s of %s", i, spec.id(), run.story)
            .hasSizeLessThanOrEqualTo(spec.max());
      }
    }
    assertThat(run.world.doubled).as("replicas started twice").isZero();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void settlesOnceTheWorldDoes(long seed) {
    var run = new Run(seed);
    for (int i = 0; i < 60; i++) {
      run.read();
      run.step();
    }
    run.world.faults = false;
    for (int i = 0; i < 700; i++) { // longer than the longest back-off and the stop budget's minute
      run.demand.forEach(
          (service, value) -> run.loop.read(service, new Reading.Value(value, run.world.now())));
      run.step();
    }
    var actions = new ArrayList<Step>();
    for (int i = 0; i < 40; i++) {
      run.demand.forEach(
          (service, value) -> run.loop.read(service, new Reading.Value(value, run.world.now())));
      actions.addAll(run.step());
    }
    if (run.pool.stopsPerMinute().isEmpty()) {
      assertThat(actions).as("a plan applied gives an empty plan: %s", run.story).isEmpty();
    }
    var last = run.passes.getLast();
    for (var decision : last.decisions()) {
      var spec = spec(run.pool, decision.service());
      if (run.pool.stopsPerMinute().isEmpty()) {
        assertThat(decision.running())
            .as("%s of %s", decision, run.story)
            .isGreaterThanOrEqualTo(decision.grant().granted());
      }
      assertThat(decision.grant().granted()).isLessThanOrEqualTo(spec.max());
      if (!spec.remainder()) {
        assertThat(decision.claim().replicas()).isBetween(spec.min(), spec.max());
      }
    }
  }

  private static ServiceSpec spec(PoolSpec pool, ServiceId id) {
    return pool.services().stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsReclaimedForAnEqualOrLowerPriority(long seed) {
    var run = new Run(seed);
    for (int i = 0; i < 120; i++) {
      run.read();
      for (var step : run.step()) {
        var victim = spec(run.pool, step.action().service());
        if (step.inFavourOf().isPresent()) {
          var taker = spec(run.pool, step.inFavourOf().get());
          assertThat(taker.priority())
              .as("%s in %s", step, run.story)
              .isGreaterThan(victim.priority());
        }
        if (!victim.remainder()
            && step.action() instanceof Action.Stop(_, var replica)
            && step.inFavourOf().isEmpty()
            && !run.isPaused(victim.id(), replica)) { // whose memory others may claim

          var decision =
              run.passes.getLast().decisions().stream()
                  .filter(d -> d.service().equals(victim.id()))
                  .findFirst()
                  .orElseThrow();
          assertThat(decision.starting() + decision.running() + decision.paused())
              .as("%s stops only what it does not claim, %s in %s", decision, step, run.story)
              .isGreaterThan(Math.min(decision.claim().replicas(), decision.grant().granted()));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void missingReadingsNeverScaleIn(long seed) {
    var run = new Run(seed);
    run.world.faults = false;
    for (int i = 0; i < 80; i++) {
      run.read();
      run.step();
    }
    var claims = new HashMap<ServiceId, Integer>();
    for (int i = 0; i < 100; i++) {
      for (var spec : run.pool.services()) {
        if (!spec.remainder()) {
          run.loop.read(spec.id(), new Reading.Missing("the source is gone", run.world.now()));
        }
      }
      run.step();
      for (var decision : run.passes.getLast().decisions()) {
        var claim = decision.claim();
        var before = claims.put(claim.service(), claim.replicas());
        if (before != null) {
          assertThat(claim.replicas()).as("%s in %s", claim, run.story).isEqualTo(before);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void flapsAreBoundedByTheHold(long seed) {
    var random = new SplittableRandom(seed);
    var web =
        ServiceSpec.named("web").priority(100).replicas(1, 10).hold(Duration.ofSeconds(2)).build();
    var batch = ServiceSpec.named("batch").replicas(0, 10).remainder().build();
    var world = new LaggingWorld(seed, List.of(Node.of("n", Resources.slots(10))), 2, 1);
    world.faults = false;
    var stops = new ArrayList<Action>();
    var loop =
        new ControlLoop(
            PoolSpec.of("p", List.of(web, batch)),
            "lagging",
            world,
            action -> {
              if (action instanceof Action.Stop) {
                stops.add(action);
              }
              world.perform(action);
            },
            _ -> {},
            world::now,
            false);
    // Demand that jumps between 3 and 6 ten times a second: at most the rises to a new maximum cost
    // a stop.
    for (int i = 0; i < 300; i++) {
      loop.read(web.id(), new Reading.Value(3 + random.nextInt(4), world.now()));
      loop.pass(Set.of(Trigger.READING));
      world.step();
    }
    assertThat(stops).as("stops in 30 s of noise between 3 and 6").hasSizeLessThanOrEqualTo(12);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void sameInputsSameDecisions(long seed) {
    var one = new Run(seed);
    var two = new Run(seed);
    for (int i = 0; i < 40; i++) {
      one.read();
      two.read();
      assertThat(one.step()).isEqualTo(two.step());
    }
  }
}
