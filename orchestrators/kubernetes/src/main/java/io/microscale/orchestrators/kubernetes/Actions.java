package io.microscale.orchestrators.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Writes to the API server. Each write says which version of the object it was decided on, and
/// passes the fence right before it is sent. May be used from any thread; what concerns the number
/// of one service is done one after the other.
final class Actions {
  private static final int TRIES = 5;
  private static final int AT_ONCE = 16;

  private final Api api;
  private final Cluster cluster;
  private final Rivals rivals;
  private final Fence fence;
  private final KubernetesSettings settings;
  private final long pausedCpu;
  private final Sizes sizes;
  private final Map<ServiceId, Bound> bounds;
  private final Map<ServiceId, Lock> locks = new HashMap<>();
  private final Set<ServiceId> toldOfChoice = ConcurrentHashMap.newKeySet();

  Actions(
      Api api,
      Cluster cluster,
      Rivals rivals,
      Fence fence,
      KubernetesSettings settings,
      Sizes sizes,
      Map<ServiceId, Bound> bounds) {
    this.api = api;
    this.cluster = cluster;
    this.rivals = rivals;
    this.fence = fence;
    this.settings = settings;
    this.pausedCpu = settings.pausedCpu();
    this.sizes = sizes;
    this.bounds = new TreeMap<>(bounds);
    bounds.keySet().forEach(service -> locks.put(service, new ReentrantLock()));
  }

