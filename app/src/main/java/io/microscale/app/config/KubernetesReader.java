package io.microscale.app.config;

import io.microscale.core.model.Names;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.orchestrators.kubernetes.DescribedWorkload;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import io.microscale.orchestrators.kubernetes.WorkloadReader;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads what a pool is on Kubernetes, and asks the cluster for what its workloads say of
/// themselves: the requests of the pod template, and the settings in annotations.
final class KubernetesReader {
  static final String PREFIX = "microscale.io/";

  /// The keys of a service that its workload may have as annotations.
  private static final Set<String> SETTINGS =
      Set.of(
          "priority",
          "min",
          "max",
          "weight",
          "resources",
          "remainder",
          "demand",
          "scaling",
          "headroom",
          "hold",
          "reclaim",
          "throttled",
          "standby",
          "minRuntime",
          "fallback");

  private static final Map<String, String> VERSIONS =
      Map.of(
          "Deployment", "apps/v1",
          "StatefulSet", "apps/v1",
          "ReplicaSet", "apps/v1",
          "Job", "batch/v1");

  private static final WorkloadRef NONE = WorkloadRef.deployment("default", "none");

  private final ClusterAccess access;
  private final String namespace;
  private final long pausedCpu;
  private final Optional<KubernetesConfig.Election> election;
  private final Map<String, WorkloadRef> refs = new HashMap<>(); // by the path of the service
  private final Map<String, Boolean> takenOver = new HashMap<>();
  private final Map<String, Long> requested = new HashMap<>(); // thousandths of a core
  private Capacity capacity = Capacity.Nodes.ALL;
  private @Nullable WorkloadReader cluster; // opened when it is needed first
  private Optional<String> unreachable = Optional.empty();

  private KubernetesReader(Section section, Path folder) {
    var usual = ClusterAccess.DEFAULT;
    access =
        new ClusterAccess(
            section.made("kubeconfig", path -> folder.resolve(path).normalize()),
            section.text("context"),
            usual.server());
    namespace = section.made("namespace", KubernetesReader::namespace).orElse("default");
    pausedCpu = section.milliCores("pausedCpu").orElse(KubernetesSettings.PAUSED_CPU);
    if (pausedCpu < 1) {
      section.mistake("pausedCpu", "need >= 1m", pausedCpu + "m");
    }
    election = section.section("leaderElection").flatMap(this::election);
  }

  private static String namespace(String name) {
    Names.requireLabel("namespace", name);
    return name;
  }

  static Driver<KubernetesWorkload> driver(Section section, Path folder) {
    var reader = new KubernetesReader(section, folder);
    return new Driver<>(
        Optional.empty(),
        false,
        Math.max(1, reader.pausedCpu),
        reader::capacity,
        reader::completed,
        reader::workload,
        reader::configured);
  }

  private OrchestratorConfig configured(
      Map<io.microscale.core.model.ServiceId, KubernetesWorkload> workloads) {
    var open = cluster;
    if (open != null) {
      open.close();
    }
    return new KubernetesConfig(access, capacity, Math.max(1, pausedCpu), election, workloads);
  }

  private Optional<KubernetesConfig.Election> election(Section section) {
    var read =
        section.build(
            "leaderElection",
            () ->
                new KubernetesConfig.Election(
                    section.made("namespace", KubernetesReader::namespace).orElse(namespace),
                    section.text("lease").orElse("microscale"),
                    section.duration("leaseDuration").orElse(Duration.ofSeconds(15)),
                    section.duration("renewDeadline").orElse(Duration.ofSeconds(10)),
                    section.duration("retryPeriod").orElse(Duration.ofSeconds(2))));
    section.finish();
    return read;
  }

  /// Reads `pool.capacity` unless it counts in slots.
  ///
  /// @return whether it was read
  private boolean capacity(Section section) {
    var given = List.of("nodes", "quota").stream().filter(section::has).toList();
    if (given.isEmpty()) {
      return false;
    }
    if (given.size() > 1 || section.has("slots")) {
      section.mistakeHere(
          "need exactly one of slots, nodes, quota",
          String.join(" and ", given) + (section.has("slots") ? " and slots" : ""));
    }
    section
        .build(
            "capacity",
            () ->
                given.getFirst().equals("nodes")
                    ? new Capacity.Nodes(section.text("nodes"))
                    : new Capacity.Quota(namespace, section.text("quota").orElse("")))
        .ifPresent(read -> capacity = read);
    section.finish();
    return true;
  }

