package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.kubernetes.Capacity;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.orchestrators.kubernetes.KubernetesOrchestrator;
import io.microscale.orchestrators.kubernetes.KubernetesSettings;
import io.microscale.orchestrators.kubernetes.KubernetesWorkload;
import io.microscale.orchestrators.kubernetes.WorkloadReader;
import io.microscale.orchestrators.kubernetes.WorkloadRef;
import io.microscale.orchestrators.kubernetes.custom.CustomResources;
import io.microscale.orchestrators.kubernetes.custom.StatusApi;
import io.microscale.orchestrators.kubernetes.election.Candidate;
import io.microscale.orchestrators.kubernetes.election.ElectionSettings;
import io.microscale.orchestrators.kubernetes.election.Leadership;
import io.microscale.testkit.engines.EngineException;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The account of the chart may do what the engine does, and nothing else. What the engine does is
/// what the API server wrote into its audit log while everything that there is was done in the name
/// of that account.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RbacIT {
  /// What is granted and was not called here, and why it is granted nevertheless.
  private static final Map<String, String> UNCALLED =
      Map.of(
          "list resourcequotas in pool",
          "a server that does not tell the state over a watch is asked for it",
          "list pods in pool",
          "a server that does not tell the state over a watch is asked for it",
          "list nodes in cluster",
          "the same",
          "list pods in cluster",
          "the same",
          "list horizontalpodautoscalers.autoscaling in pool",
          "the same",
          "list scaledobjects.keda.sh in pool",
          "the same");

  private static final String POOL = "shop"; // another namespace than the engine's own
  private static final String ACCOUNT =
      "system:serviceaccount:%s:%s".formatted(Chart.NAME, Chart.NAME);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final ServiceId WEB = new ServiceId("web");
  private static final Map<ServiceId, WorkloadRef> WORKLOADS =
      Map.of(
          WEB,
          WorkloadRef.deployment(POOL, "web"),
          new ServiceId("database"),
          WorkloadRef.statefulSet(POOL, "database"),
          new ServiceId("cache"),
          WorkloadRef.replicaSet(POOL, "cache"),
          new ServiceId("report"),
          WorkloadRef.job(POOL, "report"),
          new ServiceId("show"),
          WorkloadRef.named("example.com/v1", "Show", POOL, "show"));

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static KubernetesCluster cluster;

  private static @Nullable KubernetesCluster started;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static Chart chart;

  @BeforeAll
  static void startCluster() throws Exception {
    var whyNot = KubernetesCluster.whyNot();
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    var policy =
        Files.writeString(
            folder.resolve("policy.yaml"),
            """
            apiVersion: audit.k8s.io/v1
            kind: Policy
            omitStages: [RequestReceived]
            rules:
              - {level: Metadata, users: ["%s"]}
              - {level: None}
            """
                .formatted(ACCOUNT));
    started =
        KubernetesCluster.start(
            "app-rbac",
            Setup.nodes(1)
                .option(Part.APISERVER, "--audit-policy-file=" + policy)
                .option(Part.APISERVER, "--audit-log-path=" + log()));
    cluster = started;
    for (var namespace : List.of(Chart.NAME, POOL)) {
      cluster.kubectl("create", "namespace", namespace);
      patiently()
          .ignoreExceptionsInstanceOf(EngineException.class)
          .until(
              () ->
                  !cluster.kubectl("-n", namespace, "get", "serviceaccount", "default").isEmpty());
    }
    cluster.kubectl("-n", Chart.NAME, "create", "serviceaccount", "nobody");
    chart =
        Chart.rendered(
            cluster,
            "--include-crds",
            "--set",
            "replicas=0,access.nodes=true,customResources=%s/kittens".formatted(POOL)
                + ",access.workloads[0].apiGroup=example.com,access.workloads[0].resource=shows");
    chart.apply(cluster);
    cluster.apply(Files.readString(resource("kinds.yaml")));
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
    cluster.apply(
        Files.readString(resource("workloads.yaml")).replace("IMAGE", KubernetesCluster.IMAGE));
  }

  @AfterAll
  static void stopCluster() {
    if (started != null) {
      started.close();
    }
  }

  private static Path resource(String name) {
    return Path.of("src/test/resources/io/microscale/app/rbac", name);
  }

  private static Path log() {
    return folder.resolve("audit.log");
  }

  @Test
  void everyCallIsAllowedAndEveryRuleIsNeeded() throws Exception {
    doEverything();
    // The log is written a moment after the answer.
    patiently().until(() -> calls().contains("update leases.coordination.k8s.io in pool"));

    assertThat(refused()).isEmpty();
    var unneeded = new TreeSet<>(granted());
    unneeded.removeAll(calls());
    unneeded.removeAll(UNCALLED.keySet());
    assertThat(unneeded).as("granted, and never called").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {Chart.NAME, POOL, "default"})
  void nothingElseIsGranted(String namespace) throws Exception {
    var rules = new TreeSet<>(rules(Chart.NAME, namespace));
    rules.removeAll(rules("nobody", namespace));
    var rendered = new TreeSet<String>();
    for (var role : roles()) {
      var own = role.path("metadata").path("namespace").asText(namespace);
      if (own.equals(namespace)) {
        role.path("rules").forEach(rule -> rendered.addAll(expanded(rule)));
      }
    }
    assertThat(rules).isEqualTo(rendered);
  }

  // What an engine does.

  private static void doEverything() throws Exception {
    var access = ClusterAccess.of(kubeconfig());
    try (var reader = WorkloadReader.open(access)) {
      WORKLOADS.forEach(
          (service, ref) -> {
            reader.describe(ref);
            reader.describe(
                WorkloadRef.selected(ref.apiVersion(), ref.kind(), POOL, "app=" + service));
          });
    }
    var settings =
        ElectionSettings.of(POOL, Chart.NAME, "test")
            .paced(Duration.ofSeconds(4), Duration.ofSeconds(3), Duration.ofMillis(500));
    report(access);
    var candidate = Candidate.runs(() -> () -> {});
    try (var leadership = Leadership.start(access.config(), settings, candidate, _ -> {})) {
      patiently().until(() -> leadership.term().isPresent());
      act(access, Capacity.Nodes.ALL, Resources.cpuAndMemory(50, 16 << 20), leadership);
      act(access, new Capacity.Slots(20), Resources.slots(1), leadership);
      act(
          access,
          new Capacity.Quota(POOL, "all"),
          Resources.cpuAndMemory(50, 16 << 20),
          leadership);
    }
  }

  private static void act(ClusterAccess access, Capacity capacity, Resources ofOne, Fence fence) {
    var settings = KubernetesSettings.of("pool", access).capacity(capacity);
    var workloads = new TreeMap<ServiceId, KubernetesWorkload>();
    WORKLOADS.forEach((service, ref) -> workloads.put(service, KubernetesWorkload.of(ref, ofOne)));
    try (var orchestrator =
        KubernetesOrchestrator.open(settings, workloads, fence, InstantSource.system())) {
      patiently()
          .ignoreExceptionsInstanceOf(OrchestratorException.class)
          .until(() -> orchestrator.observe().standings().desired().size() == workloads.size());
      for (var service : workloads.keySet()) {
        orchestrator.perform(new Action.Scale(service, 2, List.of()));
      }
      patiently().until(() -> running(orchestrator).size() == 2);
      var one = running(orchestrator).getFirst().id();
      orchestrator.perform(new Action.Pause(WEB, one));
      patiently().until(() -> running(orchestrator).size() == 1);
      orchestrator.perform(new Action.Resume(WEB, one));
      patiently().until(() -> running(orchestrator).size() == 2);
      orchestrator.perform(new Action.Scale(WEB, 1, List.of(one)));
      patiently().until(() -> running(orchestrator).size() == 1);
    }
  }

  /// Follows what people want, and tells them what becomes of it.
  private static void report(ClusterAccess access) {
    try (var resources = CustomResources.follow(access, POOL, "kittens", () -> {})) {
      resources.requireAnswer();
      var status = resources.statusApi("test");
      var service = resources.services().getFirst();
      var now = Instant.now();
      status.write(resources.pool().orElseThrow(), Map.of("reason", "Tested"));
      status.write(service, Map.of("reason", "Tested"));
      var event =
          status.create(service, new StatusApi.Happening(false, "Tested", "test", "a test", now));
      status.repeat(service, event, 2, now);
    }
  }

  private static List<Replica> running(KubernetesOrchestrator orchestrator) {
    return orchestrator.observe().replicas().stream()
        .filter(r -> r.service().equals(WEB) && r.state() == ReplicaState.RUNNING)
        .toList();
  }

  private static Path kubeconfig() throws IOException {
    var token = cluster.kubectl("-n", Chart.NAME, "create", "token", Chart.NAME).strip();
    return Files.writeString(
        folder.resolve("kubeconfig"),
        """
        {"apiVersion": "v1", "kind": "Config", "current-context": "it",
         "clusters": [{"name": "it", "cluster": {"server": "%s", "certificate-authority": "%s"}}],
         "users": [{"name": "it", "user": {"token": "%s"}}],
         "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}]}
        """
            .formatted(cluster.server(), cluster.authority(), token));
  }

  // What the server tells: `verb resource.group in place`.

  private static Set<String> calls() throws IOException {
    var all = new TreeSet<String>();
    for (var entry : entries()) {
      var object = entry.path("objectRef");
      if (object.has("resource")) {
        all.add(
            call(
                entry.path("verb").asText(),
                resource(object.path("resource").asText(), object.path("subresource").asText()),
                object.path("apiGroup").asText(),
                object.path("namespace").asText()));
      }
    }
    return all;
  }

  private static List<String> refused() throws IOException {
    return entries().stream()
        .map(entry -> entry.path("responseStatus"))
        .filter(status -> status.path("code").asInt() == 403)
        .map(status -> status.path("message").asText())
        .toList();
  }

  private static List<JsonNode> entries() throws IOException {
    var all = new ArrayList<JsonNode>();
    var text = Files.readString(log());
    // The last line may be in the making.
    for (var line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
      all.add(JSON.readTree(line));
    }
    return all;
  }

  // What the chart grants.

  private static Set<String> granted() {
    var all = new TreeSet<String>();
    for (var role : roles()) {
      var namespace = role.path("metadata").path("namespace").asText("");
      for (var rule : role.path("rules")) {
        for (var group : Chart.texts(rule.path("apiGroups"))) {
          for (var resource : Chart.texts(rule.path("resources"))) {
            for (var verb : Chart.texts(rule.path("verbs"))) {
              all.add(call(verb, resource, group, namespace));
            }
          }
        }
      }
    }
    return all;
  }

  private static List<JsonNode> roles() {
    var roles = new ArrayList<>(chart.objects("Role"));
    roles.addAll(chart.objects("ClusterRole"));
    return roles;
  }

  private static String call(String verb, String resource, String group, String namespace) {
    var place =
        switch (namespace) {
          case "" -> "cluster";
          case POOL -> "pool";
          default -> namespace;
        };
    return "%s %s%s in %s".formatted(verb, resource, group.isEmpty() ? "" : "." + group, place);
  }

  private static String resource(String resource, String subresource) {
    return subresource.isEmpty() ? resource : resource + "/" + subresource;
  }

  /// What an account may do in a namespace, as the server sees it.
  private static Set<String> rules(String account, String namespace) throws IOException {
    var review =
        Files.writeString(
            folder.resolve("review.json"),
            """
            {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
             "spec": {"namespace": "%s"}}
            """
                .formatted(namespace));
    var answer =
        JSON.readTree(
            cluster.kubectl(
                "--as=system:serviceaccount:%s:%s".formatted(Chart.NAME, account),
                "create",
                "--validate=false", // which would ask for more than the account may
                "--filename=" + review,
                "--output=json"));
    assertThat(answer.path("status").path("incomplete").asBoolean()).isFalse();
    var all = new TreeSet<String>();
    answer.path("status").path("resourceRules").forEach(rule -> all.addAll(expanded(rule)));
    return all;
  }

  private static Set<String> expanded(JsonNode rule) {
    var all = new TreeSet<String>();
    for (var group : Chart.texts(rule.path("apiGroups"))) {
      for (var resource : Chart.texts(rule.path("resources"))) {
        for (var verb : Chart.texts(rule.path("verbs"))) {
          all.add(
              "%s %s.%s %s"
                  .formatted(verb, resource, group, Chart.texts(rule.path("resourceNames"))));
        }
      }
    }
    return all;
  }

  private static ConditionFactory patiently() {
    return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100));
  }
}
