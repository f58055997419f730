package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.core.orchestrator.Watches;
import io.microscale.orchestrators.kubernetes.room.NodeFacts;
import io.microscale.orchestrators.kubernetes.room.PoolRoom;
import io.microscale.orchestrators.kubernetes.room.Quota;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.JsonNode;

/// Scales and resizes workloads of a Kubernetes cluster. Makes and ends no pod itself: it tells
/// workloads how many to have, and running pods how much processor to request.
/// * A scale returns when the API server has taken it. It names the version that it was decided on,
///   so what a person or another controller set meanwhile is never overwritten.
/// * The victims of a fall are marked with a deletion cost first, and count as stopping from then
///   on until they are gone; their grace period is Kubernetes' own.
/// * Pods are paused, resumed and resized in place, where the server can do that: they request less
///   or more processor and are not restarted.
/// * What is not scheduled yet is no replica; it shows as what is desired beyond the replicas.
/// * While a watch is broken for longer than two seconds, or nothing at all comes from the API
///   server for longer than four, [#observe] refuses; its next answer after that is whole again.
public final class KubernetesOrchestrator implements Orchestrator {
  private static final Duration LONGEST_DOUBT = Duration.ofSeconds(2);
  private static final Duration LONGEST_SILENCE = Duration.ofSeconds(4);

  private static final Duration FIRST_STATE = Duration.ofSeconds(30);

  private final Api api;
  private final Cluster cluster;
  private final Rivals rivals = new Rivals();
  private final Actions actions;
  private final Clock clock;
  private final Watches watches;
  private final Pulse pulse;
  private final List<ObjectStream> streams = new ArrayList<>();
  private final Set<Ability> abilities;
  private final boolean onlyLooks;
  private final Object knowledge = new Object();
  private final AtomicBoolean closed = new AtomicBoolean();

  private KubernetesOrchestrator(
      KubernetesSettings settings,
      Map<ServiceId, Bound> bounds,
      Api api,
      Fence fence,
      InstantSource time) {
    this.api = api;
    this.clock = new Clock(time);
    this.watches = new Watches(settings.notices());
    this.onlyLooks = settings.onlyLooks();
    var workloads = new TreeMap<ServiceId, KubernetesWorkload>();
    bounds.forEach((service, bound) -> workloads.put(service, bound.workload()));
    var sizes =
        new Sizes(
            workloads.values().stream().map(KubernetesWorkload::resources).toList(),
            settings.pausedCpu());
    this.cluster = new Cluster(workloads, sizes, room(settings, sizes.names()));
    this.actions = new Actions(api, cluster, rivals, fence, settings, sizes, bounds);
    this.pulse = new Pulse(api, LONGEST_SILENCE, () -> streams.forEach(ObjectStream::restart));
    this.abilities = abilities(ApiResource.resizesPods(api), settings.capacity());
    follow(bounds, settings.capacity());
  }

  private static PoolRoom room(KubernetesSettings settings, Set<String> counted) {
    return switch (settings.capacity()) {
      case Capacity.Nodes _ -> PoolRoom.ofNodes(counted);
      case Capacity.Slots(var slots) -> PoolRoom.ofSlots(settings.pool(), slots);
      case Capacity.Quota _ -> PoolRoom.ofQuota(settings.pool(), counted);
    };
  }

  private static Set<Ability> abilities(boolean resizes, Capacity capacity) {
    var all =
        EnumSet.of(Ability.SCALES, Ability.WATCHES, Ability.PICKS_VICTIMS, Ability.REPORTS_NODES);
    // What is beyond a quota is refused at once; only what no node has room for waits.
    if (!(capacity instanceof Capacity.Quota)) {
      all.add(Ability.QUEUES_WHEN_FULL);
    }
    if (resizes) {
      all.add(Ability.PAUSES);
      if (!(capacity instanceof Capacity.Slots)) {
        all.add(Ability.RESIZES);
      }
    }
    return Collections.unmodifiableSet(all);
  }