  /// The service with what its workload says of itself, where the file does not say it.
  private Section completed(Section service, boolean slots) {
    var ref = service.section("workload").flatMap(this::ref).or(() -> usual(service)).orElse(NONE);
    refs.put(service.path(), ref);
    if (ref.equals(NONE)) {
      return service;
    }
    var described = described(service, ref);
    if (described.isEmpty()) {
      return service;
    }
    var more = new LinkedHashMap<String, String>();
    described
        .get()
        .annotations()
        .forEach(
            (name, value) -> {
              if (name.startsWith(PREFIX) && SETTINGS.contains(name.substring(PREFIX.length()))) {
                more.put(name.substring(PREFIX.length()), value);
              }
            });
    if (!slots) {
      var requests = described.get().requests();
      requested.put(service.path(), requests.get(Resources.CPU));
      more.putIfAbsent("resources", flow(requests));
    }
    return service.completed(more, key -> "%s: %s%s".formatted(ref, PREFIX, key));
  }

  /// A service without a workload is the Deployment of its name.
  private Optional<WorkloadRef> usual(Section service) {
    return service.has("workload")
        ? Optional.empty()
        : service.text("name").map(name -> WorkloadRef.deployment(namespace, name));
  }

  private Optional<WorkloadRef> ref(Section workload) {
    var kind = workload.text("kind").orElse("Deployment");
    var version = workload.text("apiVersion").or(() -> Optional.ofNullable(VERSIONS.get(kind)));
    if (version.isEmpty()) {
      workload.missing("apiVersion", "need one for a " + kind + ", such as example.com/v1");
    }
    if (!workload.has("name") && !workload.has("selector")) {
      workload.missing("name", "need a name or a selector");
    }
    var in = workload.made("namespace", KubernetesReader::namespace).orElse(namespace);
    var read =
        workload.build(
            "workload",
            () ->
                new WorkloadRef(
                    version.orElse("apps/v1"),
                    kind,
                    in,
                    workload.text("name"),
                    workload.text("selector")));
    takenOver.put(workload.path(), workload.flag("takeOver").orElse(false));
    workload.finish();
    return read;
  }

  private Optional<DescribedWorkload> described(Section service, WorkloadRef ref) {
    if (unreachable.isEmpty()) {
      try {
        return Optional.of(cluster().describe(ref));
      } catch (OrchestratorException | IllegalArgumentException e) {
        if (e instanceof OrchestratorException refused
            && refused.kind() != OrchestratorException.Kind.UNAVAILABLE) {
          service.mistake("workload", String.valueOf(e.getMessage()), ref.toString());
          return Optional.empty();
        }
        unreachable = Optional.of(String.valueOf(e.getMessage()));
      }
    }
    service.warn(
        "workload", "the cluster could not be asked: " + unreachable.orElse(""), ref.toString());
    return Optional.empty();
  }

  private WorkloadReader cluster() {
    var open = cluster;
    if (open == null) {
      open = WorkloadReader.open(access);
      cluster = open;
    }
    return open;
  }

  /// What a template requests, as a file would have it.
  private static String flow(Resources requests) {
    var keys = new LinkedHashMap<String, String>();
    var others = new LinkedHashMap<String, String>();
    requests
        .asMap()
        .forEach(
            (name, amount) -> {
              switch (name) {
                case Resources.CPU -> keys.put("cpu", amount + "m");
                case Resources.MEMORY -> keys.put("memory", String.valueOf(amount));
                case "pods", "ephemeral-storage" -> {}
                default -> others.put("\"" + name + "\"", String.valueOf(amount));
              }
            });
    if (!others.isEmpty()) {
      keys.put("other", flow(others));
    }
    return flow(keys);
  }

  private static String flow(Map<String, String> mapping) {
    var text = new StringBuilder("{");
    mapping.forEach(
        (key, value) ->
            text.append(text.length() == 1 ? "" : ", ").append(key).append(": ").append(value));
    return text.append("}").toString();
  }

  private KubernetesWorkload workload(Section service, ServiceSpec spec) {
    long cpu = spec.resources().get(Resources.CPU);
    long requests = requested.getOrDefault(service.path(), cpu);
    if (cpu != requests) {
      service.mistake(
          "resources",
          "cpu: need what a pod requests by its template: " + requests + "m",
          cpu + "m");
    }
    long floor = spec.throttledResources().get(Resources.CPU);
    if (spec.throttled().isPresent() && floor <= pausedCpu) {
      service.mistake(
          "throttled",
          "cpu: need more than pausedCpu, which tells a paused replica: " + pausedCpu + "m",
          floor + "m");
    }
    return new KubernetesWorkload(
        refs.getOrDefault(service.path(), NONE),
        spec.resources(),
        takenOver.getOrDefault(service.path() + ".workload", false));
  }
}
