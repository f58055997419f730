package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.testkit.engines.SwarmCluster;
import io.microscale.testkit.engines.SwarmCluster.Availability;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What is Swarm's own: services of others, updates, nodes that come and go, a manager that dies.
class SwarmServicesIT {
  private static final ServiceId WEB = new ServiceId("web");
  private static final Resources SLOT = Resources.slots(1);
  private static final SwarmWorkload EXISTING = SwarmWorkload.Existing.named("shop_web", SLOT);
  private static final SwarmWorkload.Image IMAGE = SwarmWorkload.Image.of(SwarmCluster.IMAGE, SLOT);

  private static TestSwarm swarm;
  private SwarmOrchestrator orchestrator;

  @BeforeAll
  static void start() {
    var whyNot = SwarmCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    swarm = new TestSwarm("swarm-services");
  }

  @AfterAll
  static void end() {
    if (swarm != null) {
      swarm.close();
    }
  }

  @AfterEach
  void clear() {
    if (orchestrator != null) {
      orchestrator.close();
    }
    swarm.awaitReady(3);
    swarm.clear();
  }

  private static EngineAddress manager() {
    return EngineAddress.parse(swarm.cluster().host(), Optional.empty());
  }

  private SwarmOrchestrator open(SwarmSettings settings) {
    if (orchestrator != null) {
      orchestrator.close();
    }
    orchestrator = SwarmOrchestrator.open(settings, InstantSource.system());
    return orchestrator;
  }

  private SwarmOrchestrator open(SwarmWorkload web) {
    return open(SwarmSettings.of("pool", manager(), Map.of(WEB, web)).slots(30));
  }

  private void scale(int replicas) {
    orchestrator.perform(new Action.Scale(WEB, replicas));
  }

  private static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  private void awaitSeen(Predicate<Snapshot> condition) {
    patiently()
        .ignoreExceptionsInstanceOf(OrchestratorException.class)
        .until(() -> condition.test(orchestrator.observe()));
  }

  private void awaitRunning(int replicas) {
    awaitSeen(s -> s.of(WEB).running() == replicas && s.of(WEB).replicas().size() == replicas);
  }

  private int desired() {
    return orchestrator.observe().standings().desired().getOrDefault(WEB, -1);
  }

  private static List<String> names(Snapshot snapshot) {
    return snapshot.nodes().stream().map(node -> node.id().value()).toList();
  }

  @Test
  void serviceOfAStackIsScaledAndNothingElseOfItChanges() {
    var service = TestSwarm.service("shop_web", 1);
    service.putObject("Labels").put("com.docker.stack.namespace", "shop");
    ((ObjectNode) service.path("TaskTemplate").path("ContainerSpec")).putArray("Env").add("A=1");
    swarm.create(service);
    swarm.create(TestSwarm.service("shop_webshop", 1));
    var before = swarm.service("shop_web");
    open(
        SwarmSettings.ofStack(
                "pool",
                manager(),
                "shop",
                Map.of(WEB, new SwarmWorkload.Existing(Optional.empty(), SLOT)))
            .slots(30));
    assertThat(desired()).isEqualTo(1);
    scale(3);
    awaitRunning(3);
    var expected = before.path("Spec").deepCopy();
    ((ObjectNode) expected.path("Mode").path("Replicated")).put("Replicas", 3);
    assertThat(swarm.service("shop_web").path("Spec")).isEqualTo(expected);
    assertThat(TestSwarm.replicas(swarm.service("shop_webshop"))).isEqualTo(1);
    assertThat(orchestrator.observe().replicas()).hasSize(3);
  }

  @Test
  void servicesThatCannotBeScaledAreRefusedWithPlaceRuleAndValue() {
    refusedToOpen(EXISTING, "services.web.workload", "exists, got 'shop_web'");

    var service = TestSwarm.service("shop_web", 1);
    service.putObject("Mode").putObject("Global");
    swarm.create(service);
    refusedToOpen(EXISTING, "services.web.workload", "need mode replicated, got global");

    swarm.create(TestSwarm.service("pool_web", 1));
    refusedToOpen(IMAGE, "services.web.workload: pool_web", "not of this pool");

    var owned = TestSwarm.service("theirs", 1);
    owned.putObject("Labels").put("io.microscale.pool", "other");
    swarm.create(owned);
    refusedToOpen(
        SwarmWorkload.Existing.named("theirs", SLOT), "belongs to the pool 'other', not to 'pool'");

    var counted = SwarmWorkload.Existing.named("pool_web", Resources.cpuAndMemory(250, 4 << 20));
    assertThatThrownBy(() -> open(SwarmSettings.of("pool", manager(), Map.of(WEB, counted))))
        .isInstanceOf(OrchestratorException.class)
        .hasMessageContaining("need reservations equal to the service's resources (cpu=250m")
        .hasMessageContaining("got cpu=0 memory=0");
    assertThat(TestSwarm.replicas(swarm.service("pool_web"))).isEqualTo(1);
  }

