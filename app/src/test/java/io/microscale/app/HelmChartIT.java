package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The chart of `deploy/helm`, used as its README says, on a real cluster: what it makes is taken
/// by the API server, and two engines in pods share one pool.
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HelmChartIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TOKEN = "a-token-for-this-test";
  private static final String IMAGE = "microscale:0.1.0"; // the one of the default values
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static KubernetesCluster cluster;

  private static @Nullable KubernetesCluster started;

  @BeforeAll
  static void startCluster() throws Exception {
    var whyNot = KubernetesCluster.whyNot();
    assumeThat(whyNot).as(whyNot.orElse("")).isEmpty();
    started = KubernetesCluster.start("app-chart", KubernetesCluster.Setup.nodes(1));
    cluster = started;
    cluster.kubectl("create", "namespace", Chart.NAME);
    // The strictest of the Pod Security Standards.
    cluster.kubectl(
        "label", "namespace", Chart.NAME, "pod-security.kubernetes.io/enforce=restricted");
    cluster.load(ImageFile.make(folder, IMAGE));
    kubectl("create", "secret", "generic", "microscale-token", "--from-literal=token=" + TOKEN);
    kittens().apply(cluster, "--namespace=" + Chart.NAME);
  }

  @AfterAll
  static void stopCluster() {
    if (started != null) {
      started.close();
    }
  }

  @Test
  void lintFindsNothing() {
    assertThat(cluster.helm("lint", "--strict", Chart.FOLDER)).contains("0 chart(s) failed");
  }

  @Test
  void plainManifestsAreWhatTheChartMakes() throws Exception {
    var plain = Chart.read(Chart.DEPLOY.resolve("kubernetes/microscale.yaml"));
    assertThat(byName(plain))
        .as(
            "helm template microscale deploy/helm/microscale --namespace microscale"
                + " --include-crds > deploy/kubernetes/microscale.yaml")
        .isEqualTo(byName(Chart.rendered(cluster, "--include-crds")));
  }

  private static Map<String, JsonNode> byName(Chart chart) {
    var all = new TreeMap<String, JsonNode>();
    for (var object : chart.objects()) {
      var meta = object.path("metadata");
      all.put(
          "%s %s/%s"
              .formatted(
                  object.path("kind").asText(),
                  meta.path("namespace").asText(),
                  meta.path("name").asText()),
          object);
    }
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "replicas=two, /replicas",
    "leaderElection.enabled=false, need at most 1 without leaderElection",
    "leaderElection.leaseDuration=15, /leaderElection/leaseDuration",
    "config.pool.name=Two Words, /config/pool/name",
    "config.pool.orchestrator.docker.host=x, /config/pool/orchestrator",
    "config.pool.orchestrator.kubernetes.leaderElection.lease=x, /leaderElection",
    "config.services[0].min=-1, /config/services/0/min",
    "access.nodez=true, nodez",
    "config.pool.capacity=null, access.nodes",
    "image.digest=latest, /image/digest",
    "networkPolicy.apiServerPorts[0]=0, /networkPolicy/apiServerPorts/0",
    "serviceAccount.create=false, serviceAccount.name"
  })
  void wrongValueIsRefusedByName(String value, String place) {
    assertThatThrownBy(() -> Chart.rendered(cluster, "--set", value)).hasMessageContaining(place);
  }

  @Test
  void serverTakesWhatTheDefaultsMake() throws Exception {
    var chart = Chart.rendered(cluster);
    assertThat(chart.apply(cluster, "--dry-run=server").lines()).hasSameSizeAs(chart.objects());
  }

  @Test
  void serverTakesWhatEverythingMakes() throws Exception {
    var everything =
        Chart.rendered(
            cluster,
            "--set",
            "access.nodes=true,leaderElection.policy=true,priorityClassName=system-node-critical"
                + ",access.workloads[0].apiGroup=argoproj.io,access.workloads[0].resource=rollouts"
                + ",access.namespaces={default,microscale}"
                + ",networkPolicy.from[0].namespaceSelector.matchLabels.a=b"
                + ",networkPolicy.egress[0].ports[0].port=9090,nodeSelector.a=b");
    assertThat(everything.objects("Role")).hasSize(3);
    assertThat(everything.objects("ClusterRole")).hasSize(1);
    assertThat(everything.apply(cluster, "--dry-run=server").lines())
        .hasSameSizeAs(everything.objects());
  }

  @Test
  void podMonitorShowsTheToken() {
    var chart = Chart.rendered(cluster, "--set", "podMonitor.enabled=true");
    var endpoint = chart.only("PodMonitor").path("spec").path("podMetricsEndpoints").path(0);
    assertThat(endpoint.path("path").asText()).isEqualTo("/metrics");
    assertThat(endpoint.at("/authorization/credentials/name").asText())
        .isEqualTo("microscale-token");
  }

  @Test
  void twoEnginesRunAndOneLeads() throws Exception {
    install(
        "leaderElection.leaseDuration=4s,leaderElection.renewDeadline=3s"
            + ",leaderElection.retryPeriod=500ms");
    var first = leader();
    push(first, 150);
    // 50 requests a second for each replica, and one replica more.
    patiently().until(() -> ready("web") == 4);

    var before = pods("app=web");
    kubectl("delete", "pod", first, "--grace-period=0", "--force");
    patiently().until(() -> !leader().equals(first) && !leader().isEmpty());
    patiently().until(() -> ready("microscale") == 2);
    push(leader(), 150);
    assertThat(pods("app=web")).isEqualTo(before);

    // The new one acts: two slots of demand less, and none but the leader was let through.
    push(leader(), 50);
    patiently().until(() -> pods("app=web").size() == 2);
    assertThat(restarts()).isEmpty();
  }

  @Test
  void engineFollowsCustomResources() throws Exception {
    for (var file : List.of("microscalepools", "microscaleservices")) {
      cluster.kubectl("apply", "--filename=%s/crds/%s.yaml".formatted(Chart.FOLDER, file));
    }
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
    Chart.read(Chart.DEPLOY.resolve("kubernetes/kittens-pool.yaml"))
        .apply(cluster, "--namespace=" + Chart.NAME);
    install("customResources=%s/kittens".formatted(Chart.NAME));

    push(leader(), 100);
    patiently().until(() -> ready("web") == 3);
    patiently()
        .until(
            () ->
                kubectl("get", "microscaleservice", "web", "-o", "jsonpath={.status.running}")
                    .equals("3"));
    assertThat(kubectl("get", "events.events.k8s.io")).contains("deployment/web");
    assertThat(restarts()).isEmpty();
  }

  /// Returns when the pods of this and of no earlier configuration run, and one of them leads.
  private static void install(String values) throws Exception {
    Chart.rendered(cluster, "--set", "image.pullPolicy=Never,leaderElection.policy=true," + values)
        .apply(cluster);
    kubectl("rollout", "status", "deployment/microscale", "--timeout=90s");
    patiently().until(() -> pods("app.kubernetes.io/name=microscale").contains("pod/" + leader()));
  }

  /// The example's workloads, with an image that is here, as the strict namespace wants them.
  private static Chart kittens() throws Exception {
    var text = Files.readString(Chart.DEPLOY.resolve("kubernetes/kittens.yaml"));
    return new Chart(text.replace("busybox:stable", KubernetesCluster.IMAGE));
  }

  private static String kubectl(String... words) {
    var all = new ArrayList<>(List.of("--namespace", Chart.NAME));
    all.addAll(List.of(words));
    return cluster.kubectl(all.toArray(String[]::new)).strip();
  }

  private static int ready(String deployment) {
    var ready = kubectl("get", "deployment", deployment, "-o", "jsonpath={.status.readyReplicas}");
    return ready.isEmpty() ? 0 : Integer.parseInt(ready);
  }

  private static List<String> pods(String selector) {
    return kubectl("get", "pods", "-l", selector, "-o", "name").lines().sorted().toList();
  }

  /// What has ended and was started again, with how and its last words.
  private static List<String> restarts() throws Exception {
    var all = new ArrayList<String>();
    for (var pod : JSON.readTree(kubectl("get", "pods", "-o", "json")).path("items")) {
      var before = pod.at("/status/containerStatuses/0/lastState");
      if (!before.isEmpty()) {
        var name = pod.path("metadata").path("name").asText();
        all.add("%s: %s %s".formatted(name, before, kubectl("logs", "--previous", name)));
      }
    }
    return all;
  }

  /// The pod that leads, or nothing.
  private static String leader() {
    return kubectl("get", "lease", Chart.NAME, "-o", "jsonpath={.spec.holderIdentity}")
        .replaceFirst("_.*", "");
  }

  private static void push(String pod, int requests) throws Exception {
    var address = kubectl("get", "pod", pod, "-o", "jsonpath={.status.podIP}");
    var request =
        HttpRequest.newBuilder(
                URI.create("http://%s:7700/v1/services/web/demand".formatted(address)))
            .timeout(Duration.ofSeconds(5))
            .header("Content-Type", "application/json")
            .header("Authorization", "Bearer " + TOKEN)
            .PUT(BodyPublishers.ofString("{\"value\": %d}".formatted(requests)))
            .build();
    try (var http = HttpClient.newHttpClient()) {
      patiently()
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> http.send(request, BodyHandlers.ofString()).statusCode() == 200);
    }
  }

  private static ConditionFactory patiently() {
    return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200));
  }
}
