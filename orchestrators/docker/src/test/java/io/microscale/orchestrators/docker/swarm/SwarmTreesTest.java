package io.microscale.orchestrators.docker.swarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What Swarm's answers mean.
class SwarmTreesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ServiceId WEB = new ServiceId("web");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static SwarmNode node(String key, String host, String state, String availability) {
    return SwarmNode.of(
        json(
            """
            {'ID': '%s', 'Spec': {'Role': 'worker', 'Availability': '%s', 'Labels': {'disk': 'ssd'}},
             'Description': {'Hostname': '%s', 'Platform': {'Architecture': 'x86_64', 'OS': 'linux'},
               'Resources': {'NanoCPUs': 2000000000, 'MemoryBytes': 1024,
                 'GenericResources': [{'NamedResourceSpec': {'Kind': 'GPU', 'Value': 'a'}},
                   {'NamedResourceSpec': {'Kind': 'GPU', 'Value': 'b'}},
                   {'DiscreteResourceSpec': {'Kind': 'licence', 'Value': 3}}]},
               'Engine': {'Labels': {'zone': 'east'}}},
             'Status': {'State': '%s'}}
            """
                .formatted(key, availability, host, state)));
  }

  private static SwarmTask task(String key, long slot, String node, String state, String desired) {
    return SwarmTask.of(
        json(
            """
            {'ID': '%s', 'ServiceID': 's', 'Slot': %d, 'NodeID': '%s', 'DesiredState': '%s',
             'CreatedAt': '2026-01-01T00:00:00.123456789Z',
             'Status': {'State': '%s', 'Err': 'broken'}}
            """
                .formatted(key, slot, node, desired, state)));
  }

  private static SwarmService service(String placement, String update) {
    return new SwarmService(
        json(
            """
            {'ID': 's', 'Version': {'Index': 7}, 'Spec': {'Name': 'x_web', 'TaskTemplate':
              {'Placement': %s, 'Unknown': [1]}, 'Mode': {'Replicated': {'Replicas': 2}}},
             'UpdateStatus': %s}
            """
                .formatted(placement, update)));
  }

  private static Snapshot snapshot(
      List<SwarmNode> nodes, SwarmService service, List<SwarmTask> tasks, long slots) {
    var settings =
        SwarmSettings.of(
                "pool",
                EngineAddress.LOCAL,
                Map.of(WEB, SwarmWorkload.Image.of("i", Resources.slots(1))))
            .slots(slots);
    return new Picture(nodes, Map.of(WEB, service), tasks, Map.of())
        .snapshot(settings, Map.of(WEB, 2), Map.of(), NOW);
  }

  @ParameterizedTest
  @CsvSource({
    "node.role == worker, true",
    "node.role==manager, false",
    "node.role != manager, true",
    "node.hostname == H1, true",
    "node.hostname != h1, false",
    "node.id == k1, true",
    "node.labels.disk == SSD, true",
    "node.labels.disk != ssd, false",
    "node.labels.other == x, false",
    "node.labels.other != x, true",
    "engine.labels.zone == east, true",
    "node.platform.os == linux, true",
    "node.platform.arch == x86_64, true",
    "node.platform.arch != x86_64, false",
    "node.ip == 10.0.0.1, true",
  })
  void constraintsAreRead(String text, boolean admits) {
    var node = node("k1", "h1", "ready", "active");
    assertThat(Constraint.parse(text).admits(node)).isEqualTo(admits);
  }

  @Test
  void constraintThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Constraint.parse("node.role"))
        .hasMessage("constraints: need 'KEY == VALUE' or 'KEY != VALUE', got 'node.role'");
  }

  @Test
  void platformsOfTheImageBarOtherNodes() {
    var node = node("k1", "h1", "ready", "active");
    assertThat(
            service("{'Platforms': [{'Architecture': 'amd64', 'OS': 'linux'}]}", "{}")
                .mayRunOn(node))
        .isTrue();
    assertThat(
            service("{'Platforms': [{'Architecture': 'arm64', 'OS': 'linux'}]}", "{}")
                .mayRunOn(node))
        .isFalse();
    assertThat(service("{'Platforms': [{}]}", "{}").mayRunOn(node)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "new, running, STARTING",
    "assigned, running, STARTING",
    "preparing, running, STARTING",
    "ready, ready, STARTING",
    "starting, running, STARTING",
    "running, running, RUNNING",
    "running, shutdown, STOPPING",
    "running, remove, STOPPING",
    "starting, remove, STOPPING",
  })
  void statesOfTasksAreRead(String state, String desired, ReplicaState is) {
    var task = task("t", 1, "k1", state, desired);
    assertThat(task.ended()).isFalse();
    assertThat(task.replicaState()).isEqualTo(is);
  }

  @ParameterizedTest
  @CsvSource({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
  void tasksThatEndedAreNoReplicas(String state) {
    assertThat(task("t", 1, "k1", state, "running").ended()).isTrue();
    var nodes = List.of(node("k1", "h1", "ready", "active"));
    var tasks = List.of(task("t", 1, "k1", state, "shutdown"));
    assertThat(snapshot(nodes, service("{}", "{}"), tasks, 9).replicas()).isEmpty();
  }

  @Test
  void updatesInProgressAreRead() {
    assertThat(service("{}", "{'State': 'updating', 'Message': 'half'}").updating())
        .contains("x_web is in an update (updating): half");
    assertThat(service("{}", "{'State': 'rollback_started'}").updating()).isPresent();
    assertThat(service("{}", "{'State': 'paused'}").updating()).isPresent();
    assertThat(service("{}", "{'State': 'completed'}").updating()).isEmpty();
    assertThat(service("{}", "{'State': 'rollback_completed'}").updating()).isEmpty();
    assertThat(service("{}", "{}").updating()).isEmpty();
  }

  @Test
  void scaledKeepsWhatNobodyKnows() {
    var service = service("{'Constraints': ['a == b']}", "{}");
    var before = service.spec().toString();
    assertThat(service.scaledTo(5).toString())
        .isEqualTo(before.replace("\"Replicas\":2", "\"Replicas\":5"));
    assertThat(service.spec().toString()).isEqualTo(before);
  }

  @Test
  void resourcesAreThoseOfThePort() {
    assertThat(node("k1", "h1", "ready", "active").resources())
        .isEqualTo(
            Resources.of(
                Map.of(Resources.CPU, 2000L, Resources.MEMORY, 1024L, "gpu", 2L, "licence", 3L)));
  }

  @Test
  void downNodesAreLeftOutWithTheirTasksAndOthersAreNot() {
    var nodes =
        List.of(
            node("k3", "c", "down", "active"),
            node("k1", "a", "ready", "active"),
            node("k2", "b", "unknown", "active"),
            node("k4", "d", "ready", "drain"));
    var tasks =
        List.of(
            task("t1", 1, "k1", "running", "running"),
            task("t2", 2, "k2", "running", "running"),
            task("t3", 3, "k3", "running", "running"),
            task("t4", 4, "", "pending", "running"));
    var snapshot = snapshot(nodes, service("{}", "{}"), tasks, 10);
    assertThat(snapshot.nodes())
        .extracting(n -> n.id() + " " + n.schedulable() + " " + n.capacity())
        .containsExactly("a true slots=3", "b false slots=3", "d false slots=2");
    assertThat(snapshot.replicas())
        .extracting(r -> r.id() + " " + r.node())
        .containsExactly("web-1-t1 a", "web-2-t2 b");
    assertThat(snapshot.replicas().getFirst().started())
        .isEqualTo("2026-01-01T00:00:00.123456789Z");
    assertThat(snapshot.standings().desired()).isEqualTo(Map.of(WEB, 2));
  }

  @Test
  void nodeThatTookThePlaceOfALostOneHasItsShare() {
    var nodes =
        List.of(
            node("k1", "a", "down", "active"),
            node("k2", "a", "ready", "active"),
            node("k3", "b", "ready", "active"));
    var snapshot = snapshot(nodes, service("{}", "{}"), List.of(), 10);
    assertThat(snapshot.nodes())
        .extracting(n -> n.id() + " " + n.capacity())
        .containsExactly("a slots=5", "b slots=5");
  }

  @Test
  void nodesOfOneNameAreToldApart() {
    var nodes = List.of(node("k1", "a", "ready", "active"), node("k2", "a", "ready", "active"));
    assertThat(snapshot(nodes, service("{}", "{}"), List.of(), 10).nodes())
        .extracting(n -> n.id().value())
        .containsExactly("a-k1", "a-k2");
  }

  @Test
  void aFullNodeIsBarred() {
    var nodes = List.of(node("k1", "a", "ready", "active"), node("k2", "b", "ready", "active"));
    var tasks =
        List.of(
            task("t1", 1, "k1", "running", "running"), task("t2", 2, "k2", "running", "remove"));
    var snapshot = snapshot(nodes, service("{'MaxReplicas': 1}", "{}"), tasks, 10);
    assertThat(snapshot.standings().barred()).isEqualTo(Map.of(WEB, Set.of(new NodeId("a"))));
  }

  @Test
  void waitingTriedAndFailedTasksAreNotOnTheirWay() {
    var watch = new TaskWatch();
    var tasks = new ArrayList<SwarmTask>();
    tasks.add(task("t1", 1, "k1", "starting", "running"));
    tasks.add(task("t2", 2, "", "pending", "running"));
    tasks.add(task("t3", 3, "k1", "failed", "shutdown"));
    tasks.add(task("t4", 3, "k1", "starting", "running"));
    tasks.add(task("t5", 5, "k1", "starting", "remove"));
    long second = Duration.ofSeconds(1).toNanos();
    watch.seen(tasks, 0, NOW);
    assertThat(watch.onTheirWay("s", 3, 0, 2)).isEqualTo(2);
    assertThat(watch.onTheirWay("s", 5, 0, 2)).as("two of them not made yet").isEqualTo(4);
    assertThat(watch.onTheirWay("s", 5, 0, 2 * second)).as("one waits for room").isEqualTo(1);
    assertThat(watch.onTheirWay("s", 5, 0, 20 * second)).isZero();
    assertThat(watch.onTheirWay("other", 0, 0, 2)).isZero();
  }

  @Test
  void tasksThatFailAgainAndAgainHoldTheirServiceUp() {
    var watch = new TaskWatch();
    long second = Duration.ofSeconds(1).toNanos();
    watch.seen(List.of(task("t0", 1, "k1", "failed", "shutdown")), 0, NOW);
    assertThat(watch.backoff("s", NOW)).as("it was so before").isEmpty();
    for (int i = 1; i <= 3; i++) {
      watch.seen(List.of(task("t" + i, 1, "k1", "failed", "shutdown")), i * second, NOW);
    }
    assertThat(watch.backoff("s", NOW).map(Backoff::reason).orElse(""))
        .contains("3 ended", "task 1 failed: broken");
  }

  @Test
  void settledIsWhenAllRunAndNothingElseIsThere() {
    var watch = new TaskWatch();
    var running = task("t1", 1, "k1", "running", "running");
    watch.seen(List.of(running, task("t0", 1, "k1", "shutdown", "shutdown")), 0, NOW);
    assertThat(watch.isSettled("s", 1)).isTrue();
    assertThat(watch.isSettled("s", 2)).isFalse();
    watch.seen(List.of(running, task("t0", 1, "k1", "running", "remove")), 0, NOW);
    assertThat(watch.isSettled("s", 1)).isFalse();
  }

  @Test
  void settingsAreRefusedWithPlaceRuleAndValue() {
    var existing = new SwarmWorkload.Existing(Optional.empty(), Resources.slots(1));
    assertThatThrownBy(() -> SwarmSettings.of("pool", EngineAddress.LOCAL, Map.of(WEB, existing)))
        .hasMessageContaining("services.web.workload: need an image, a service's name, or a stack");
    var one = SwarmWorkload.Existing.named("x", Resources.slots(1));
    assertThatThrownBy(
            () ->
                SwarmSettings.of(
                    "pool", EngineAddress.LOCAL, Map.of(WEB, one, new ServiceId("batch"), one)))
        .hasMessage("services.web.workload: need a Swarm service of its own, got 'x' of batch");
    var image = SwarmWorkload.Image.of("i", Resources.slots(1));
    assertThatThrownBy(() -> image.constraints(List.of("node.role")))
        .hasMessageContaining("got 'node.role'");
  }
}
