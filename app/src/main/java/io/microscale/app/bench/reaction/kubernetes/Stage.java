package io.microscale.app.bench.reaction.kubernetes;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import io.microscale.app.CommandException;
import io.microscale.app.bench.reaction.Step;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A namespace of its own with the Deployments `web` and `batch`, whose pods fill one node of the
/// cluster and do nothing. Closing it removes the namespace.
final class Stage implements AutoCloseable {
  static final String APP = "app";
  static final String WEB = "web";
  static final String BATCH = "batch";
  static final String CONTAINER = "main";

  private static final long GRACE_SECONDS = 1;
  private static final String HOST = "kubernetes.io/hostname";
  private static final Duration LONGEST = Duration.ofMinutes(3);
  private static final Duration LEAVING = Duration.ofMinutes(1);
  private static final Duration LEAVING_AT_ONCE =
      Duration.ofSeconds(10); // a JVM told to end has 20
  private static final Duration STEADY = Duration.ofMillis(500);
  private static final int MOST_TRIES = 20;

  private final ClusterAccess access;
  private final KubernetesClient client;
  private final String namespace;
  private final String image;
  private final Step step;
  private final String host;
  private final Size size;
  private final Calls calls;
  private final Pods pods;
  private final Consumer<String> progress;

  /// Makes the namespace and, without pods yet, the Deployments.
  ///
  /// @param namespace must not exist
  /// @param image whose own command runs until it is told to end
  /// @param progress takes a line for people
  /// @throws KubernetesClientException if the server does not answer or refuses
  static Stage open(
      ClusterAccess access, String namespace, String image, Step step, Consumer<String> progress) {
    var client = new KubernetesClientBuilder().withConfig(access.config()).build();
    try {
      return new Stage(access, client, namespace, image, step, progress);
    } catch (RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private Stage(
      ClusterAccess access,
      KubernetesClient client,
      String namespace,
      String image,
      Step step,
      Consumer<String> progress) {
    this.progress = progress;
    this.access = access;
    this.client = client;
    this.namespace = namespace;
    this.image = image;
    this.step = step;
    this.calls = new Calls(client, namespace);
    var free = freeByNode();
    var emptiest =
        free.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .orElseThrow(
                () ->
                    CommandException.failed("need a node that is ready and takes pods, got none"));
    this.host = emptiest.getKey();
    try {
      this.size = Size.of(emptiest.getValue(), step);
    } catch (IllegalArgumentException e) {
      throw CommandException.failed("--step, --slots: " + e.getMessage());
    }
    if (client.namespaces().withName(namespace).get() != null) {
      throw CommandException.failed(
          "--namespace: need one that does not exist, since it is removed at the end, got '%s'"
              .formatted(namespace));
    }
    client
        .namespaces()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    this.pods = new Pods(client, namespace);
    boolean made = false;
    try {
      deploy(WEB, Optional.empty());
      deploy(BATCH, Optional.empty());
      made = true;
    } finally {
      if (!made) {
        remove(LEAVING_AT_ONCE);
      }
    }
  }

  /// What nodes have free, in thousandths of a core, by the name of their host.
  private Map<String, Long> freeByNode() {
    var requested =
        client.pods().inAnyNamespace().list().getItems().stream()
            .filter(
                pod ->
                    pod.getSpec().getNodeName() != null
                        && !List.of("Succeeded", "Failed").contains(pod.getStatus().getPhase()))
            .collect(
                Collectors.groupingBy(
                    pod -> pod.getSpec().getNodeName(), Collectors.summingLong(Stage::requested)));
    return client.nodes().list().getItems().stream()
        .filter(Stage::takesPods)
        .collect(
            Collectors.toMap(
                node -> node.getMetadata().getLabels().get(HOST),
                node ->
                    milli(node.getStatus().getAllocatable().get("cpu"))
                        - requested.getOrDefault(node.getMetadata().getName(), 0L)));
  }

  private static boolean takesPods(Node node) {
    return !Boolean.TRUE.equals(node.getSpec().getUnschedulable())
        && node.getSpec().getTaints().stream()
            .allMatch(taint -> taint.getEffect().equals("PreferNoSchedule"))
        && node.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  /// Containers that run beside others, or before them if those need more.
  private static long requested(Pod pod) {
    long together =
        pod.getSpec().getContainers().stream().mapToLong(c -> milli(c.getResources())).sum();
    return Stream.concat(
            Stream.of(together),
            pod.getSpec().getInitContainers().stream().map(c -> milli(c.getResources())))
        .max(Comparator.naturalOrder())
        .orElse(together);
  }

  private static long milli(@Nullable ResourceRequirements of) {
    return of == null || of.getRequests() == null ? 0 : milli(of.getRequests().get("cpu"));
  }

  private static long milli(@Nullable Quantity quantity) {
    return quantity == null
        ? 0
        : quantity.getNumericalAmount().multiply(BigDecimal.valueOf(1000)).longValue();
  }

  /// Adds a Deployment without pods, of the same size as the others.
  void deploy(String name, Optional<String> priorityClass) {
    client
        .apps()
        .deployments()
        .inNamespace(namespace)
        .resource(deployment(name, priorityClass))
        .create();
  }

  private Deployment deployment(String name, Optional<String> priorityClass) {
    var labels = Map.of(APP, name);
    return new DeploymentBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .withReplicas(0)
        .withNewSelector()
        .withMatchLabels(labels)
        .endSelector()
        .withNewTemplate()
        .withNewMetadata()
        .withLabels(labels)
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(GRACE_SECONDS)
        .withAutomountServiceAccountToken(false)
        .withEnableServiceLinks(false)
        .withNodeSelector(Map.of(HOST, host))
        .withPriorityClassName(priorityClass.orElse(null))
        .addNewContainer()
        .withName(CONTAINER)
        .withImage(image)
        .withImagePullPolicy("IfNotPresent")
        .withNewResources()
        .addToRequests("cpu", new Quantity(size.full() + "m"))
        .addToRequests("memory", new Quantity(Long.toString(Size.MEMORY)))
        .endResources()
        .endContainer()
        .endSpec()
        .endTemplate()
        .endSpec()
        .build();
  }

  ClusterAccess access() {
    return access;
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  Step step() {
    return step;
  }

  /// The host name of the node.
  String host() {
    return host;
  }

  /// Selects the node.
  String nodeSelector() {
    return HOST + "=" + host;
  }

  Size size() {
    return size;
  }

  Calls calls() {
    return calls;
  }

  Pods pods() {
    return pods;
  }

  /// Batch replicas before the step.
  int batch() {
    return step.slots() - step.from();
  }

  /// Whether batch pods and those of a Deployment are as they should be before the step and nothing
  /// is on its way.
  boolean isFull(String web, int standby) {
    long serving = pods.count(pod -> pod.app().equals(web) && pod.serves(size.full()));
    long waiting = pods.count(pod -> pod.app().equals(web) && pod.ready() && isPaused(pod));
    long batch = pods.count(pod -> pod.app().equals(BATCH) && pod.serves(size.full()));
    return serving == step.from()
        && waiting == standby
        && batch == batch()
        && pods.count(pod -> true) == serving + waiting + batch;
  }

  private boolean isPaused(Pods.Seen pod) {
    return pod.cpu() == size.paused() && pod.wanted() == size.paused() && !pod.stopping();
  }

  /// New pods at full size, of batch and of a Deployment, and none of any other.
  void fillWith(String web) throws InterruptedException {
    empty();
    Calls.together(List.of(calls.scale(web, step.from()), calls.scale(BATCH, batch())));
    settle(() -> isFull(web, 0));
  }

  /// Batch pods at full size, web pods at full size and others that stand by; those that are there
  /// already are used.
  void fillWithStandby() throws InterruptedException {
    if (pods.count(pod -> pod.app().equals(WEB) && pod.ready() && !pod.stopping()) != step.to()
        || pods.count(pod -> pod.app().equals(BATCH) && pod.ready() && !pod.stopping()) != batch()
        || pods.count(pod -> true) != step.to() + batch()) {
      empty();
      Calls.together(List.of(calls.scale(WEB, step.to())));
      await(() -> pods.count(pod -> pod.app().equals(WEB) && pod.serves(size.full())) == step.to());
    }
    resize(pods.all(pod -> pod.app().equals(WEB)).subList(0, step.from()), pod -> size.full());
    resize(
        pods.all(pod -> pod.app().equals(WEB)).subList(step.from(), step.to()),
        pod -> size.paused());
    await(() -> pods.count(pod -> pod.app().equals(WEB) && isPaused(pod)) == step.rise());
    Calls.together(List.of(calls.scale(BATCH, batch())));
    await(() -> pods.count(pod -> pod.app().equals(BATCH) && pod.ready()) == batch());
    resize(pods.all(pod -> pod.app().equals(BATCH)), pod -> size.full());
    settle(() -> isFull(WEB, step.rise()));
  }

  private void resize(List<Pods.Seen> which, Function<Pods.Seen, Long> to)
      throws InterruptedException {
    Calls.together(
        which.stream()
            .filter(pod -> pod.wanted() != to.apply(pod))
            .map(pod -> calls.resize(pod.name(), to.apply(pod)))
            .toList());
  }

  /// No pod is left.
  private void empty() throws InterruptedException {
    Calls.together(
        client.apps().deployments().inNamespace(namespace).list().getItems().stream()
            .map(deployment -> calls.scale(deployment.getMetadata().getName(), 0))
            .toList());
    await(() -> pods.count(pod -> true) == 0);
  }

  /// Waits until the node has been as it should be for a while.
  void settle(BooleanSupplier isAtRest) throws InterruptedException {
    for (int i = 0; i < MOST_TRIES; i++) {
      await(isAtRest);
      if (!pods.await(STEADY, () -> !isAtRest.getAsBoolean())) {
        return;
      }
    }
    throw CommandException.failed("the pods do not come to rest: " + pods);
  }

  void await(BooleanSupplier condition) throws InterruptedException {
    if (!pods.await(LONGEST, condition)) {
      throw CommandException.failed("not within %s; the pods are %s".formatted(LONGEST, pods));
    }
  }

  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try (client;
        pods) {
      remove(interrupted ? LEAVING_AT_ONCE : LEAVING);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void remove(Duration patience) {
    try {
      client.namespaces().withName(namespace).delete();
      client
          .namespaces()
          .withName(namespace)
          .waitUntilCondition(gone -> gone == null, patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (KubernetesClientTimeoutException e) {
      progress.accept(
          "the namespace %s is being removed, and was not gone after %s"
              .formatted(namespace, patience));
    } catch (KubernetesClientException e) {
      throw CommandException.failed(
          "the namespace %s is left: %s".formatted(namespace, e.getMessage()));
    }
  }
}
