package io.microscale.simulator.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.ControlLoop;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The loop on a cluster that is only told numbers.
class ScalingLoopTest {
  private static final int SLOTS = 12;
  private static final ServiceSpec WEB =
      ServiceSpec.named("web").priority(100).replicas(1, SLOTS).build();
  private static final ServiceSpec API =
      ServiceSpec.named("api").priority(50).replicas(0, SLOTS).build();
  private static final ServiceSpec BATCH =
      ServiceSpec.named("batch").replicas(0, SLOTS).remainder().build();
  private static final PoolSpec POOL = PoolSpec.of("p", List.of(WEB, API, BATCH));

  private final List<Action> asked = new ArrayList<>();
  private final Queue<Action> toDo = new ArrayDeque<>();

  static Stream<Arguments> seeds() {
    return seeds(1, 20);
  }

  static Stream<Arguments> moreSeeds() {
    return seeds(21, 60);
  }

  private static Stream<Arguments> seeds(long first, long last) {
    return LongStream.rangeClosed(first, last)
        .boxed()
        .flatMap(
            seed ->
                Stream.of(
                    Arguments.of(seed, false, false),
                    Arguments.of(seed, true, false),
                    Arguments.of(seed, false, true),
                    Arguments.of(seed, true, true)));
  }

  @Tag("slow")
  @ParameterizedTest(name = "seed {0}, queues {1}, picks {2}")
  @MethodSource("moreSeeds")
  void settlesUnderMoreSeeds(long seed, boolean queues, boolean picks) {
    settles(seed, queues, picks);
  }

  @ParameterizedTest(name = "seed {0}, queues {1}, picks {2}")
  @MethodSource("seeds")
  @DisplayName("the demand that stays is met in order of priority, and then nothing is asked")
  void settles(long seed, boolean queues, boolean picks) {
    var random = new SplittableRandom(seed);
    var abilities = EnumSet.of(Ability.SCALES, Ability.REPORTS_NODES);
    if (queues) {
      abilities.add(Ability.QUEUES_WHEN_FULL);
    }
    if (random.nextBoolean()) {
      abilities.add(Ability.READS_OWN_WRITES);
    }
    if (picks) {
      abilities.add(Ability.PICKS_VICTIMS);
    }
    boolean ownWrites = abilities.contains(Ability.READS_OWN_WRITES);
    var cluster =
        new SimulatedCluster(
            ClusterSettings.faulty(
                    seed,
                    SimulatedCluster.nodes(3, Map.of(Resources.SLOTS, 4L)),
                    SimulatedCluster.services("web", "api", "batch"))
                .timing(
                    Timing.of(Latency.ofMillis(5, 500), Latency.ofMillis(5, 300))
                        .taking(ownWrites ? Latency.none() : Latency.ofMillis(0, 100))
                        .reporting(ownWrites ? Latency.none() : Latency.ofMillis(0, 200)))
                .faults(Faults.ofActions(0.05, 0.05))
                .abilities(Set.copyOf(abilities))
                .scalingByName(Resources.slots(1)));
    try (var orchestrator = cluster.open()) {
      var loop = new ControlLoop(POOL, "virtual", orchestrator, toDo::add, _ -> {}, cluster, false);
      int web = 0;
      int api = 0;
      for (int change = 0; change < 6; change++) {
        web = random.nextInt(SLOTS + 3);
        api = random.nextInt(SLOTS + 3);
        loop.read(WEB.id(), new Reading.Value(web, cluster.instant()));
        loop.read(API.id(), new Reading.Value(api, cluster.instant()));
        run(cluster, loop, orchestrator::perform, Duration.ofMillis(random.nextInt(1500)));
        if (!queues) {
          assertThat(promised(cluster))
              .as("promised of %d slots", SLOTS)
              .isLessThanOrEqualTo(SLOTS);
        }
      }
      run(cluster, loop, orchestrator::perform, Duration.ofMinutes(2));
      int webs = Math.clamp(web, 1, SLOTS);
      int apis = Math.min(api, SLOTS - webs);
      var truth = cluster.truth();
      assertThat(truth.of(WEB.id()).running()).as("web").isEqualTo(webs);
      assertThat(truth.of(API.id()).running()).as("api").isEqualTo(apis);
      assertThat(truth.of(BATCH.id()).running()).as("batch").isEqualTo(SLOTS - webs - apis);
      assertThat(truth.standings().desired().values().stream().mapToInt(n -> n).sum())
          .as("desired in all")
          .isEqualTo(SLOTS);

      asked.clear();
      run(cluster, loop, orchestrator::perform, Duration.ofSeconds(30));
      assertThat(asked).as("asked once all is well").isEmpty();
    }
  }

  /// What is there and what is still to come.
  private static int promised(SimulatedCluster cluster) {
    var truth = cluster.truth();
    return POOL.services().stream()
        .map(ServiceSpec::id)
        .mapToInt(
            id ->
                Math.max(truth.of(id).active(), truth.standings().desired().getOrDefault(id, 0))
                    + truth.of(id).stopping())
        .sum();
  }

  private void run(
      SimulatedCluster cluster, ControlLoop loop, Consumer<Action> perform, Duration duration) {
    Instant until = cluster.instant().plus(duration);
    while (cluster.instant().isBefore(until)) {
      loop.pass(Set.of(Trigger.REPLICAS));
      for (var action = toDo.poll(); action != null; action = toDo.poll()) {
        asked.add(action);
        Optional<LoopEvent.Failure> failure = Optional.empty();
        try {
          perform.accept(action);
        } catch (OrchestratorException e) {
          failure = Optional.of(new LoopEvent.Failure(e.kind(), String.valueOf(e.getMessage())));
        }
        loop.ended(action, failure, Duration.ofMillis(1));
      }
      cluster.advance(Duration.ofMillis(25));
    }
  }
}
