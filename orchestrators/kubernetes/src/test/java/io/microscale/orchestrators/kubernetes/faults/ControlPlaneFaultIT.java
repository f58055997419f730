package io.microscale.orchestrators.kubernetes.faults;

import static io.microscale.orchestrators.kubernetes.faults.TestPool.BATCH;
import static io.microscale.orchestrators.kubernetes.faults.TestPool.WEB;
import static java.util.Collections.disjoint;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.testkit.FaultProxy.Fault;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The API server and etcd fail, or the way to them. Each time demand changes meanwhile, nothing is
/// lost, the engine says what is wrong, and comes to what is asked for now once it can.
class ControlPlaneFaultIT {
  private FaultCluster faults;
  private TestPool pool;
  private Set<String> before;

  @BeforeEach
  void start() {
    faults = FaultCluster.hollow();
  }

  /// A pool in balance.
  private void pool(int web, String namespace) {
    pool = TestPool.at(web, faults, namespace);
    before = pool.uids("web");
  }

  @AfterEach
  void end() {
    if (pool != null) {
      pool.close();
    }
  }

  /// None of the pods of `web` was lost, and nothing was ever told to have less than it needs.
  private void assertNothingLost(int leastWeb, int leastBatch) {
    assertThat(pool.uids("web")).containsAll(before);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= leastWeb);
    assertThat(pool.scaledTo(BATCH)).allMatch(replicas -> replicas >= leastBatch);
  }

  /// Waits until the engine has said why it cannot see.
  private void awaitBlind(String why) {
    FaultCluster.patiently().untilAsserted(() -> assertThat(pool.blind()).contains(why));
  }

  @Test
  void apiServerIsKilledAndStartedAgain() {
    pool(4, "killed");
    int connections = pool.proxy().accepted();
    faults.cluster().killHard(Part.APISERVER);
    try {
      pool.demand(9);
      awaitBlind("the API server has not been ready");
      pool.demand(7);
      // It asks again and again, but each watch at most once a second and the pulse five times.
      assertThat(pool.proxy().accepted() - connections).isLessThan(200);
    } finally {
      faults.cluster().startAgain(Part.APISERVER);
    }
    pool.awaitBalance(7);
    assertNothingLost(4, 3);
  }

  @Test
  void apiServerHangsForTenSeconds() throws InterruptedException {
    pool(4, "hangs");
    faults.cluster().freeze(Part.APISERVER);
    try {
      pool.demand(8);
      awaitBlind("the API server has not been ready");
      int connections = pool.proxy().accepted();
      pause(Duration.ofSeconds(7));
      assertThat(pool.proxy().accepted() - connections).isLessThan(200);
    } finally {
      faults.cluster().thaw(Part.APISERVER);
    }
    pool.awaitBalance(8);
    assertNothingLost(4, 4);
  }

  @Test
  void etcdIsSlow() throws InterruptedException {
    pool(4, "slow");
    faults.cluster().delayEtcd(Duration.ofMillis(100));
    try {
      pool.demand(7);
      pool.awaitAsked(7);
      faults.cluster().delayEtcd(Duration.ofMillis(500));
      pool.demand(8);
      pause(Duration.ofSeconds(5));
    } finally {
      faults.cluster().delayEtcd(Duration.ZERO);
    }
    pool.awaitBalance(8);
    assertNothingLost(4, 4);
  }

  @Test
  void etcdIsKilledAndStartedAgain() {
    pool(4, "store");
    faults.cluster().killHard(Part.ETCD);
    try {
      pool.demand(6);
      awaitBlind("the API server has not been ready");
    } finally {
      faults.cluster().startAgain(Part.ETCD);
    }
    pool.awaitBalance(6);
    assertNothingLost(4, 6);
  }

  @Test
  void connectionsAreCut() {
    pool(4, "cut");
    pool.proxy().set(new Fault.Cut());
    pool.demand(9);
    awaitBlind("the API server has not been ready");
    // What others do meanwhile is seen afterwards.
    pool.deletePods("batch");
    pool.proxy().set(new Fault.None());
    pool.awaitBalance(9);
    assertNothingLost(4, 3);
  }

  @Test
  void placeOfTheWatchesIsForgotten() throws IOException {
    try (var gate = Gate.to(faults.cluster())) {
      pool =
          TestPool.at(4, faults, "forgotten", TestPool.Options.usual(faults).through(gate.port()));
      before = pool.uids("web");
      gate.endWatches();
      var gone = pool.uids("batch");
      pool.deletePods("batch");
      FaultCluster.patiently()
          .until(() -> pool.ready("batch") == 8 && disjoint(gone, pool.uids("batch")));
      // A new API server knows no change that was before it.
      faults.cluster().killHard(Part.APISERVER);
      faults.cluster().startAgain(Part.APISERVER);
      pool.deploy("web", 4);
      gate.letPass();
      pool.demand(7);
      pool.awaitBalance(7);
      assertThat(gate.gone()).as("watches that were told 410").isPositive();
      assertNothingLost(4, 5);
    }
  }

  @Test
  void writesAreTurnedAwaySinceThereAreTooMany() throws InterruptedException {
    pool(4, "storm");
    // No seat at all: every write of this account is answered with 429 and Retry-After: 1.
    var noSeats = Manifest.of("no-seats.yaml", pool.account().name(), FaultCluster.ACCOUNTS);
    faults.apply(noSeats);
    try {
      pool.demand(8);
      pool.awaitFailure(
          f -> f.kind() == Kind.UNAVAILABLE && f.message().contains("Too many requests"));
      long asked = writes();
      pause(Duration.ofSeconds(5));
      assertThat(writes() - asked).as("writes in 5 s").isLessThan(12);
    } finally {
      faults.delete(noSeats);
    }
    pool.awaitBalance(8);
    assertNothingLost(4, 4);
  }

  private long writes() {
    return pool.requests().stream()
        .filter(r -> r.verb().equals("update") || r.verb().equals("patch"))
        .count();
  }

  @Test
  void anotherChangesTheSameWorkloadsAllTheTime() throws InterruptedException {
    pool(4, "conflicts");
    var deployments = faults.admin().apps().deployments().inNamespace("conflicts");
    var over = new AtomicBoolean();
    var other =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; !over.get(); i++) {
                    int n = i;
                    for (var name : List.of("web", "batch")) {
                      deployments
                          .withName(name)
                          .patch(
                              PatchContext.of(PatchType.JSON_MERGE),
                              "{\"metadata\":{\"annotations\":{\"n\":\"%d\"}}}".formatted(n));
                    }
                  }
                });
    try {
      for (int web : new int[] {8, 5, 9, 6}) {
        pool.demand(web);
        pool.awaitAsked(web);
      }
    } finally {
      over.set(true);
      other.join();
    }
    pool.awaitBalance(6);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
    assertThat(pool.scaledTo(BATCH)).allMatch(replicas -> replicas >= 3);
  }

  @Test
  void clockStepsByAnHour() {
    var step = new AtomicReference<>(Duration.ZERO);
    InstantSource clock = () -> Instant.now().plus(step.get());
    pool = TestPool.at(4, faults, "clock", TestPool.Options.usual(faults).clock(clock));
    before = pool.uids("web");
    step.set(Duration.ofHours(1));
    pool.demand(8);
    pool.awaitBalance(8);
    step.set(Duration.ofHours(-1));
    pool.demand(5);
    pool.awaitBalance(5);
    pool.demand(9);
    pool.awaitBalance(9);
    assertThat(pool.scaledTo(WEB)).allMatch(replicas -> replicas >= 4);
    assertThat(pool.scaledTo(BATCH)).allMatch(replicas -> replicas >= 3);
  }

  /// A fault lasts.
  private static void pause(Duration time) throws InterruptedException {
    assertThat(new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS)).isFalse();
  }
}