  /// Tells a workload how many replicas it is to have.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if somebody else set the number meanwhile
  void scale(ServiceId service, int replicas, List<ReplicaId> victims) {
    var bound = bound(service);
    var lock = locks.get(service);
    if (lock == null) {
      throw unknown(service);
    }
    lock.lock();
    try {
      requireNoRival(service, bound);
      var view = stamped(service, bound);
      var going =
          replicas < view.replicas()
              ? going(service, bound, replicas, victims)
              : List.<PodView>of();
      if (bound.resource().picksVictims()) {
        mark(service, bound, going);
      } else {
        cluster.unmark(cluster.pods(service).stream().filter(pod -> !named(going, pod)).toList());
      }
      if (replicas != view.replicas()) {
        replace(service, bound, view, replicas);
        cluster.mark(going);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Who else sets the number of replicas: an autoscaler, or what controls the workload.
  private Optional<String> rival(ServiceId service, Bound bound) {
    return rivals.of(bound).or(() -> cluster.workload(service).flatMap(WorkloadView::owner));
  }

  private void requireNoRival(ServiceId service, Bound bound) {
    if (!bound.workload().takeOver()) {
      rival(service, bound)
          .ifPresent(
              rival -> {
                throw new OrchestratorException(
                    Kind.REJECTED,
                    "%s is scaled by %s; it is left alone unless takeOver is set"
                        .formatted(bound, rival));
              });
    }
  }

  /// The pods that will go: those that are named where the controller can be told, else those that
  /// it is known to choose.
  private List<PodView> going(
      ServiceId service, Bound bound, int replicas, List<ReplicaId> victims) {
    var named = new ArrayList<PodView>();
    victims.forEach(victim -> cluster.pod(service, victim).ifPresent(named::add));
    if (bound.resource().picksVictims()) {
      return named;
    }
    var chosen =
        bound.resource().isNumbered()
            ? highest(cluster.pods(service), replicas)
            : List.<PodView>of();
    if (!named.stream().allMatch(pod -> named(chosen, pod)) && toldOfChoice.add(service)) {
      settings
          .notices()
          .accept(
              "%s: a %s chooses itself which replicas end, others than %s"
                  .formatted(service, bound.resource().kind(), String.join(", ", names(named))));
    }
    return chosen;
  }

  private static List<PodView> highest(List<PodView> pods, int kept) {
    return pods.stream()
        .filter(pod -> pod.ordinal().isPresent())
        .sorted(Comparator.comparingInt((PodView pod) -> pod.ordinal().orElse(0)))
        .skip(kept)
        .toList();
  }

  private static boolean named(List<PodView> pods, PodView pod) {
    return pods.stream().anyMatch(other -> other.uid().equals(pod.uid()));
  }

  private static List<String> names(List<PodView> pods) {
    return pods.stream().map(PodView::name).toList();
  }

  private Bound bound(ServiceId service) {
    var bound = bounds.get(service);
    if (bound == null) {
      throw unknown(service);
    }
    return bound;
  }

  private static OrchestratorException unknown(ServiceId service) {
    return new OrchestratorException(Kind.UNKNOWN, "no service " + service);
  }

  private WorkloadView view(ServiceId service, Bound bound) {
    return cluster
        .workload(service)
        .orElseThrow(() -> new OrchestratorException(Kind.REJECTED, "there is no " + bound));
  }

  /// Says what stands in the way of workloads, and takes all of them over from an earlier leader.
  void begin() {
    bounds.forEach((service, bound) -> look(service, bound).ifPresent(settings.notices()));
    if (!settings.onlyLooks() && fence.stamp().isPresent()) {
      var writes = new ArrayList<Callable<Answer>>();
      bounds.forEach(
          (service, bound) -> {
            if (cluster.workload(service).isPresent()) {
              writes.add(() -> stamp(service, bound));
            }
          });
      for (int from = 0; from < writes.size(); from += AT_ONCE) {
        together(writes.subList(from, Math.min(from + AT_ONCE, writes.size())));
      }
    }
  }

  private Optional<String> look(ServiceId service, Bound bound) {
    if (cluster.workload(service).isEmpty()) {
      return Optional.of("%s: there is no %s yet".formatted(service, bound));
    }
    return rival(service, bound)
        .map(
            rival ->
                bound.workload().takeOver()
                    ? "%s: %s is scaled by %s too, which has to be switched off or will set it back"
                        .formatted(service, bound, rival)
                    : "%s: %s is scaled by %s and is left alone; takeOver changes that"
                        .formatted(service, bound, rival));
  }

  /// The workload, with this leader's stamp if leaders change.
  private WorkloadView stamped(ServiceId service, Bound bound) {
    var view = view(service, bound);
    var stamp = fence.stamp();
    if (stamp.isEmpty() || stamp.get().equals(view.stamp())) {
      return view;
    }
    stamp(service, bound);
    return view(service, bound);
  }

  private Answer stamp(ServiceId service, Bound bound) {
    var term = fence.stamp().orElse("");
    var patch = Map.of("metadata", Map.of("annotations", Map.of(Fence.TERM, term)));
    fence.check();
    var answer = api.patch(managed(bound.path()), Api.MERGE_PATCH, patch);
    if (!answer.missing()) {
      var now = answer.orThrow("stamp " + bound).body();
      cluster.told(service, WorkloadView.of(api, bound.resource(), now));
    }
    return answer;
  }

  private void replace(ServiceId service, Bound bound, WorkloadView decidedOn, int replicas) {
    var view = decidedOn;
    for (int i = 0; i < TRIES; i++) {
      Answer answer;
      try {
        answer = write(bound, view, replicas);
      } catch (OrchestratorException e) {
        requireDone(service, bound, replicas, e);
        return;
      }
      if (answer.ok()) {
        var version = answer.body().path("metadata").path("resourceVersion").asString("");
        cluster.told(service, view.told(replicas, version));
        return;
      }
      if (!answer.conflict()) {
        throw answer.refusal("scale " + bound);
      }
      var read = api.get(bound.path()).orThrow(bound.toString()).body();
      var now = WorkloadView.of(api, bound.resource(), read);
      cluster.told(service, now);
      if (now.replicas() == replicas) {
        return;
      }
      if (now.replicas() != decidedOn.replicas() || !now.stamp().equals(decidedOn.stamp())) {
        throw new OrchestratorException(
            Kind.UNAVAILABLE,
            "%s: %s has set it to %d replicas meanwhile"
                .formatted(
                    bound, WorkloadView.manager(read).orElse("somebody else"), now.replicas()));
      }
      view = now;
    }
    throw new OrchestratorException(
        Kind.UNAVAILABLE, "%s: changed %d times while it was scaled".formatted(bound, TRIES));
  }

  /// Returns if a scale that was not answered has been done nevertheless. One that is still under
  /// way does no harm: what is written next names the same version, so only one of them is taken.
  private void requireDone(
      ServiceId service, Bound bound, int replicas, OrchestratorException failure) {
    var read = api.afterSilence(bound.path(), failure);
    var now = WorkloadView.of(api, bound.resource(), read);
    cluster.told(service, now);
    if (now.replicas() != replicas) {
      throw undone(failure);
    }
  }

  private static OrchestratorException undone(OrchestratorException failure) {
    return new OrchestratorException(
        Kind.UNAVAILABLE, String.valueOf(failure.getMessage()), failure);
  }

  private Answer write(Bound bound, WorkloadView view, int replicas) {
    if (bound.resource().isJob()) {
      var spec =
          replicas == 0
              ? Map.of("suspend", true)
              : Map.of("suspend", false, "parallelism", replicas);
      var patch = Map.of("metadata", Map.of("resourceVersion", view.version()), "spec", spec);
      fence.check();
      return api.patch(managed(bound.path()), Api.MERGE_PATCH, patch);
    }
    var scale = ApiResource.scale(bound.namespace(), bound.name(), view.version(), replicas);
    fence.check();
    return api.put(managed(bound.path() + "/scale"), scale);
  }

  /// Lets the victims be ended before all others, and those that were to be before no longer.
  private void mark(ServiceId service, Bound bound, List<PodView> victims) {
    var writes = new ArrayList<Callable<Answer>>();
    for (int i = 0; i < victims.size(); i++) {
      var victim = victims.get(i);
      var cost = OptionalInt.of(DeletionCosts.of(i));
      if (!isCheap(victim)) {
        writes.add(() -> annotate(bound, victim, cost));
      }
    }
    var spared = new ArrayList<PodView>();
    for (var pod : cluster.pods(service)) {
      if (!pod.stopping() && !named(victims, pod) && (isCheap(pod) || cluster.isMarked(pod))) {
        spared.add(pod);
        writes.add(() -> annotate(bound, pod, OptionalInt.empty()));
      }
    }
    try {
      together(writes);
    } catch (OrchestratorException e) {
      // Whatever became of the marks, the number was not touched.
      throw e.kind() == Kind.UNCERTAIN ? undone(e) : e;
    }
    cluster.unmark(spared);
  }

  private boolean isCheap(PodView pod) {
    var cost = cluster.deletionCost(pod);
    return cost.isPresent() && DeletionCosts.isOurs(cost.getAsInt());
  }

  private Answer annotate(Bound bound, PodView pod, OptionalInt cost) {
    var annotations = new HashMap<String, @Nullable String>();
    annotations.put(
        PodView.DELETION_COST, cost.isPresent() ? Integer.toString(cost.getAsInt()) : null);
    var patch = Map.of("metadata", Map.of("uid", pod.uid(), "annotations", annotations));
    fence.check();
    var path = ApiResource.PODS.path(bound.namespace(), pod.name());
    var answer = api.patch(managed(path), Api.MERGE_PATCH, patch);
    if (answer.missing() || answer.conflict()) {
      return answer; // one that is gone needs no mark
    }
    answer.orThrow("mark " + pod.name());
    cluster.wroteCost(pod, cost);
    return answer;
  }

  private static void together(List<Callable<Answer>> writes) {
    if (writes.isEmpty()) {
      return;
    }
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (var write : threads.invokeAll(writes)) {
        write.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OrchestratorException(Kind.UNCERTAIN, "interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof OrchestratorException refused) {
        throw new OrchestratorException(
            refused.kind(), String.valueOf(refused.getMessage()), refused);
      }
      throw new IllegalStateException(e);
    }
  }

  /// Lets a replica use so much, by its processor; memory stays as it is.
  void resize(ServiceId service, ReplicaId replica, Resources wanted) {
    var pod = pod(service, replica);
    var main = pod.main(template(service));
    long cpu = Math.max(1, wanted.get(Resources.CPU) - pod.besides(main));
    resize(bound(service), pod, main, cpu, limit(service, main, cpu));
  }

  void pause(ServiceId service, ReplicaId replica) {
    var pod = pod(service, replica);
    var main = pod.main(template(service));
    long full = full(service, pod);
    resize(bound(service), pod, main, Math.min(pausedCpu, full), limit(service, main, full));
  }

  void resume(ServiceId service, ReplicaId replica) {
    var pod = pod(service, replica);
    var main = pod.main(template(service));
    if (main.requested() <= pausedCpu) {
      long full = full(service, pod);
      resize(bound(service), pod, main, full, limit(service, main, full));
    }
  }

  private PodView pod(ServiceId service, ReplicaId replica) {
    bound(service);
    return cluster
        .pod(service, replica)
        .orElseThrow(
            () ->
                new OrchestratorException(
                    Kind.UNKNOWN, "no replica %s of %s".formatted(replica, service)));
  }

  private Optional<WorkloadView.Template> template(ServiceId service) {
    return cluster.workload(service).flatMap(WorkloadView::template);
  }

  private long full(ServiceId service, PodView pod) {
    return sizes.fullCpu(bound(service).workload().resources(), pod, template(service));
  }

  /// The limit that goes with a request: in the same proportion as in the template; 0 for none.
  private long limit(ServiceId service, PodView.ContainerView main, long cpu) {
    if (main.limited() == 0) {
      return 0;
    }
    return template(service)
        .filter(t -> t.main().equals(main.name()) && t.requested() > 0 && t.limited() > 0)
        .map(t -> Math.max(cpu, Math.ceilDiv(cpu * t.limited(), t.requested())))
        .orElse(Math.max(cpu, main.limited()));
  }

  private void resize(Bound bound, PodView pod, PodView.ContainerView main, long cpu, long limit) {
    // Requests and limits that are equal have to stay so: the class of service may not change.
    long limited = pod.guaranteed() ? cpu : limit;
    if (main.requested() != cpu || main.limited() != limited) {
      send(bound, pod, main, cpu, limited);
      return;
    }
    var hopeless = pod.resizing().filter(PodView.PendingResize::infeasible);
    if (hopeless.isPresent()) {
      // Taken back, so that nobody counts what its node will never carry out.
      send(bound, pod, main, main.actual(), pod.guaranteed() ? main.actual() : main.limited());
      throw new OrchestratorException(
          Kind.REJECTED, "resize %s: %s".formatted(pod.name(), hopeless.get().message()));
    }
  }

  private void send(Bound bound, PodView pod, PodView.ContainerView main, long cpu, long limited) {
    var resources = new HashMap<String, Map<String, String>>();
    resources.put("requests", Map.of("cpu", cpu + "m"));
    if (limited > 0) {
      resources.put("limits", Map.of("cpu", limited + "m"));
    }
    var container = Map.of("name", main.name(), "resources", resources);
    var patch =
        Map.of(
            "metadata", Map.of("uid", pod.uid()), "spec", Map.of("containers", List.of(container)));
    fence.check();
    var path = ApiResource.PODS.path(bound.namespace(), pod.name());
    try {
      api.patch(managed(path + "/resize"), Api.STRATEGIC_PATCH, patch)
          .orThrow("resize " + pod.name());
    } catch (OrchestratorException e) {
      var now = PodView.of(api.as(api.afterSilence(path, e), Pod.class));
      boolean done =
          now.containers().stream()
              .anyMatch(c -> c.name().equals(main.name()) && c.requested() == cpu);
      if (!done && now.uid().equals(pod.uid())) {
        throw undone(e);
      }
    }
  }

  private String managed(String path) {
    return path
        + "?fieldManager="
        + URLEncoder.encode(fence.fieldManager(), StandardCharsets.UTF_8);
  }
}
