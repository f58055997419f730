package io.microscale.orchestrators.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.orchestrators.kubernetes.room.NodeFacts;
import io.microscale.orchestrators.kubernetes.room.PoolRoom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterTest {
  private static final Resources EACH = Resources.cpuAndMemory(100, 1 << 20);
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId BATCH = new ServiceId("batch");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final String STARTED = "2025-12-31T00:00:00Z";

  private final Cluster cluster = cluster();

  private static Cluster cluster() {
    var workloads = new TreeMap<ServiceId, KubernetesWorkload>();
    workloads.put(WEB, KubernetesWorkload.of(WorkloadRef.deployment("default", "web"), EACH));
    workloads.put(BATCH, KubernetesWorkload.of(WorkloadRef.deployment("default", "batch"), EACH));
    var sizes = new Sizes(List.of(EACH), KubernetesSettings.PAUSED_CPU);
    return new Cluster(workloads, sizes, PoolRoom.ofNodes(sizes.names()));
  }

  private static NodeFacts node(int number) {
    return NodeFacts.of(
        new NodeBuilder()
            .withNewMetadata()
            .withUid("node-" + number)
            .withName("n" + number)
            .endMetadata()
            .withNewSpec()
            .endSpec()
            .withNewStatus()
            .addToAllocatable("cpu", new Quantity("10"))
            .addToAllocatable("memory", new Quantity("1Gi"))
            .addToAllocatable("pods", new Quantity("110"))
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .endCondition()
            .endStatus()
            .build());
  }

  private static WorkloadView workload(String uid, int replicas) {
    return new WorkloadView(
        uid,
        "1",
        replicas,
        false,
        Optional.empty(),
        "",
        "",
        Optional.empty(),
        Optional.empty(),
        "");
  }

  /// @param node blank for none
  private static Pod pod(
      String uid, String name, String owner, String node, boolean ready, String cpu) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withUid(uid)
            .withName(name)
            .withNamespace("default")
            .endMetadata()
            .withNewSpec()
            .withNodeName(node.isBlank() ? null : node)
            .addNewContainer()
            .withName("main")
            .withNewResources()
            .addToRequests("cpu", new Quantity(cpu))
            .addToRequests("memory", new Quantity("1Mi"))
            .endResources()
            .endContainer()
            .endSpec()
            .withNewStatus()
            .withPhase(ready ? "Running" : "Pending")
            .withStartTime(STARTED)
            .addNewCondition()
            .withType("Ready")
            .withStatus(ready ? "True" : "False")
            .endCondition()
            .endStatus()
            .build();
    if (!owner.isBlank()) {
      pod.getMetadata()
          .getOwnerReferences()
          .add(
              new OwnerReferenceBuilder()
                  .withUid(owner)
                  .withName(owner)
                  .withKind("ReplicaSet")
                  .withController(true)
                  .build());
    }
    return pod;
  }

  private void put(Pod pod) {
    cluster.putPod(PodView.of(pod));
  }

  private static Pod running(String name, String owner) {
    return pod("uid-" + name, name, owner, "n1", true, "100m");
  }

  @Test
  void podsAreFoundInWhateverOrderTheirOwnersAreTold() {
    putOneOfWeb();
    assertThat(cluster.snapshot(NOW).of(WEB).running()).isEqualTo(1);
    assertThat(cluster.snapshot(NOW).standings().desired()).containsEntry(WEB, 1);
  }

  private void putOneOfWeb() {
    cluster.putNode(node(1));
    put(running("web-1", "set"));
    assertThat(cluster.snapshot(NOW).of(WEB).replicas()).isEmpty();
    cluster.putBetween("set", "web-uid", "");
    assertThat(cluster.snapshot(NOW).of(WEB).replicas()).isEmpty();
    cluster.putWorkload(WEB, workload("web-uid", 1));
  }

  @Test
  void workloadThatIsMadeAnewHasNoneOfTheOldPods() {
    putOneOfWeb();
    cluster.putWorkload(WEB, workload("other-uid", 1));
    assertThat(cluster.snapshot(NOW).of(WEB).replicas()).isEmpty();
    // They hold their room all the same.
    assertThat(cluster.snapshot(NOW).free(0).get(Resources.CPU)).isEqualTo(9_900);
  }

  @Test
  void podWithoutANodeOrThatHasEndedIsNoReplica() {
    cluster.putNode(node(1));
    cluster.putWorkload(WEB, workload("web-uid", 2));
    put(pod("a", "web-1", "web-uid", "", false, "100m"));
    var ended = running("web-2", "web-uid");
    ended.getStatus().setPhase("Failed");
    put(ended);
    assertThat(cluster.snapshot(NOW).replicas()).isEmpty();
    assertThat(cluster.pods(WEB)).hasSize(1);
  }

  @Test
  void markedPodStopsAtOnceAndGoesOnWhenItIsSpared() {
    putOneOfWeb();
    var pod = cluster.pods(WEB);
    cluster.mark(pod);
    assertThat(cluster.snapshot(NOW).replicas())
        .allMatch(replica -> replica.state() == ReplicaState.STOPPING);
    cluster.unmark(pod);
    assertThat(cluster.snapshot(NOW).of(WEB).running()).isEqualTo(1);
  }

  @Test
  void podAtThePausedProcessorIsPausedAndHoldsWhatItRequests() {
    cluster.putNode(node(1));
    cluster.putWorkload(WEB, workload("web-uid", 1));
    put(pod("a", "web-1", "web-uid", "n1", true, "10m"));
    var snapshot = cluster.snapshot(NOW);
    var replica = snapshot.of(WEB).find(new ReplicaId("web-1")).orElseThrow();
    assertThat(replica.state()).isEqualTo(ReplicaState.PAUSED);
    assertThat(replica.holds()).isEqualTo(Resources.cpuAndMemory(10, 1 << 20));
    assertThat(snapshot.free(0).get(Resources.CPU)).isEqualTo(9_990);
  }

  @Test
  void podThatWaitsForAnImageBacksOffUntilItRuns() {
    putOneOfWeb();
    var stuck = pod("uid-web-2", "web-2", "set", "n1", false, "100m");
    stuck
        .getStatus()
        .setContainerStatuses(
            List.of(
                new ContainerStatusBuilder()
                    .withName("main")
                    .withNewState()
                    .withNewWaiting("no such image", "ImagePullBackOff")
                    .endState()
                    .build()));
    put(stuck);
    assertThat(cluster.snapshot(NOW).backoffs().get(WEB))
        .isNotNull()
        .satisfies(
            backoff ->
                assertThat(backoff.reason()).isEqualTo("web-2: ImagePullBackOff: no such image"));
    put(running("web-2", "set"));
    assertThat(cluster.snapshot(NOW).backoffs()).doesNotContainKey(WEB);
  }

  @Test
  void changeIsToldOnceAndNoChangeIsNot() {
    putOneOfWeb();
    cluster.snapshot(NOW);
    assertThat(cluster.takeChanged()).isTrue();
    assertThat(cluster.takeChanged()).isFalse();
    put(running("web-1", "set"));
    assertThat(cluster.takeChanged()).isFalse();
    put(pod("uid-web-1", "web-1", "set", "n1", false, "100m"));
    cluster.snapshot(NOW); // of somebody else
    assertThat(cluster.takeChanged()).isTrue();
  }

  @Test
  void workloadThatDoesNotExistStartsNothing() {
    assertThat(cluster.snapshot(NOW).backoffs().get(WEB).reason())
        .isEqualTo("there is no Deployment default/web");
  }

  /// A StatefulSet gives the names of pods that are gone to new ones, which may be told first.
  @Test
  void podThatTakesAnothersNameTakesItsPlace() {
    cluster.putNode(node(1));
    cluster.putWorkload(WEB, workload("web-uid", 1));
    put(pod("old", "web-0", "web-uid", "n1", true, "100m"));
    cluster.snapshot(NOW);
    put(pod("new", "web-0", "web-uid", "n1", false, "100m"));
    cluster.removePod("old");
    assertThat(cluster.snapshot(NOW).of(WEB).replicas())
        .singleElement()
        .matches(replica -> replica.state() == ReplicaState.STARTING);
  }

  static LongStream seeds() {
    return LongStream.range(0, 60);
  }

  /// One change at a time or all at once: the snapshot is the same.
  @ParameterizedTest
  @MethodSource("seeds")
  void snapshotThatIsKeptUpIsTheOneMadeAnew(long seed) {
    var random = new SplittableRandom(seed);
    var pods = new LinkedHashMap<String, Pod>();
    var workloads = new TreeMap<ServiceId, WorkloadView>();
    var owners = new TreeMap<String, String>();
    var nodes = new ArrayList<NodeFacts>();
    for (int step = 0; step < 120; step++) {
      switch (random.nextInt(8)) {
        case 0 -> {
          var service = random.nextBoolean() ? WEB : BATCH;
          var view = workload(service + "-" + random.nextInt(2), random.nextInt(5));
          workloads.put(service, view);
          cluster.putWorkload(service, view);
        }
        case 1 -> {
          var set = "set-" + random.nextInt(4);
          var owner = (random.nextBoolean() ? "web-" : "batch-") + random.nextInt(2);
          owners.put(set, owner);
          cluster.putBetween(set, owner, "");
        }
        case 2 -> {
          var node = node(random.nextInt(3));
          if (!nodes.contains(node)) {
            nodes.add(node);
          }
          cluster.putNode(node);
        }
        case 3 -> {
          var uid = "pod-" + random.nextInt(12);
          pods.remove(uid);
          cluster.removePod(uid);
        }
        default -> {
          var uid = "pod-" + random.nextInt(12);
          var owner = random.nextInt(5) == 0 ? "" : "set-" + random.nextInt(4);
          var node = random.nextInt(4) == 0 ? "" : "n" + random.nextInt(3);
          var cpu = random.nextBoolean() ? "100m" : "10m";
          var pod = pod(uid, uid, owner, node, random.nextBoolean(), cpu);
          pods.put(uid, pod);
          put(pod);
        }
      }
      if (random.nextInt(3) > 0) {
        assertThat(cluster.snapshot(NOW))
            .as("seed %d, step %d", seed, step)
            .isEqualTo(anew(pods, workloads, owners, nodes));
      }
    }
  }

  private static Snapshot anew(
      Map<String, Pod> pods,
      Map<ServiceId, WorkloadView> workloads,
      Map<String, String> owners,
      List<NodeFacts> nodes) {
    var other = cluster();
    nodes.forEach(other::putNode);
    workloads.forEach(other::putWorkload);
    owners.forEach((set, owner) -> other.putBetween(set, owner, ""));
    pods.values().forEach(pod -> other.putPod(PodView.of(pod)));
    return other.snapshot(NOW);
  }
}
