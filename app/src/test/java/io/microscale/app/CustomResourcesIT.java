package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.server.ServerSettings;
import io.microscale.testkit.engines.EngineException;
import io.microscale.testkit.engines.KubernetesCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/// Pools and services as custom resources of a real cluster: what its server refuses, and what an
/// engine makes of them, as people see it with `kubectl`.
@Timeout(value = 400, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CustomResourcesIT {
  private static final Path DEFINITIONS = Path.of("../deploy/helm/microscale/crds");
  private static final String NAMESPACE = "custom-resources";
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Pattern ADDRESS = Pattern.compile("page and API at (http\\S+)");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SERVICE =
      """
      {"apiVersion": "microscale.io/v1alpha1", "kind": "MicroscaleService",
       "metadata": {"name": "tried", "namespace": "custom-resources"},
       "spec": {"poolRef": {"name": "kittens"}, "workloadRef": {"name": "tried"},
                "demand": {"push": {}}, "scaling": {"targetPerReplica": 50}}}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<String> lines = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void define() throws IOException {
    var whyNot = KubernetesCluster.whyNot();
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    try (var files = Files.list(DEFINITIONS)) {
      for (var file : files.sorted().toList()) {
        cluster().kubectl("apply", "--validate=strict", "--filename=" + file.toAbsolutePath());
      }
    }
    cluster()
        .kubectl(
            "wait",
            "--for=condition=Established",
            "--timeout=60s",
            "crd/microscalepools.microscale.io",
            "crd/microscaleservices.microscale.io");
    cluster()
        .apply(
            """
            apiVersion: v1
            kind: Namespace
            metadata: {name: custom-resources}
            """);
    // kubectl asks for the kinds anew only now and then.
    await()
        .atMost(PATIENCE)
        .ignoreException(EngineException.class)
        .until(() -> get("msvc") != null);
  }

  private static KubernetesCluster cluster() {
    return KubernetesCluster.shared();
  }

  private static String get(String... what) {
    var words = new ArrayList<>(List.of("get", "--namespace=" + NAMESPACE));
    words.addAll(List.of(what));
    return cluster().kubectl(words.toArray(String[]::new));
  }

  /// Applies a service with more keys, without keeping it; null takes a key away.
  private static String tried(String more) throws IOException {
    var service = (ObjectNode) JSON.readTree(SERVICE);
    var spec = (ObjectNode) service.get("spec");
    JSON.readTree(more)
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isNull()) {
                spec.remove(entry.getKey());
              } else {
                spec.set(entry.getKey(), entry.getValue());
              }
            });
    var file = Files.createTempFile("tried", ".json");
    try {
      Files.writeString(file, service.toString());
      return cluster().kubectl("apply", "--dry-run=server", "--filename=" + file);
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"min": 5, "max": 2}                    | spec.max: Invalid value: max: need >= min, got min=5 max=2
          {"demand": null}                        | spec.demand: Invalid value: demand: need one, or remainder: true, got nothing
          {"scaling": null}                       | spec.scaling: Invalid value: scaling: need one, to turn the demand into replicas, got nothing
          {"remainder": true}                     | spec.remainder: Invalid value: remainder: need false, or none of what follows a demand, got demand scaling
          {"throttled": {"cpu": "20m"}}           | spec.throttled: Invalid value: throttled: need throttle in reclaim beside it, got no reclaim
          {"reclaim": ["throttle", "stop"]}       | spec.throttled: Invalid value: throttled: need one where reclaim has throttle, got nothing
          {"reclaim": ["stop", "pause"]}          | need some of throttle, pause, stop, in this order, ending with stop, got [stop, pause]
          {"standby": 2, "reclaim": ["stop"]}     | spec.standby: Invalid value: standby: need pause in reclaim, got [stop]
          {"standby": "many"}                     | need a number of replicas or auto, got many
          {"standby": 5, "max": 4}                | spec.standby: Invalid value: standby: need <= max, got standby=5 max=4
          {"fallback": {"after": "1s", "replicas": 9}, "max": 4} | fallback.replicas: need <= max, got replicas=9 max=4
          {"fallback": {"after": "0s", "replicas": 9}}           | spec.fallback.after: Invalid value: "0s": need > 0s and <= 8760h, got 0s
          {"scaling": {"targetPerReplica": 3, "replicas": {}}}   | need exactly one of targetPerReplica, drainTime, targetUtilisation, replicas, got 2
          {"headroom": {"risk": 0.01, "percent": 5}}             | spec.headroom: Invalid value: need none beside risk, got percent
          {"demand": {"push": {}, "http": {"url": "http://a"}}}  | spec.demand: Too many: 2
          {"resources": {"cpu": -1}}              | spec.resources.cpu: Invalid value: -1: need >= 0, got -1
          {"weight": 0}                           | spec.weight in body should be greater than 0
          {"prority": 5}                          | unknown field "spec.prority"
          """)
  void theServerRefusesWhatIsWrongAndSaysWhy(String more, String message) {
    assertThatThrownBy(() -> tried(more)).hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"min": 2, "max": 8, "standby": "auto", "reclaim": ["throttle", "pause", "stop"], "throttled": {"cpu": "20m"}}
          {"demand": null, "scaling": null, "remainder": true, "priority": -5, "resources": {"cpu": "0.5", "memory": "64Mi"}}
          {"scaling": {"drainTime": "1m30s", "ratePerReplica": 2.5}, "headroom": {"percent": 0, "replicas": 1}, "hold": "0s"}
          """)
  void theServerTakesWhatIsRight(String more) throws IOException {
    assertThat(tried(more)).contains("microscaleservice.microscale.io/tried created");
  }

  @Test
  void everyKeyIsExplained() {
    assertThat(cluster().kubectl("explain", "microscaleservices.spec.reclaim"))
        .contains("How it gives up room, cheapest first.");
    assertThat(cluster().kubectl("explain", "microscalepools.spec.capacity.slots"))
        .contains("Count replicas in slots");
  }

  @Test
  void anEngineFollowsTheResourcesAndTellsWhatItDoes() throws Exception {
    cluster().apply(deployment("web", 1) + deployment("batch", 0));
    cluster()
        .apply(
            """
            apiVersion: microscale.io/v1alpha1
            kind: MicroscalePool
            metadata: {name: kittens, namespace: custom-resources}
            spec: {capacity: {slots: 6}}
            """
                + web("1s")
                + batch(-1));
    var options = new CustomResourceOptions();
    CommandLine.populateCommand(
        options,
        "--custom-resources=" + NAMESPACE + "/kittens",
        "--kubeconfig=" + cluster().kubeconfig(),
        "--lease=kittens");
    var run =
        new CustomResourceRun(
            options,
            (configuration, server, fence, observer) ->
                RunningEngine.start(
                    configuration,
                    new RunningEngine.Options(false, Optional.empty(), server, fence, observer),
                    lines::add),
            ServerSettings.local(0),
            true,
            "engine-it",
            lines::add);
    try (var _ = run.start()) {
      shows("msvc", "batch +-1 +6 +5 +5 +0 +gets what is left: 5 of at most 6");
      assertThat(get("mpool", "kittens", "-o=jsonpath={.status.engine}")).isEqualTo("engine-it");
      assertThat(get("lease", "kittens", "-o=jsonpath={.spec.holderIdentity}"))
          .contains("engine-it");
      // More demand: batch gives way, and says for whom.
      demand(200);
      shows("msvc", "web +100 +4 +4 +4 +0 ");
      shows("msvc", "batch +-1 +6 +2 +2 +0 ");
      shows("mpool", "kittens +2 +0 +6 +0 +True +all get what they claim");
      eventually(
          () ->
              assertThat(cluster().kubectl("describe", "deployment/batch", "-n", NAMESPACE))
                  .containsPattern("Normal +ScaledForPriority .*scaled to "));

      // Another version: another engine, and the same pods.
      var before = pods();
      cluster().apply(web("2s"));
      eventually(
          () ->
              assertThat(lines.stream().filter(l -> l.contains("as the custom resources say")))
                  .hasSize(2));
      eventually(
          () ->
              assertThat(get("msvc", "web", "-o=jsonpath={.status.observedGeneration}"))
                  .isEqualTo("2"));
      demand(200);
      shows("msvc", "web +100 +4 +4 +4 +0 ");
      assertThat(pods()).isEqualTo(before);

      // One that no server could refuse, since it is wrong only beside another.
      cluster().apply(batch(200));
      eventually(
          () ->
              assertThat(
                      get(
                          "msvc",
                          "batch",
                          "-o=jsonpath={.status.conditions[?(@.type=='Accepted')]}"))
                  .contains("\"status\":\"False\"", "\"reason\":\"Invalid\"")
                  .contains("spec.priority: a remainder service needs a priority below every")
                  .contains("got 200; generation 1 stays in force"));
      shows("msvc", "web +100 +4 +4 +4 +0 ");
      assertThat(pods()).isEqualTo(before);
    }
  }

  private void demand(int value) {
    eventually(
        () -> {
          var address =
              lines.stream()
                  .map(ADDRESS::matcher)
                  .filter(Matcher::find)
                  .map(matcher -> matcher.group(1))
                  .toList()
                  .getLast();
          var answer =
              http.send(
                  HttpRequest.newBuilder(URI.create(address + "/v1/services/web/demand"))
                      .timeout(Duration.ofSeconds(5))
                      .header("Content-Type", "application/json")
                      .PUT(BodyPublishers.ofString("{\"value\": %d}".formatted(value)))
                      .build(),
                  BodyHandlers.ofString());
          assertThat(answer.statusCode()).isEqualTo(200);
        });
  }

  private static void shows(String resources, String row) {
    eventually(() -> assertThat(get(resources)).containsPattern(row));
  }

  private static void eventually(ThrowingRunnable assertion) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(assertion);
  }

  private static Set<String> pods() {
    var names = get("pods", "-l=app in (web,batch)", "-o=jsonpath={.items[*].metadata.name}");
    return Set.of(names.split(" "));
  }

  private static String web(String minRuntime) {
    return """
    ---
    apiVersion: microscale.io/v1alpha1
    kind: MicroscaleService
    metadata: {name: web, namespace: custom-resources}
    spec:
      poolRef: {name: kittens}
      workloadRef: {name: web}
      priority: 100
      min: 1
      demand: {push: {}}
      scaling: {targetPerReplica: 50}
      headroom: {percent: 0, replicas: 0}
      minRuntime: %s
    """
        .formatted(minRuntime);
  }

  private static String batch(int priority) {
    return """
    ---
    apiVersion: microscale.io/v1alpha1
    kind: MicroscaleService
    metadata: {name: batch, namespace: custom-resources}
    spec:
      poolRef: {name: kittens}
      workloadRef: {name: batch}
      priority: %d
      remainder: true
      reclaim: [stop]
    """
        .formatted(priority);
  }

  private static String deployment(String name, int replicas) {
    return """
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: %1$s, namespace: custom-resources}
    spec:
      replicas: %2$d
      selector: {matchLabels: {app: %1$s}}
      template:
        metadata: {labels: {app: %1$s}}
        spec:
          terminationGracePeriodSeconds: 1
          automountServiceAccountToken: false
          containers:
            - name: main
              image: %3$s
              resources: {requests: {cpu: 10m, memory: 8Mi}}
    """
        .formatted(name, replicas, KubernetesCluster.IMAGE);
  }
}