  /// Connects to the API server, finds the workloads and waits until their state is known.
  ///
  /// @param workloads by service
  /// @param fence passed by every write
  /// @param time where time stamps come from
  /// @throws OrchestratorException `UNAVAILABLE` if the server does not answer, `REJECTED` if a
  ///   workload cannot be scaled or found, naming place, rule and value
  public static KubernetesOrchestrator open(
      KubernetesSettings settings,
      Map<ServiceId, KubernetesWorkload> workloads,
      Fence fence,
      InstantSource time) {
    var api = new Api(settings.access().config());
    try {
      var bounds = bind(api, workloads);
      var opened = new KubernetesOrchestrator(settings, bounds, api, fence, time);
      opened.streams.forEach(ObjectStream::start);
      opened.pulse.start();
      try {
        opened.awaitKnown();
        opened.actions.begin();
      } catch (RuntimeException | Error e) {
        opened.close();
        throw e;
      }
      return opened;
    } catch (RuntimeException | Error e) {
      api.close();
      throw e;
    }
  }

  /// Waits until all has been told once.
  private void awaitKnown() {
    long begun = System.nanoTime();
    synchronized (knowledge) {
      while (true) {
        try {
          requireKnown();
          return;
        } catch (OrchestratorException e) {
          long left = FIRST_STATE.toNanos() - (System.nanoTime() - begun);
          if (left <= 0) {
            throw e;
          }
          try {
            knowledge.wait(1 + left / 1_000_000);
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new OrchestratorException(Kind.UNAVAILABLE, "interrupted", interrupted);
          }
        }
      }
    }
  }

  private static Map<ServiceId, Bound> bind(Api api, Map<ServiceId, KubernetesWorkload> workloads) {
    var bounds = new TreeMap<ServiceId, Bound>();
    var taken = new TreeMap<String, ServiceId>();
    new TreeMap<>(workloads)
        .forEach(
            (service, workload) -> {
              try {
                var bound = Bound.find(api, workload);
                var other = taken.put(bound.toString(), service);
                if (other != null) {
                  throw new OrchestratorException(
                      Kind.REJECTED,
                      "need a workload of its own, got %s of %s".formatted(bound, other));
                }
                bounds.put(service, bound);
              } catch (OrchestratorException e) {
                throw new OrchestratorException(
                    e.kind(), "services.%s.workload: %s".formatted(service, e.getMessage()), e);
              }
            });
    return bounds;
  }

  // What is followed.

  private void follow(Map<ServiceId, Bound> bounds, Capacity capacity) {
    var byPath = new LinkedHashMap<String, Map<String, ServiceId>>();
    var resources = new TreeMap<String, ApiResource>();
    var namespaces = new TreeSet<String>();
    bounds.forEach(
        (service, bound) -> {
          var path = bound.resource().path(bound.namespace());
          byPath.computeIfAbsent(path, _ -> new TreeMap<>()).put(bound.name(), service);
          resources.put(path, bound.resource());
          namespaces.add(bound.namespace());
        });
    byPath.forEach(
        (path, services) -> {
          var resource = resources.get(path);
          if (resource != null) {
            add(path, new WorkloadSink(resource, services));
          }
        });
    boolean keda = ApiResource.exists(api, Rivals.SCALED_OBJECTS);
    for (var namespace : namespaces) {
      for (var between : between(namespace, bounds.values())) {
        add(between.path(namespace), new BetweenSink(between));
      }
      add(Rivals.AUTOSCALERS.path(namespace), new RivalSink(Rivals.AUTOSCALERS));
      if (keda) {
        add(Rivals.SCALED_OBJECTS.path(namespace), new RivalSink(Rivals.SCALED_OBJECTS));
      }
    }
    switch (capacity) {
      case Capacity.Nodes(var selector) -> {
        var query =
            selector.map(s -> "?labelSelector=" + URLEncoder.encode(s, StandardCharsets.UTF_8));
        add(ApiResource.NODES.path() + query.orElse(""), new NodeSink());
        add(ApiResource.PODS.path(), new PodSink());
      }
      case Capacity.Slots _ -> followPods(namespaces);
      case Capacity.Quota(var namespace, var name) -> {
        add(
            ApiResource.QUOTAS.path(namespace) + "?fieldSelector=metadata.name%3D" + name,
            new QuotaSink());
        namespaces.add(namespace);
        followPods(namespaces);
      }
    }
  }