  private void refusedToOpen(SwarmWorkload web, String... parts) {
    var e = catchThrowableOfType(OrchestratorException.class, () -> open(web));
    assertThat(e).isNotNull();
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    assertThat(e.getMessage()).contains(parts);
  }

  @Test
  void aWorkerIsNoManager() {
    var worker = EngineAddress.parse(swarm.cluster().host("n2"), Optional.empty());
    var e =
        catchThrowableOfType(
            OrchestratorException.class,
            () -> open(SwarmSettings.of("pool", worker, Map.of(WEB, IMAGE)).slots(30)));
    assertThat(e.kind()).isEqualTo(Kind.REJECTED);
    assertThat(e.getMessage()).contains("host: need a manager of a Docker Swarm");
  }

  @Test
  void slotsAreSharedOutAndNotQueuedFor() {
    open(SwarmSettings.of("pool", manager(), Map.of(WEB, IMAGE)).slots(31));
    assertThat(orchestrator.abilities()).doesNotContain(Ability.QUEUES_WHEN_FULL);
    assertThat(names(orchestrator.observe())).containsExactly("n1", "n2", "n3");
    assertThat(orchestrator.observe().nodes())
        .extracting(node -> node.capacity().get(Resources.SLOTS))
        .containsExactly(11L, 10L, 10L);
  }

  @Test
  void otherWorkloadIsUpdatedAndTheSameIsNot() {
    open(IMAGE);
    scale(1);
    awaitRunning(1);
    long version = swarm.service("pool_web").path("Version").path("Index").asLong();
    open(IMAGE);
    assertThat(swarm.service("pool_web").path("Version").path("Index").asLong()).isEqualTo(version);
    open(IMAGE.environment(Map.of("COLOUR", "blue")));
    var service = swarm.service("pool_web");
    assertThat(service.toString()).contains("COLOUR=blue");
    assertThat(TestSwarm.replicas(service)).isEqualTo(1);
    orchestrator.removeMadeServices();
    assertThat(swarm.manager().get("/services")).isEmpty();
  }

