package io.microscale.orchestrators.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesOrchestrator;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import io.microscale.testkit.FaultProxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// A pool in a namespace of its own, and the engine that runs it, connected through a proxy that
/// can be cut. The time-critical `web` follows what [#demand] says, in replicas; `batch` takes what
/// it leaves. All replicas are of one size.
final class TestPool implements AutoCloseable {
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");

  private static final int MOST_EVENTS = 20_000;
  private final FaultCluster faults;
  private final String namespace;
  private final Account account;
  private final FaultProxy proxy;
  private final KubernetesOrchestrator orchestrator;
  private final LiveEngine engine;
  private final InstantSource clock;
  private final int replicas;
  private final long cpu;
  private final Deque<LoopEvent> events = new ArrayDeque<>(); // guarded by itself

  /// How a pool differs from the usual.
  ///
  /// @param proxy what the engine takes for the API server, on loopback
  /// @param clock what the engine and the adapter take time stamps from
  /// @param node the label selector of the nodes that it uses
  /// @param replicas for which those nodes have room
  /// @param cpu what each requests, in thousandths of a core
  record Options(
      FaultProxy proxy, String scheme, InstantSource clock, String node, int replicas, long cpu) {
    static Options usual(FaultCluster faults) {
      return new Options(
          FaultProxy.to(faults.cluster().address()),
          "https",
          InstantSource.system(),
          "microscale.io/hollow=true",
          12,
          1_000);
    }

    Options clock(InstantSource value) {
      return new Options(proxy, scheme, value, node, replicas, cpu);
    }

    Options nodes(String selector, int replicas, long cpu) {
      return new Options(proxy, scheme, clock, selector, replicas, cpu);
    }

    /// Plain HTTP to a port of loopback.
    Options through(int port) {
      return new Options(FaultProxy.to(port), "http", clock, node, replicas, cpu);
    }
  }

  private TestPool(FaultCluster faults, String namespace, Options options) {
    this.faults = faults;
    this.namespace = namespace;
    this.proxy = options.proxy();
    this.replicas = options.replicas();
    this.cpu = options.cpu();
    var steady = new Clock(options.clock());
    this.clock = steady::now;
    this.account = new Account(faults, namespace);
    faults.createNamespace(namespace);
    deploy("web", 2);
    deploy("batch", 1);
    var each = Resources.cpuAndMemory(cpu, 16L << 20);
    var workloads =
        Map.of(
            WEB, KubernetesWorkload.of(WorkloadRef.deployment(namespace, "web"), each),
            BATCH, KubernetesWorkload.of(WorkloadRef.deployment(namespace, "batch"), each));
    var access =
        ClusterAccess.of(account.kubeconfig())
            .server("%s://127.0.0.1:%d".formatted(options.scheme(), proxy.port()));
    var settings =
        KubernetesSettings.of(namespace, access)
            .capacity(new Capacity.Nodes(Optional.of(options.node())));
    this.orchestrator =
        KubernetesOrchestrator.open(settings, workloads, Fence.NONE, options.clock());
    var web = ServiceSpec.named("web").priority(100).replicas(2, 10).resources(each);
    var batch = ServiceSpec.named("batch").replicas(1, replicas).resources(each).remainder();
    this.engine =
        LiveEngine.start(
            new LiveEngine.Settings(
                PoolSpec.of(namespace, List.of(web.build(), batch.build())),
                "kubernetes",
                clock,
                false),
            orchestrator,
            Map.of(),
            List.of(this::keep));
  }

  /// Creates a namespace, and in it a pool on the hollow nodes that is in balance at a demand of
  /// `web`.
  static TestPool at(int web, FaultCluster faults, String namespace) {
    return at(web, faults, namespace, Options.usual(faults));
  }

  static TestPool at(int web, FaultCluster faults, String namespace, Options options) {
    var pool = new TestPool(faults, namespace, options);
    try {
      pool.demand(web);
      pool.awaitBalance(web);
      return pool;
    } catch (RuntimeException | Error e) {
      pool.close();
      throw e;
    }
  }

  void deploy(String app, int replicas) {
    faults.apply(Manifest.of("workload.yaml", app, namespace, replicas, cpu + "m", "16Mi"));
  }

  private void keep(LoopEvent event) {
    if (event instanceof LoopEvent.ActionEnded || event instanceof LoopEvent.ObserveFailed) {
      synchronized (events) {
        if (events.size() == MOST_EVENTS) {
          events.removeFirst();
        }
        events.add(event);
      }
    }
  }