  private void followPods(Collection<String> namespaces) {
    namespaces.forEach(namespace -> add(ApiResource.PODS.path(namespace), new PodSink()));
  }

  /// The kinds that may stand between the workloads of a namespace and their pods.
  private static List<ApiResource> between(String namespace, Collection<Bound> bounds) {
    var kinds =
        bounds.stream()
            .filter(bound -> bound.namespace().equals(namespace))
            .map(Bound::resource)
            .toList();
    if (kinds.stream().anyMatch(ApiResource::isCustom)) {
      return List.of(ApiResource.REPLICA_SETS, ApiResource.DEPLOYMENTS, ApiResource.STATEFUL_SETS);
    }
    return kinds.stream().anyMatch(kind -> kind.kind().equals("Deployment"))
        ? List.of(ApiResource.REPLICA_SETS)
        : List.of();
  }

  private void add(String path, ObjectStream.Sink sink) {
    streams.add(new ObjectStream(api, path, pulse::heard, sink));
  }

  /// What all kinds have in common.
  private abstract class Told implements ObjectStream.Sink {
    @Override
    public final void known() {
      synchronized (knowledge) {
        knowledge.notifyAll();
      }
      watches.tell();
    }

    /// Says so if something is different for the pool: most of what is told of pods and nodes is
    /// not.
    final void tellChanges() {
      if (cluster.takeChanged()) {
        watches.tell();
      }
    }
  }

  private final class WorkloadSink extends Told {
    private final ApiResource resource;
    private final Map<String, ServiceId> services;

    private WorkloadSink(ApiResource resource, Map<String, ServiceId> services) {
      this.resource = resource;
      this.services = services;
    }

    @Override
    public void put(JsonNode object) {
      var service = services.get(object.path("metadata").path("name").asString(""));
      if (service != null) {
        cluster.putWorkload(service, WorkloadView.of(api, resource, object));
        tellChanges();
      }
    }

    @Override
    public void remove(String uid) {
      services.values().forEach(service -> cluster.removeWorkload(service, uid));
      tellChanges();
    }

    @Override
    public void retain(Set<String> uids) {
      removeOthers(cluster.workloadUids(services.values()), uids, this);
    }
  }

  /// What stands between workloads and their pods.
  private final class BetweenSink extends Told {
    private final ApiResource resource;
    private final Set<String> mine = new TreeSet<>();

    private BetweenSink(ApiResource resource) {
      this.resource = resource;
    }

    @Override
    public void put(JsonNode object) {
      var view = WorkloadView.of(api, resource, object);
      mine.add(view.uid());
      cluster.putBetween(view.uid(), view.ownerUid(), view.failure());
      tellChanges();
    }

    @Override
    public void remove(String uid) {
      mine.remove(uid);
      cluster.removeBetween(uid);
      tellChanges();
    }

    @Override
    public void retain(Set<String> uids) {
      removeOthers(Set.copyOf(mine), uids, this);
    }
  }

  private final class RivalSink extends Told {
    private final ApiResource resource;
    private final Set<String> mine = new TreeSet<>();

    private RivalSink(ApiResource resource) {
      this.resource = resource;
    }

    @Override
    public void put(JsonNode object) {
      mine.add(object.path("metadata").path("uid").asString(""));
      if (resource.equals(Rivals.AUTOSCALERS)) {
        rivals.put(api.as(object, HorizontalPodAutoscaler.class));
      } else {
        rivals.put(api.as(object, GenericKubernetesResource.class));
      }
    }

    @Override
    public void remove(String uid) {
      mine.remove(uid);
      rivals.remove(uid);
    }

    @Override
    public void retain(Set<String> uids) {
      removeOthers(Set.copyOf(mine), uids, this);
    }
  }

  private final class PodSink extends Told {
    private final Set<String> mine = new TreeSet<>();

