package io.microscale.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.demand.Reading;
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
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.Learning;
import io.microscale.core.scaling.Outlook;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// What a learned headroom is learned for: how long replicas take to be ready, and whether it costs
/// others work to make room.
class PassTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Node NODE = Node.of("n", Resources.slots(100));
  private static final int MOST = 40;

  private static ServiceSpec.Builder web() {
    return ServiceSpec.named("web")
        .priority(100)
        .replicas(0, MOST)
        .headroom(Headroom.Learned.DEFAULT);
  }

  private static ServiceSpec other(String name, int priority, Reclaim... ladder) {
    var spec = ServiceSpec.named(name).priority(priority).reclaim(ladder);
    return Arrays.asList(ladder).contains(Reclaim.THROTTLE)
        ? spec.resources(Resources.cpuAndMemory(1_000, 1_000))
            .throttled(Resources.cpuAndMemory(100, 1_000))
            .build()
        : spec.build();
  }

  private static Claim claim(Pass.Result result) {
    return result.decisions().stream()
        .map(Decision::claim)
        .filter(claim -> claim.service().equals(web().build().id()))
        .findFirst()
        .orElseThrow();
  }

  // The cost of making room.

  private static int demand(int second) {
    return new SplittableRandom(second).nextInt(10, 30);
  }

  /// The claims of `web` over five minutes in which nothing is ever started.
  private static List<Integer> claims(ServiceSpec... others) {
    return claims(Set.of(Ability.PAUSES, Ability.RESIZES), others);
  }

  private static List<Integer> claims(Set<Ability> abilities, ServiceSpec... others) {
    var services = new ArrayList<>(List.of(web().build()));
    services.addAll(List.of(others));
    var pool = PoolSpec.of("p", services);
    var claims = new ArrayList<Integer>();
    var memory = Pass.Memory.of("r");
    for (int second = 0; second < 300; second++) {
      var now = START.plusSeconds(second);
      var result =
          Pass.decide(
              new Pass.Input(
                  pool,
                  Snapshot.of(now, List.of(NODE), List.of()),
                  Map.of(web().build().id(), new Reading.Value(demand(second), now)),
                  Map.of(),
                  abilities,
                  memory,
                  now));
      claims.add(claim(result).replicas());
      var fresh = Pass.Memory.of("r");
      memory =
          new Pass.Memory(
              result.memory().claims(),
              fresh.plan(),
              fresh.ledger(),
              fresh.retries(),
              fresh.pace(),
              fresh.readyTimes());
    }
    return claims;
  }

  private static List<Integer> learned(Outlook outlook) {
    var claims = new ArrayList<Integer>();
    var learning = Learning.of(Headroom.Learned.DEFAULT, 0);
    for (int second = 0; second < 300; second++) {
      var reading = new Reading.Value(demand(second), START.plusSeconds(second));
      learning = learning.take(reading, reading.value(), outlook, MOST);
      claims.add(learning.claim());
    }
    return claims;
  }

  private final List<Integer> forPausing = learned(Outlook.pausing(Outlook.START));
  private final List<Integer> forStopping = learned(Outlook.stopping(Outlook.START));

  @Test
  void makingRoomIsFreeWhereAllBelowPauseOrSlowDown() {
    assertThat(forPausing).isNotEqualTo(forStopping);
    var pauses = other("pauses", 10, Reclaim.PAUSE, Reclaim.STOP);
    var slows = other("slows", 20, Reclaim.THROTTLE, Reclaim.STOP);
    assertThat(claims(pauses)).isEqualTo(forPausing);
    assertThat(claims(slows)).isEqualTo(forPausing);
    assertThat(claims(pauses, slows)).isEqualTo(forPausing);
  }

  @Test
  void makingRoomCostsWhereOneBelowIsStopped() {
    var pauses = other("pauses", 10, Reclaim.PAUSE, Reclaim.STOP);
    assertThat(claims(other("stops", 10, Reclaim.STOP))).isEqualTo(forStopping);
    assertThat(claims(pauses, other("stops", 0, Reclaim.STOP))).isEqualTo(forStopping);
    assertThat(claims(pauses, other("stops", 99, Reclaim.STOP))).isEqualTo(forStopping);
  }

  @Test
  void makingRoomCostsWhereTheOrchestratorCanOnlyStop() {
    var pauses = other("pauses", 10, Reclaim.PAUSE, Reclaim.STOP);
    var slows = other("slows", 20, Reclaim.THROTTLE, Reclaim.STOP);
    assertThat(claims(Set.of(Ability.RESIZES), pauses)).isEqualTo(forStopping);
    assertThat(claims(Set.of(Ability.PAUSES), slows)).isEqualTo(forStopping);
    assertThat(claims(Set.of(Ability.PAUSES), pauses)).isEqualTo(forPausing);
    assertThat(claims(Set.of(Ability.RESIZES), slows)).isEqualTo(forPausing);
  }

  @Test
  void whoDoesNotMakeRoomDoesNotMatter() {
    var pauses = other("pauses", 10, Reclaim.PAUSE, Reclaim.STOP);
    assertThat(claims(pauses, other("peer", 100, Reclaim.STOP))).isEqualTo(forPausing);
    assertThat(claims(pauses, other("above", 101, Reclaim.STOP))).isEqualTo(forPausing);
  }

  @Test
  void startsAndStopsAreAvoidedWhereNobodyIsBelow() {
    assertThat(claims()).isEqualTo(forStopping);
    assertThat(claims(other("peer", 100, Reclaim.PAUSE, Reclaim.STOP))).isEqualTo(forStopping);
  }

  // The time to ready.

  /// An orchestrator that does at once what it is asked, but starts take four seconds and resumes
  /// two.
  private static final class World {
    private final Map<ReplicaId, Replica> replicas = new TreeMap<>();
    private final Map<ReplicaId, Instant> ready = new TreeMap<>();

    void perform(Action action, Instant now) {
      switch (action) {
        case Action.Start(ServiceId service, ReplicaId id, NodeId node, Resources resources) -> {
          replicas.put(id, Replica.of(id, service, node, ReplicaState.STARTING, resources, now));
          ready.put(id, now.plusSeconds(4));
        }
        case Action.Stop(_, ReplicaId id) -> {
          replicas.remove(id);
          ready.remove(id);
        }
        case Action.Pause(_, ReplicaId id) ->
            replicas.computeIfPresent(id, (_, r) -> r.in(ReplicaState.PAUSED));
        case Action.Resume(_, ReplicaId id) -> ready.put(id, now.plusSeconds(2));
        case Action.Resize _, Action.Scale _ -> throw new AssertionError(action);
      }
    }

    Snapshot at(Instant now) {
      ready.forEach(
          (id, at) -> {
            if (!now.isBefore(at)) {
              replicas.computeIfPresent(id, (_, r) -> r.in(ReplicaState.RUNNING));
            }
          });
      ready.values().removeIf(at -> !now.isBefore(at));
      return Snapshot.of(now, List.of(NODE), replicas.values());
    }
  }

  /// The reason of the claim of a service after some minutes in such a world.
  private static String reason(ServiceSpec spec) {
    var pool = PoolSpec.of("p", List.of(spec));
    var world = new World();
    var memory = Pass.Memory.of("r");
    var reason = "";
    for (int second = 0; second < 300; second++) {
      var now = START.plusSeconds(second);
      var result =
          Pass.decide(
              new Pass.Input(
                  pool,
                  world.at(now),
                  Map.of(spec.id(), new Reading.Value(5 + 20 * (second / 10 % 2), now)),
                  Map.of(),
                  Set.of(Ability.PAUSES, Ability.PICKS_VICTIMS, Ability.READS_OWN_WRITES),
                  memory,
                  now));
      memory = result.memory();
      for (var step : result.plan().steps()) {
        world.perform(step.action(), now);
        memory = memory.accepted(step.action(), Duration.ZERO, now);
      }
      reason = claim(result).reason();
    }
    return reason;
  }

  @Test
  void measuredStartsAreLearnedFor() {
    assertThat(reason(web().build())).contains("for the demand of the next 5s");
  }

  @Test
  void measuredResumesAreLearnedForWhereThereIsStandby() {
    var spec = web().reclaim(Reclaim.PAUSE, Reclaim.STOP).standby(20).build();
    assertThat(reason(spec)).contains("for the demand of the next 3s");
  }
}
