package io.microscale.orchestrators.kubernetes.room;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeSelectorTerm;
import io.fabric8.kubernetes.api.model.NodeSelectorTermBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.api.model.TaintBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.microscale.core.model.Resources;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// Nodes, pods and templates of which any may be in the way of any other, from a seed. All of them
/// are such as the API server takes.
final class RandomObjects {
  static final String GPU = "example.com/gpu";
  static final List<String> NAMESPACES = List.of("one", "two");

  private static final List<String> EFFECTS =
      List.of("NoSchedule", "NoExecute", "PreferNoSchedule");
  private static final List<String> CPUS =
      List.of("0", "50m", "100m", "250m", "0.3", "0.0001", "1");
  private static final List<String> MEMORIES =
      List.of("0", "1000k", "64Mi", "100Mi", "128Mi", "1e8", "1Gi");

  private final SplittableRandom random;
  private final String prefix;

  /// @param prefix begins every namespace
  RandomObjects(SplittableRandom random, String prefix) {
    this.random = random;
    this.prefix = prefix;
  }

  private boolean oneOutOf(int many) {
    return random.nextInt(many) == 0;
  }

  private <T> T one(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  String namespace() {
    return prefix + one(NAMESPACES);
  }

  Quantity cpu() {
    return new Quantity(one(CPUS));
  }

  Quantity memory() {
    return new Quantity(one(MEMORIES));
  }

  Node node(String name) {
    var labels = new HashMap<>(Map.of("kubernetes.io/hostname", name));
    if (oneOutOf(2)) {
      labels.put("disk", one(List.of("ssd", "nvme", "hdd")));
    }
    if (oneOutOf(2)) {
      labels.put("generation", one(List.of("1", "2", "3", "new")));
    }
    var taints = new ArrayList<Taint>();
    if (oneOutOf(6)) {
      taints.add(taint("dedicated"));
    }
    if (oneOutOf(6)) {
      taints.add(taint("spot"));
    }
    var allocatable = new HashMap<String, Quantity>();
    allocatable.put("cpu", new Quantity(one(List.of("1", "2", "3930m"))));
    allocatable.put("memory", new Quantity(one(List.of("512Mi", "2Gi", "3900000Ki"))));
    allocatable.put("ephemeral-storage", new Quantity("10Gi"));
    allocatable.put("pods", new Quantity(one(List.of("3", "5", "110"))));
    if (oneOutOf(2)) {
      allocatable.put(GPU, new Quantity(one(List.of("1", "2"))));
    }
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(name)
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withTaints(taints)
        .withUnschedulable(oneOutOf(8) ? true : null)
        .endSpec()
        .withNewStatus()
        .withAllocatable(allocatable)
        .withCapacity(allocatable)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withReason("Said")
        .endCondition()
        .endStatus()
        .build();
  }

  private Taint taint(String key) {
    return new TaintBuilder()
        .withKey(key)
        .withValue(one(List.of("db", "web", "")))
        .withEffect(one(EFFECTS))
        .build();
  }

  /// A node that takes every pod for which it has room, and has none.
  Node bareNode(String name) {
    return new NodeBuilder(node(name))
        .withNewSpec()
        .endSpec()
        .editStatus()
        .withAllocatable(Map.of())
        .withCapacity(Map.of())
        .endStatus()
        .build();
  }

  /// A pod that keeps no other away, but by what it holds.
  Pod barePod(String name, String node) {
    var pod = pod(name, node);
    makeBare(pod.getSpec());
    return pod;
  }

  PodTemplateSpec bareTemplate(String namespace) {
    var template = template(namespace);
    makeBare(template.getSpec());
    return template;
  }

  private static void makeBare(PodSpec spec) {
    spec.setAffinity(new AffinityBuilder().build());
    spec.setNodeSelector(Map.of());
    spec.getContainers().forEach(container -> container.setPorts(List.of()));
  }

  static Map<String, Quantity> quantities(Resources all) {
    var quantities = new HashMap<String, Quantity>();
    all.asMap()
        .forEach(
            (name, amount) ->
                quantities.put(name, new Quantity(amount + (name.equals("cpu") ? "m" : ""))));
    return quantities;
  }

  /// One that is on a node, or waits for one if `node` is empty.
  Pod pod(String name, String node) {
    var namespace = namespace();
    var spec =
        spec(namespace)
            .withNodeName(node.isEmpty() ? null : node)
            .withNodeSelector(Map.of())
            .withTolerations(new TolerationBuilder().withOperator("Exists").build())
            .build();
    // A node's kubelet would not have taken it against its affinity.
    if (spec.getAffinity() != null) {
      spec.getAffinity().setNodeAffinity(null);
    }
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withUid(name)
        .withNamespace(namespace)
        .withLabels(labels())
        .endMetadata()
        .withSpec(spec)
        .withNewStatus()
        .withPhase("Running")
        .endStatus()
        .build();
  }

  PodTemplateSpec template(String namespace) {
    return new PodTemplateSpecBuilder()
        .withNewMetadata()
        .withLabels(labels())
        .endMetadata()
        .withSpec(spec(namespace).build())
        .build();
  }

  private Map<String, String> labels() {
    var labels = new HashMap<>(Map.of("app", one(List.of("web", "db", "batch"))));
    if (oneOutOf(3)) {
      labels.put("tier", one(List.of("front", "back")));
    }
    return labels;
  }

  private PodSpecBuilder spec(String namespace) {
    boolean whole = oneOutOf(8);
    var containers = new ArrayList<Container>();
    int many = 1 + random.nextInt(2);
    for (int i = 0; i < many; i++) {
      containers.add(container("main" + i, whole, i == 0 && oneOutOf(6)));
    }
    var first = new ArrayList<Container>();
    for (int i = random.nextInt(6) - 3; i > 0; i--) {
      var container = container("first" + i, whole, false);
      if (oneOutOf(2)) {
        container.setRestartPolicy("Always");
      }
      first.add(container);
    }
    return new PodSpecBuilder()
        .withContainers(containers)
        .withInitContainers(first)
        .withTerminationGracePeriodSeconds(0L)
        .withNodeSelector(oneOutOf(5) ? Map.of("disk", one(List.of("ssd", "nvme"))) : Map.of())
        .withTolerations(tolerations())
        .withResources(whole ? ofWholePod() : null)
        .withAffinity(affinity(namespace));
  }

  private Container container(String name, boolean little, boolean takesPort) {
    var builder =
        new ContainerBuilder()
            .withName(name)
            .withImage("none")
            .withResources(little ? little() : resources());
    if (takesPort) {
      int port = 8000 + random.nextInt(2);
      builder
          .addNewPort()
          .withContainerPort(port)
          .withHostPort(port)
          .withProtocol(one(List.of("TCP", "UDP")))
          .withHostIP(one(List.of("", "", "127.0.0.1", "0.0.0.0")))
          .endPort();
    }
    return builder.build();
  }

  private ResourceRequirements resources() {
    var requests = new HashMap<String, Quantity>();
    var limits = new HashMap<String, Quantity>();
    if (!oneOutOf(4)) {
      (oneOutOf(4) ? limits : requests).put("cpu", cpu());
    }
    if (!oneOutOf(4)) {
      (oneOutOf(4) ? limits : requests).put("memory", memory());
    }
    if (oneOutOf(8)) {
      limits.put(GPU, new Quantity("1"));
      requests.put(GPU, new Quantity("1"));
    }
    return new ResourceRequirementsBuilder().withRequests(requests).withLimits(limits).build();
  }

  private ResourceRequirements little() {
    return new ResourceRequirementsBuilder()
        .withRequests(oneOutOf(2) ? Map.of("cpu", new Quantity("50m")) : Map.of())
        .withLimits(oneOutOf(2) ? Map.of("memory", new Quantity("32Mi")) : Map.of())
        .build();
  }

  /// More than containers with [#little] can ask for.
  private ResourceRequirements ofWholePod() {
    return new ResourceRequirementsBuilder()
        .withRequests(oneOutOf(2) ? Map.of("cpu", new Quantity("600m")) : Map.of())
        .withLimits(Map.of("memory", new Quantity("300Mi"), "cpu", new Quantity("900m")))
        .build();
  }

  private List<Toleration> tolerations() {
    var tolerations = new ArrayList<Toleration>();
    for (int i = random.nextInt(3); i > 0; i--) {
      boolean exists = oneOutOf(2);
      tolerations.add(
          new TolerationBuilder()
              .withKey(one(List.of("dedicated", "spot", "node.kubernetes.io/unschedulable")))
              .withOperator(exists ? "Exists" : oneOutOf(2) ? "Equal" : null)
              .withValue(exists ? null : one(List.of("db", "web", "")))
              .withEffect(one(List.of("NoSchedule", "NoExecute", "")))
              .build());
    }
    return tolerations;
  }

  private Affinity affinity(String namespace) {
    var affinity = new AffinityBuilder();
    if (oneOutOf(3)) {
      var terms = new ArrayList<NodeSelectorTerm>();
      for (int i = random.nextInt(2); i >= 0; i--) {
        terms.add(nodeTerm());
      }
      affinity
          .withNewNodeAffinity()
          .withNewRequiredDuringSchedulingIgnoredDuringExecution()
          .withNodeSelectorTerms(terms)
          .endRequiredDuringSchedulingIgnoredDuringExecution()
          .endNodeAffinity();
    }
    if (oneOutOf(3)) {
      affinity
          .withNewPodAntiAffinity()
          .withRequiredDuringSchedulingIgnoredDuringExecution(podTerm(namespace))
          .endPodAntiAffinity();
    }
    if (oneOutOf(8)) {
      affinity
          .withNewPodAffinity()
          .withRequiredDuringSchedulingIgnoredDuringExecution(podTerm(namespace))
          .endPodAffinity();
    }
    return affinity.build();
  }

  private NodeSelectorTerm nodeTerm() {
    var term = new NodeSelectorTermBuilder();
    switch (random.nextInt(6)) {
      case 0 -> expression(term, "disk", "In", "ssd", "hdd");
      case 1 -> expression(term, "disk", "NotIn", "ssd");
      case 2 -> expression(term, "disk", "Exists");
      case 3 -> expression(term, "disk", "DoesNotExist");
      case 4 -> expression(term, "generation", "Gt", "1");
      default -> expression(term, "generation", "Lt", "3");
    }
    if (oneOutOf(3)) {
      expression(term, "generation", "Exists");
    }
    return term.build();
  }

  private static void expression(
      NodeSelectorTermBuilder term, String key, String operator, String... values) {
    term.addNewMatchExpression()
        .withKey(key)
        .withOperator(operator)
        .withValues(values)
        .endMatchExpression();
  }

  private PodAffinityTerm podTerm(String namespace) {
    var term =
        new PodAffinityTermBuilder()
            .withTopologyKey("kubernetes.io/hostname")
            .withLabelSelector(selector());
    switch (random.nextInt(4)) {
      case 0 -> term.withNamespaces(prefix + one(NAMESPACES));
      case 1 -> term.withNamespaces(namespace, prefix + one(NAMESPACES));
      case 2 -> term.withNewNamespaceSelector().endNamespaceSelector();
      default -> {}
    }
    return term.build();
  }

  private LabelSelector selector() {
    var selector = new LabelSelectorBuilder();
    switch (random.nextInt(4)) {
      case 0 -> selector.addToMatchLabels("app", one(List.of("web", "db", "batch")));
      case 1 -> {
        selector.addToMatchLabels("app", "web");
        expression(selector, "tier", "NotIn", "back");
      }
      case 2 -> expression(selector, "tier", "Exists");
      default -> expression(selector, "app", "In", "db", "batch");
    }
    return selector.build();
  }

  private static void expression(
      LabelSelectorBuilder selector, String key, String operator, String... values) {
    selector
        .addNewMatchExpression()
        .withKey(key)
        .withOperator(operator)
        .withValues(values)
        .endMatchExpression();
  }
}
