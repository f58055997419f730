package io.microscale.orchestrators.kubernetes.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAffinity;
import io.fabric8.kubernetes.api.model.NodeSelector;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The scheduler puts a pod on a node if and only if [PoolRoom] says that it fits there: random
/// nodes, pods and templates on a real control plane, the nodes without kubelets.
class RoomIT {
  private static final int NODES = 8;
  private static final int PODS = 12;
  private static final int TEMPLATES = 16;
  private static final ServiceId SERVICE = new ServiceId("service");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static @Nullable KubernetesCluster cluster;

  private final KubernetesClient client = connect();
  private final List<String> nodes = new ArrayList<>();
  private final Set<String> namespaces = new HashSet<>();

  /// The nodes here have no kubelets and would soon count as failed; and the scheduler is to answer
  /// as fast as it can.
  @BeforeAll
  static void start() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    cluster =
        KubernetesCluster.start(
            "room",
            Setup.nodes(0)
                .monitor(Duration.ofHours(24))
                .option(Part.SCHEDULER, "--kube-api-qps=1000")
                .option(Part.SCHEDULER, "--kube-api-burst=1000"));
  }

  @AfterAll
  static void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  private static KubernetesClient connect() {
    var kubeconfig = Objects.requireNonNull(cluster).kubeconfig().toFile();
    return new KubernetesClientBuilder().withConfig(Config.fromKubeconfig(kubeconfig)).build();
  }

  @AfterEach
  void clear() {
    for (var namespace : namespaces) {
      client.pods().inNamespace(namespace).withGracePeriod(0).delete();
      client.namespaces().withName(namespace).delete();
    }
    nodes.forEach(node -> client.nodes().withName(node).delete());
    client.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theSchedulerAgrees(long seed) {
    var random = new SplittableRandom(seed);
    var prefix = "room-%d-".formatted(seed);
    var objects = new RandomObjects(random, prefix);
    RandomObjects.NAMESPACES.forEach(name -> namespace(prefix + name));
    for (int i = 0; i < NODES; i++) {
      node(objects.node(prefix + i));
    }
    for (int i = 0; i < PODS; i++) {
      var pod = objects.pod("there-" + i, nodes.get(random.nextInt(NODES)));
      resize(client.resource(pod).create(), objects, random);
    }
    var said = new TreeMap<Boolean, Integer>();
    for (int i = 0; i < TEMPLATES; i++) {
      var namespace = objects.namespace();
      var template = objects.template(namespace);
      var fits = fits(template, namespace, random);
      said.merge(true, fits.size(), Integer::sum);
      said.merge(false, NODES - fits.size(), Integer::sum);
      assertThat(placed(template, namespace, fits))
          .as("seed %d, template %d: %s", seed, i, template.getSpec())
          .isEqualTo(fits);
    }
    assertThat(said.get(true)).as("seed %d: that fit", seed).isPositive();
    assertThat(said.get(false)).as("seed %d: that do not fit", seed).isPositive();
  }

  /// Of nodes that have exactly what their pods hold and one more needs, and of such that lack one
  /// unit of one resource.
  @ParameterizedTest
  @ValueSource(longs = {11, 12})
  void theSchedulerAgreesToTheLastUnit(long seed) {
    var random = new SplittableRandom(seed);
    var prefix = "unit-%d-".formatted(seed);
    var objects = new RandomObjects(random, prefix);
    RandomObjects.NAMESPACES.forEach(name -> namespace(prefix + name));
    var asked = new TreeMap<String, Pod>();
    var fits = new HashSet<String>();
    for (int i = 0; i < 2 * NODES; i++) {
      var name = prefix + i;
      var node = objects.bareNode(name);
      node(node);
      var all = Resources.NONE;
      for (int j = 0; j < 3; j++) {
        var pod = client.resource(objects.barePod("there-%d-%d".formatted(i, j), name)).create();
        resize(pod, objects, random);
        all = all.plus(PodRequests.of(client.resource(pod).get()));
      }
      var namespace = objects.namespace();
      var template = objects.bareTemplate(namespace);
      var needs = PodRequests.of(template);
      all = all.plus(needs);
      var most = needs.names().stream().filter(resource -> needs.get(resource) > 0).toList();
      if (random.nextBoolean()) {
        all = all.minus(Resources.of(Map.of(most.get(random.nextInt(most.size())), 1L)));
      } else {
        fits.add(name);
      }
      node.getStatus().setAllocatable(RandomObjects.quantities(all));
      node.getStatus().setCapacity(RandomObjects.quantities(all));
      client.resource(node).patchStatus();
      asked.put(name, client.resource(pinned(template, namespace, name)).create());
    }
    var placed = new HashSet<String>();
    asked.forEach(
        (node, pod) -> {
          if (verdict(pod, fits.contains(node))) {
            placed.add(node);
          }
        });
    assertThat(placed).as("seed %d", seed).isEqualTo(fits);
  }

  // What is there.

  private void namespace(String name) {
    namespaces.add(name);
    var named = new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build();
    client.resource(named).create();
    await()
        .atMost(PATIENCE)
        .until(() -> client.serviceAccounts().inNamespace(name).withName("default").get() != null);
  }

  private void node(Node node) {
    var name = node.getMetadata().getName();
    nodes.add(name);
    node.getMetadata().setUid(null);
    client.resource(node).create();
    client.resource(node).patchStatus();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                client.nodes().withName(name).get().getSpec().getTaints().stream()
                    .noneMatch(taint -> taint.getKey().equals("node.kubernetes.io/not-ready")));
  }

  /// Says of some pods that they are being resized, as their kubelet would.
  private void resize(Pod pod, RandomObjects objects, SplittableRandom random) {
    int kind = random.nextInt(4);
    if (kind == 0) {
      return;
    }
    var container = pod.getSpec().getContainers().getFirst();
    var more = Map.of("cpu", objects.cpu(), "memory", objects.memory());
    var status =
        new PodBuilder(pod)
            .withNewStatus()
            .withPhase("Running")
            .addNewContainerStatus()
            .withName(container.getName())
            .withImage(container.getImage())
            .withImageID("none")
            .withReady(true)
            .withRestartCount(0)
            .withAllocatedResources(kind == 1 ? Map.of() : more)
            .withNewResources()
            .withRequests(kind == 2 ? Map.of() : Map.of("cpu", objects.cpu()))
            .endResources()
            .endContainerStatus()
            .endStatus();
    if (random.nextInt(3) == 0) {
      status
          .editStatus()
          .addNewCondition()
          .withType("PodResizePending")
          .withStatus("True")
          .withReason(random.nextBoolean() ? "Infeasible" : "Deferred")
          .endCondition()
          .endStatus();
    }
    client.resource(status.build()).patchStatus();
  }

  // What we say.

  private Set<String> fits(PodTemplateSpec template, String namespace, SplittableRandom random) {
    var needs = PodRequests.of(template);
    var room = PoolRoom.ofNodes(new HashSet<>(needs.names()));
    room.putService(SERVICE, Admission.of(template, namespace));
    var replicas = new ArrayList<Replica>();
    for (var pod : client.pods().inAnyNamespace().list().getItems()) {
      var facts = PodFacts.of(pod);
      boolean ours = random.nextBoolean() && nodes.contains(facts.node());
      room.putPod(facts, ours);
      if (ours) {
        replicas.add(replica(facts, needs));
      }
    }
    for (var node : client.nodes().list().getItems()) {
      room.putNode(NodeFacts.of(node));
    }
    var standings = new Standings(Map.of(), Map.of(), room.barred());
    var snapshot = Snapshot.of(Instant.EPOCH, room.nodes(), replicas, standings);
    var fits = new HashSet<String>();
    for (var name : nodes) {
      int node = snapshot.indexOf(new NodeId(name));
      if (snapshot.admits(node, SERVICE) && needs.fitsIn(snapshot.free(node))) {
        fits.add(name);
      }
    }
    return fits;
  }

  private static Replica replica(PodFacts pod, Resources counted) {
    var holds = new TreeMap<String, Long>();
    counted.names().forEach(name -> holds.put(name, pod.holds().get(name)));
    return Replica.of(
        new ReplicaId(pod.namespace() + "." + pod.uid()),
        SERVICE,
        new NodeId(pod.node()),
        ReplicaState.RUNNING,
        Resources.of(holds),
        Instant.EPOCH);
  }

  // What the scheduler does.

  /// Where it puts pods of a template of which each may go to one node only.
  private Set<String> placed(PodTemplateSpec template, String namespace, Set<String> expected) {
    var affinity = template.getSpec().getAffinity();
    if (affinity.getPodAffinity() == null) {
      return placed(template, namespace, nodes, expected);
    }
    // The first that is there may let others follow it.
    var placed = new HashSet<String>();
    for (var node : nodes) {
      placed.addAll(placed(template, namespace, List.of(node), expected));
    }
    return placed;
  }

  private Set<String> placed(
      PodTemplateSpec template, String namespace, List<String> to, Set<String> expected) {
    var asked = new TreeMap<String, Pod>();
    for (var node : to) {
      asked.put(node, client.resource(pinned(template, namespace, node)).create());
    }
    var placed = new HashSet<String>();
    asked.forEach(
        (node, pod) -> {
          if (verdict(pod, expected.contains(node))) {
            placed.add(node);
          }
        });
    asked.values().forEach(pod -> client.resource(pod).withGracePeriod(0).delete());
    return placed;
  }

  /// Waits for the answer; for the one that is not expected a while longer, as it may rest on what
  /// the scheduler has not heard of yet.
  private boolean verdict(Pod pod, boolean expected) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> answer(pod).isPresent());
    try {
      await()
          .atMost(Duration.ofSeconds(3))
          .pollDelay(Duration.ZERO)
          .until(() -> answer(pod).equals(Optional.of(expected)));
      return expected;
    } catch (ConditionTimeoutException _) {
      return !expected;
    }
  }

  private Optional<Boolean> answer(Pod pod) {
    var now = client.resource(pod).get();
    if (now.getSpec().getNodeName() != null) {
      return Optional.of(true);
    }
    return now.getStatus().getConditions().stream()
        .filter(c -> c.getType().equals("PodScheduled") && "Unschedulable".equals(c.getReason()))
        .findFirst()
        .map(_ -> false);
  }

  private static Pod pinned(PodTemplateSpec template, String namespace, String node) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withGenerateName("asked-")
            .withNamespace(namespace)
            .withLabels(template.getMetadata().getLabels())
            .endMetadata()
            .withSpec(template.getSpec())
            .build();
    // A copy, since what follows changes it.
    var copy = Serialization.clone(pod);
    var affinity = copy.getSpec().getAffinity();
    if (affinity.getNodeAffinity() == null) {
      affinity.setNodeAffinity(new NodeAffinity());
    }
    var required = affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution();
    if (required == null) {
      required = new NodeSelector(List.of(new NodeSelectorTermBuilder().build()));
      affinity.getNodeAffinity().setRequiredDuringSchedulingIgnoredDuringExecution(required);
    }
    required.getNodeSelectorTerms().forEach(term -> term.setMatchFields(List.of(named(node))));
    return copy;
  }

  private static NodeSelectorRequirement named(String node) {
    return new NodeSelectorRequirementBuilder()
        .withKey("metadata.name")
        .withOperator("In")
        .withValues(node)
        .build();
  }
}