  @Test
  void scalesWhileSomebodyElseUpdatesAllTheTime() throws Exception {
    swarm.create(TestSwarm.service("shop_web", 0));
    open(EXISTING);
    var over = new AtomicBoolean();
    var changes = new AtomicLong();
    var other =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!over.get()) {
                    try {
                      ObjectNode specification = swarm.service("shop_web").path("Spec").deepCopy();
                      specification.putObject("Labels").put("n", "" + (changes.get() + 1));
                      swarm.update("shop_web", specification);
                      changes.incrementAndGet();
                    } catch (OrchestratorException _) {
                      // It was changed in between, by the one under test.
                    }
                    // A manager that does nothing but updates has no time for tasks.
                    LockSupport.parkNanos(20_000_000);
                  }
                });
    try {
      // All within one portion, so that each is told at once.
      for (int replicas = 1; replicas <= 6; replicas++) {
        scale(replicas);
        assertThat(desired()).isEqualTo(replicas);
        long before = changes.get();
        patiently().until(() -> changes.get() > before + 2);
      }
    } finally {
      over.set(true);
      other.join();
    }
    awaitRunning(6);
    assertThat(swarm.service("shop_web").path("Spec").path("Labels").path("n").asLong())
        .isEqualTo(changes.get());
  }

  @Test
  void changeOfWhatWasChangedSinceIsNotMade() {
    swarm.create(TestSwarm.service("shop_web", 0));
    var api = new SwarmApi(swarm.manager());
    var stale = api.service("shop_web").orElseThrow();
    swarm.scaleByHand("shop_web", 1);
    assertThat(api.update(stale, stale.scaledTo(2))).isFalse();
    assertThat(TestSwarm.replicas(swarm.service("shop_web"))).isEqualTo(1);
    var fresh = api.service("shop_web").orElseThrow();
    assertThat(api.update(fresh, fresh.scaledTo(0))).isTrue();
  }

  @Test
  void numberThatIsSetByHandIsTakenOver() {
    swarm.create(TestSwarm.service("shop_web", 1));
    open(EXISTING);
    swarm.scaleByHand("shop_web", 3);
    awaitRunning(3);
    assertThat(desired()).isEqualTo(3);
  }

  @Test
  void serviceInAnUpdateIsLeftAlone() {
    var service = TestSwarm.service("shop_web", 2);
    service.putObject("UpdateConfig").put("Parallelism", 1).put("Monitor", 1_000_000_000L);
    swarm.create(service);
    open(EXISTING);
    awaitRunning(2);
    ObjectNode other = swarm.service("shop_web").path("Spec").deepCopy();
    ((ObjectNode) other.path("TaskTemplate")).put("ForceUpdate", 1);
    swarm.update("shop_web", other);
    awaitSeen(s -> s.backoffs().containsKey(WEB));
    assertThat(orchestrator.observe().backoffs().get(WEB))
        .extracting(Backoff::reason)
        .asString()
        .contains("shop_web is in an update (updating)");
    var e = catchThrowableOfType(OrchestratorException.class, () -> scale(5));
    assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(e.getMessage()).contains("in an update");
    assertThat(TestSwarm.replicas(swarm.service("shop_web"))).isEqualTo(2);

    awaitSeen(s -> s.backoffs().isEmpty());
    assertThat(desired()).isEqualTo(2);
    scale(3);
    awaitRunning(3);
  }

  @Test
  void serviceThatFailsBacksOffWithItsReason() {
    swarm.create(TestSwarm.service("shop_web", 0));
    ObjectNode broken = swarm.service("shop_web").path("Spec").deepCopy();
    ((ObjectNode) broken.path("TaskTemplate").path("ContainerSpec")).put("Image", "nowhere:1");
    swarm.update("shop_web", broken);
    open(EXISTING);
    scale(1);
    awaitSeen(s -> s.backoffs().containsKey(WEB));
    assertThat(orchestrator.observe().backoffs().get(WEB).reason())
        .contains("rejected", "No such image");
  }

  @Test
  void serviceThatIsRemovedIsToldAndComesBack() {
    swarm.create(TestSwarm.service("shop_web", 1));
    open(EXISTING);
    swarm.manager().delete("/services/shop_web", Map.of());
    awaitSeen(s -> s.backoffs().containsKey(WEB) && s.replicas().isEmpty());
    var e = catchThrowableOfType(OrchestratorException.class, () -> scale(2));
    assertThat(e.getMessage()).contains("no replicated service shop_web");
    swarm.create(TestSwarm.service("shop_web", 1));
    awaitRunning(1);
    scale(2);
    awaitRunning(2);
  }

  @Test
  void constraintsAndLimitsPerNodeBarNodes() {
    open(IMAGE.constraints(List.of("node.role == worker", "node.hostname != n3")));
    var n1 = new NodeId("n1");
    var n2 = new NodeId("n2");
    var n3 = new NodeId("n3");
    assertThat(orchestrator.observe().standings().barred().get(WEB))
        .containsExactlyInAnyOrder(n1, n3);
    scale(2);
    awaitRunning(2);
    assertThat(orchestrator.observe().replicas()).allMatch(replica -> replica.node().equals(n2));

    var service = TestSwarm.service("shop_web", 1);
    ((ObjectNode) service.path("TaskTemplate")).putObject("Placement").put("MaxReplicas", 1);
    swarm.create(service);
    open(EXISTING);
    awaitRunning(1);
    var used = orchestrator.observe().replicas().getFirst().node();
    assertThat(orchestrator.observe().standings().barred().get(WEB)).containsExactly(used);
  }

  @Test
  void reservationsOfOthersAreNotOurs() {
    var each = Resources.cpuAndMemory(100, 4 << 20);
    var settings =
        SwarmSettings.of(
            "pool", manager(), Map.of(WEB, SwarmWorkload.Image.of(SwarmCluster.IMAGE, each)));
    open(settings);
    var before = orchestrator.observe().capacity();
    var other = TestSwarm.service("other", 2);
    ((ObjectNode) other.path("TaskTemplate"))
        .putObject("Resources")
        .putObject("Reservations")
        .put("NanoCPUs", 300_000_000)
        .put("MemoryBytes", 4 << 20);
    swarm.create(other);
    awaitSeen(s -> s.capacity().equals(before.minus(Resources.cpuAndMemory(600, 8 << 20))));
    scale(1);
    awaitRunning(1);
    assertThat(orchestrator.observe().capacity())
        .isEqualTo(before.minus(Resources.cpuAndMemory(600, 8 << 20)));
  }

  @Test
  void drainedNodeStaysAndTakesNothing() {
    open(IMAGE);
    scale(3);
    awaitRunning(3);
    swarm.cluster().availability("n3", Availability.DRAIN);
    try {
      awaitSeen(s -> s.nodes().size() == 3 && !s.nodes().get(2).schedulable());
      awaitSeen(
          s ->
              s.of(WEB).running() == 3
                  && s.replicas().stream().noneMatch(r -> r.node().value().equals("n3")));
    } finally {
      swarm.cluster().availability("n3", Availability.ACTIVE);
    }
    awaitSeen(s -> s.nodes().get(2).schedulable());
  }

  @Test
  void crashedNodeIsLostWithinASecondOfSwarmSayingSo() {
    open(IMAGE);
    scale(6);
    awaitRunning(6);
    swarm.cluster().crash("n3");
    try {
      patiently().until(() -> state("n3").equals("down"));
      long down = System.nanoTime();
      awaitSeen(s -> names(s).equals(List.of("n1", "n2")));
      assertThat(Duration.ofNanos(System.nanoTime() - down)).isLessThan(Duration.ofSeconds(1));
      assertThat(orchestrator.observe().capacity()).isEqualTo(Resources.slots(20));
      awaitRunning(6);
    } finally {
      swarm.cluster().startAgain("n3");
    }
    awaitSeen(s -> names(s).size() == 3 && s.nodes().get(2).schedulable());
    awaitRunning(6);
  }

  private static String state(String node) {
    return swarm.manager().get("/nodes/" + node).path("Status").path("State").asText();
  }

  @Test
  void managerThatIsKilledUnderLoadLosesAndDoublesNothing() {
    open(IMAGE);
    scale(2);
    awaitRunning(2);
    scale(8);
    swarm.cluster().killHard("n1");
    awaitUnknown();
    swarm.cluster().startAgain("n1");
    awaitSeen(s -> s.nodes().stream().allMatch(node -> node.schedulable()));
    scale(5);
    awaitRunning(5);
    assertThat(swarm.running("pool_web")).isEqualTo(5);
    assertThat(TestSwarm.replicas(swarm.service("pool_web"))).isEqualTo(5);
  }

  private void awaitUnknown() {
    patiently()
        .until(
            () -> {
              try {
                orchestrator.observe();
                return false;
              } catch (OrchestratorException e) {
                return e.kind() == Kind.UNAVAILABLE;
              }
            });
    assertThatThrownBy(() -> scale(1)).isInstanceOf(OrchestratorException.class);
  }

  @Test
  void riseIsToldInPortions() {
    open(IMAGE);
    scale(20);
    assertThat(desired()).isEqualTo(20);
    assertThat(told()).isBetween(1, 12);
    scale(2);
    assertThat(desired()).isEqualTo(2);
    awaitRunning(2);
    assertThat(told()).isEqualTo(2);
    scale(9);
    awaitRunning(9);
    assertThat(told()).isEqualTo(9);
  }

  private static int told() {
    return TestSwarm.replicas(swarm.service("pool_web"));
  }

  @Test
  void fallIsToldAtOnceUnlessSomeAreJustBeingStarted() {
    open(IMAGE);
    scale(3);
    scale(1);
    assertThat(told()).as("while three are being started").isEqualTo(3);
    awaitSeen(s -> s.of(WEB).running() == 3);
    awaitRunning(1);
    assertThat(told()).isEqualTo(1);
    await().pollDelay(Duration.ofMillis(500)).until(() -> true);
    scale(0);
    assertThat(told()).isZero();
    awaitRunning(0);
  }
}
