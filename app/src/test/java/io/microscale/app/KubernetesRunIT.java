package io.microscale.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.config.Configuration;
import io.microscale.app.config.ConfigurationReader;
import io.microscale.app.config.KubernetesConfig;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.server.ServerSettings;
import io.microscale.testkit.engines.KubernetesCluster;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The whole engine on a real Kubernetes, from a file whose settings the workloads complete.
class KubernetesRunIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String NAMESPACE = "run-it";

  private final ObjectMapper json = new ObjectMapper();
  private final HttpClient http = HttpClient.newHttpClient();
  private KubernetesCluster cluster;

  @BeforeEach
  void workloads() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    cluster = KubernetesCluster.shared();
    cluster.kubectl("create", "namespace", NAMESPACE);
    // Six pods of 100m and two that are paused are all that the quota has room for.
    cluster.apply(
        """
        apiVersion: v1
        kind: ResourceQuota
        metadata: {name: pool, namespace: run-it}
        spec: {hard: {requests.cpu: 620m}}
        """);
    cluster.apply(
        deployment(
            "web", "{microscale.io/priority: '100', microscale.io/standby: '2', other: thing}"));
    cluster.apply(deployment("batch", "{microscale.io/reclaim: '[throttle, stop]'}"));
  }

  @AfterEach
  void removeThem() {
    http.close();
    if (cluster != null) {
      cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=true", "--ignore-not-found");
    }
  }

  private static String deployment(String name, String annotations) {
    return """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: %1$s, namespace: run-it, annotations: %2$s}
        spec:
          replicas: 1
          selector: {matchLabels: {app: %1$s}}
          template:
            metadata: {labels: {app: %1$s}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: main
                  image: %3$s
                  imagePullPolicy: Never
                  resources: {requests: {cpu: 100m}}
        """
        .formatted(name, annotations, KubernetesCluster.IMAGE);
  }

  private Configuration configuration(String more) throws Exception {
    return ConfigurationReader.read(
        """
        pool:
          name: run-it
          orchestrator: {kubernetes: {kubeconfig: "%s", namespace: run-it%s}}
          capacity: {quota: pool}
        services:
          - {name: web, max: 4, hold: 0s, headroom: {replicas: 0}, demand: {push: {}}, scaling: {replicas: {}}}
          - {name: batch, max: 8, remainder: true, throttled: {cpu: 20m}}
        """
            .formatted(cluster.kubeconfig(), more),
        Path.of("microscale.yaml"));
  }

  @Test
  void batchIsThrottledAndStandbyResumedAndNobodyRestarts() throws Exception {
    var configuration = configuration("");
    var web = configuration.pool().services().getFirst();
    assertThat(web.id()).hasToString("web");
    assertThat(web.priority()).as("an annotation").isEqualTo(100);
    assertThat(web.standby().most()).as("an annotation").isEqualTo(2);
    assertThat(web.resources().get("cpu")).as("of the template").isEqualTo(100);

    var options =
        new RunningEngine.Options(false, Optional.empty(), ServerSettings.local(0), Fence.NONE);
    try (var engine = RunningEngine.start(configuration, options, _ -> {})) {
      push(engine.uri(), 1);
      await("a pool that is full, with standby")
          .atMost(PATIENCE)
          .until(() -> sizes("web").equals(Map.of(100, 1, 10, 2)) && sizes("batch").size() == 1);
      await("batch").atMost(PATIENCE).until(() -> sizes("batch").equals(Map.of(100, 5)));
      var before = pods();

      push(engine.uri(), 3);
      await("web").atMost(PATIENCE).until(() -> sizes("web").getOrDefault(100, 0) == 3);
      assertThat(pods()).as("nobody ended or restarted").containsAllEntriesOf(before);

      push(engine.uri(), 1);
      await("all back")
          .atMost(PATIENCE)
          .until(() -> sizes("batch").equals(Map.of(100, 5)) && sizes("web").get(10) == 2);
      assertThat(pods()).containsAllEntriesOf(before);
    }
    assertThat(sizes("batch")).as("stopping the engine changes nothing").isEqualTo(Map.of(100, 5));
  }

  @Test
  void ofTwoEnginesOneActsAndTheOtherTakesOver() throws Exception {
    var configuration =
        configuration(
            ", leaderElection: {leaseDuration: 3s, renewDeadline: 2s, retryPeriod: 300ms}");
    var said = new ConcurrentLinkedQueue<String>();
    var firstPort = ServerSettings.local(freePort());
    var secondPort = ServerSettings.local(freePort());
    var before = new TreeMap<String, Integer>();
    Optional<ElectedEngine> second = Optional.empty();
    try (var _ = elected(configuration, firstPort, "first", said)) {
      await("the first leads").atMost(PATIENCE).until(() -> status(firstPort) == 200);
      second = Optional.of(elected(configuration, secondPort, "second", said));
      await("the second stands by")
          .atMost(PATIENCE)
          .until(() -> code(secondPort, "/readyz") == 200 && status(secondPort) == 503);
      push(uri(firstPort), 1);
      await("full").atMost(PATIENCE).until(() -> sizes("batch").equals(Map.of(100, 5)));
      before.putAll(pods());
    } catch (Exception | AssertionError e) {
      second.ifPresent(ElectedEngine::close);
      throw e;
    }
    try (var _ = second.orElseThrow()) {
      await("the second leads").atMost(PATIENCE).until(() -> status(secondPort) == 200);
      push(uri(secondPort), 2);
      await("web").atMost(PATIENCE).until(() -> sizes("web").getOrDefault(100, 0) == 2);
      assertThat(pods()).as("nobody ended or restarted").containsAllEntriesOf(before);
      assertThat(
              cluster.kubectl(
                  "get", "deployment", "web", "-n", NAMESPACE, "-o", "jsonpath={.metadata}"))
          .contains("microscale.io/term");
    }
    assertThat(said).anyMatch(line -> line.contains("leads; page and API at"));
  }

  private static ElectedEngine elected(
      Configuration configuration,
      ServerSettings server,
      String name,
      ConcurrentLinkedQueue<String> said) {
    var kubernetes = (KubernetesConfig) configuration.orchestrator();
    return ElectedEngine.start(
        kubernetes,
        kubernetes.election().orElseThrow(),
        fence ->
            RunningEngine.start(
                configuration,
                new RunningEngine.Options(false, Optional.empty(), server, fence),
                said::add),
        server,
        name,
        said::add);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static URI uri(ServerSettings server) {
    return URI.create("http://127.0.0.1:" + server.port() + "/");
  }

  private int status(ServerSettings server) throws Exception {
    return code(server, "/v1/status");
  }

  private int code(ServerSettings server, String path) throws Exception {
    try {
      return http.send(
              HttpRequest.newBuilder(uri(server).resolve(path)).build(),
              HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      return 0; // nobody listens at the moment
    }
  }

  private void push(URI engine, int replicas) throws Exception {
    var answer =
        http.send(
            HttpRequest.newBuilder(engine.resolve("/v1/services/web/demand"))
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString("{\"value\": %d}".formatted(replicas)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  /// How many ready pods of a Deployment hold so many thousandths of a core.
  private Map<Integer, Integer> sizes(String name) throws Exception {
    var sizes = new TreeMap<Integer, Integer>();
    for (var pod : list(name)) {
      var container = pod.path("status").path("containerStatuses").path(0);
      if (container.path("ready").asBoolean() && !pod.path("metadata").has("deletionTimestamp")) {
        var cpu = container.path("resources").path("requests").path("cpu").asText("0m");
        sizes.merge(Integer.parseInt(cpu.replace("m", "")), 1, Integer::sum);
      }
    }
    return sizes;
  }

  /// All pods with how often their container was started again.
  private Map<String, Integer> pods() throws Exception {
    var pods = new TreeMap<String, Integer>();
    for (var name : new String[] {"web", "batch"}) {
      for (var pod : list(name)) {
        pods.put(
            pod.path("metadata").path("uid").asText(),
            pod.path("status").path("containerStatuses").path(0).path("restartCount").asInt());
      }
    }
    return pods;
  }

  private JsonNode list(String name) throws Exception {
    return json.readTree(
            cluster.kubectl("get", "pods", "-n", NAMESPACE, "-l", "app=" + name, "-o", "json"))
        .path("items");
  }
}