    @Override
    public void put(JsonNode object) {
      var pod = PodView.of(api.as(object, Pod.class));
      mine.add(pod.uid());
      cluster.putPod(pod);
      tellChanges();
    }

    @Override
    public void remove(String uid) {
      mine.remove(uid);
      cluster.removePod(uid);
      tellChanges();
    }

    @Override
    public void retain(Set<String> uids) {
      removeOthers(Set.copyOf(mine), uids, this);
    }
  }

  private final class NodeSink extends Told {
    @Override
    public void put(JsonNode object) {
      cluster.putNode(NodeFacts.of(api.as(object, Node.class)));
      tellChanges();
    }

    @Override
    public void remove(String uid) {
      cluster.removeNode(uid);
      tellChanges();
    }

    @Override
    public void retain(Set<String> uids) {
      removeOthers(cluster.nodeUids(), uids, this);
    }
  }

  private final class QuotaSink extends Told {
    private String mine = "";

    @Override
    public void put(JsonNode object) {
      mine = object.path("metadata").path("uid").asString("");
      cluster.putQuota(Optional.of(Quota.of(api.as(object, ResourceQuota.class))));
      tellChanges();
    }

    @Override
    public void remove(String uid) {
      if (uid.equals(mine)) {
        cluster.putQuota(Optional.empty());
        tellChanges();
      }
    }

    @Override
    public void retain(Set<String> uids) {
      if (!uids.contains(mine)) {
        remove(mine);
      }
    }
  }

  private static void removeOthers(Set<String> all, Set<String> there, ObjectStream.Sink sink) {
    for (var uid : all) {
      if (!there.contains(uid)) {
        sink.remove(uid);
      }
    }
  }

  // The port.

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  @Override
  public Snapshot observe() {
    requireOpen();
    requireKnown();
    return cluster.snapshot(clock.now());
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "closed");
    }
  }

  private void requireKnown() {
    if (pulse.silentFor().compareTo(LONGEST_SILENCE) > 0) {
      throw new OrchestratorException(
          Kind.UNAVAILABLE,
          "the API server has not been ready for %d s".formatted(pulse.silentFor().toSeconds()));
    }
    for (var stream : streams) {
      stream.requireKnown(LONGEST_DOUBT);
    }
  }

  @Override
  public void perform(Action action) {
    requireOpen();
    switch (action) {
      case Action.Start _, Action.Stop _ ->
          throw new OrchestratorException(
              Kind.UNSUPPORTED,
              "%s %s: Kubernetes makes and ends the pods of a workload itself"
                  .formatted(action.verb(), action.subject()));
      case Action.Resize _ -> require(Ability.RESIZES, action);
      case Action.Pause _, Action.Resume _ -> require(Ability.PAUSES, action);
      case Action.Scale _ -> {}
    }
    if (onlyLooks) {
      throw new OrchestratorException(
          Kind.REJECTED, "%s %s: a dry run".formatted(action.verb(), action.subject()));
    }
    requireKnown();
    switch (action) {
      case Action.Scale(ServiceId service, int replicas, List<ReplicaId> victims) -> {
        actions.scale(service, replicas, victims);
        watches.tell();
      }
      case Action.Resize(ServiceId service, ReplicaId replica, Resources resources) ->
          actions.resize(service, replica, resources);
      case Action.Pause(ServiceId service, ReplicaId replica) -> actions.pause(service, replica);
      case Action.Resume(ServiceId service, ReplicaId replica) -> actions.resume(service, replica);
      case Action.Start _, Action.Stop _ -> throw new IllegalStateException(action.verb());
    }
  }

  private void require(Ability ability, Action action) {
    if (!abilities.contains(ability)) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "%s %s: this server cannot resize pods in place"
              .formatted(action.verb(), action.subject()));
    }
  }

  /// Calls `changed` on a thread that reads from the API server, or on one that acts. It must not
  /// act on this orchestrator.
  @Override
  public Watch watch(Runnable changed) {
    return watches.add(changed);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      watches.clear();
      pulse.close();
      streams.forEach(ObjectStream::close);
      api.close();
    }
  }
}