  String namespace() {
    return namespace;
  }

  FaultProxy proxy() {
    return proxy;
  }

  Account account() {
    return account;
  }

  void demand(int web) {
    engine.push(WEB, new Reading.Value(web, clock.instant()));
  }

  /// Why the engine cannot see the cluster; empty if it can.
  String blind() {
    return engine.status().blind().orElse("");
  }

  /// Waits until the workloads are told to have what they should at a demand of `web`: seconds,
  /// since that is the engine's own part.
  void awaitAsked(int web) {
    FaultCluster.patiently()
        .atMost(Duration.ofSeconds(15))
        .untilAsserted(
            () -> {
              assertThat(blind()).isEmpty();
              assertThat(asked("web")).as("web in %s", said()).isEqualTo(web);
              assertThat(asked("batch")).as("batch in %s", said()).isEqualTo(replicas - web);
            });
  }

  /// The same, and until as many pods are ready: Kubernetes' own servers take their time after an
  /// outage.
  void awaitBalance(int web) {
    awaitAsked(web);
    FaultCluster.patiently()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              assertThat(ready("web")).as("web in %s", said()).isEqualTo(web);
              assertThat(ready("batch")).as("batch in %s", said()).isEqualTo(replicas - web);
            });
  }

  /// How many a workload is told to have.
  int asked(String app) {
    var deployments = faults.admin().apps().deployments().inNamespace(namespace);
    return deployments.withName(app).get().getSpec().getReplicas();
  }

  List<Pod> pods(String app) {
    return faults
        .admin()
        .pods()
        .inNamespace(namespace)
        .withLabels(Map.of("app", app))
        .list()
        .getItems();
  }

  void deletePods(String app) {
    faults.admin().pods().inNamespace(namespace).withLabels(Map.of("app", app)).delete();
  }

  long ready(String app) {
    return pods(app).stream().filter(TestPool::isReady).count();
  }

  private static boolean isReady(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  /// The uids of the pods that are there to stay.
  Set<String> uids(String app) {
    return pods(app).stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .map(pod -> pod.getMetadata().getUid())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// The numbers that a service was to have, as they were taken by the API server.
  List<Integer> scaledTo(ServiceId service) {
    return ended().stream()
        .filter(ended -> ended.failure().isEmpty())
        .map(LoopEvent.ActionEnded::action)
        .filter(Action.Scale.class::isInstance)
        .map(Action.Scale.class::cast)
        .filter(scale -> scale.service().equals(service))
        .map(Action.Scale::replicas)
        .toList();
  }

  /// Why actions failed.
  List<LoopEvent.Failure> failures() {
    return ended().stream().flatMap(ended -> ended.failure().stream()).toList();
  }

  void awaitFailure(Predicate<LoopEvent.Failure> expected) {
    FaultCluster.patiently()
        .untilAsserted(() -> assertThat(failures()).as("failures").anyMatch(expected));
  }

  private List<LoopEvent.ActionEnded> ended() {
    synchronized (events) {
      return events.stream()
          .filter(LoopEvent.ActionEnded.class::isInstance)
          .map(LoopEvent.ActionEnded.class::cast)
          .toList();
    }
  }

  /// Why the engine makes no more replicas of a service for now; empty if it does.
  String backoff(ServiceId service) {
    var snapshot = engine.status().snapshot().orElseThrow();
    var backoff = snapshot.backoffs().get(service);
    return backoff == null ? "" : backoff.reason();
  }

  /// What there is to see, for a test that fails.
  String said() {
    var status = engine.status();
    return "%s: %s of %s, failures %s, %d under way"
        .formatted(
            namespace,
            status.snapshot().map(s -> s.replicas().toString()).orElse(""),
            status.snapshot().map(s -> s.standings().toString()).orElse("nothing seen"),
            failures().stream().distinct().limit(5).toList(),
            status.actionsInFlight());
  }

  /// What the engine has asked the API server for.
  List<AuditLog.Request> requests() {
    return faults.audit().of(account.name());
  }

  /// Ends the engine, and leaves nothing of the pool on the nodes.
  @Override
  public void close() {
    engine.close();
    orchestrator.close();
    proxy.close();
    account.delete();
    faults.admin().namespaces().withName(namespace).delete();
    FaultCluster.patiently()
        .until(() -> faults.admin().pods().inNamespace(namespace).list().getItems().isEmpty());
  }
}
