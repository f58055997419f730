package io.microscale.testkit.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.testkit.FaultProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KubernetesClusterIT {
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec:
        terminationGracePeriodSeconds: 1
        containers:
        - name: main
          image: %s
          env: [{name: PORT, value: "8080"}]
          readinessProbe: {httpGet: {port: 8080, path: /}, periodSeconds: 1}
          resources:
            requests: {cpu: 100m, memory: 16Mi}
            limits: {cpu: 100m, memory: 16Mi}
      """
          .formatted(KubernetesCluster.IMAGE);

  @BeforeAll
  static void need() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), whyNot::get);
  }

  private static String pod(KubernetesCluster cluster, String path) {
    return cluster.kubectl("get", "pod", "web", "--output=jsonpath={" + path + "}");
  }

  private static void await(KubernetesCluster cluster, String what, String condition) {
    cluster.kubectl("wait", what, "--for=" + condition, "--timeout=60s");
  }

  /// Processes whose control group is one of this cluster's.
  private static List<ProcessHandle> inside(String name) {
    return ProcessHandle.allProcesses().filter(process -> isInside(process, name)).toList();
  }

  private static boolean isInside(ProcessHandle process, String name) {
    try {
      return Files.readString(Path.of("/proc/%d/cgroup".formatted(process.pid())))
          .contains("/microscale-engine-" + name + "/");
    } catch (IOException _) {
      return false; // It has ended.
    }
  }

  private static List<Path> groups(String name) throws IOException {
    try (Stream<Path> roots = Files.list(Path.of("/sys/fs/cgroup"))) {
      return roots
          .map(root -> root.resolve("microscale-engine-" + name))
          .filter(Files::exists)
          .toList();
    }
  }

  private static String get(KubernetesCluster cluster, URI server) throws Exception {
    var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (var in = Files.newInputStream(cluster.authority())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    var context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    try (var http = HttpClient.newBuilder().sslContext(context).build()) {
      var request =
          HttpRequest.newBuilder(server.resolve("/version"))
              .header("Authorization", "Bearer " + cluster.token())
              .build();
      return http.send(request, BodyHandlers.ofString()).body();
    }
  }

  @Test
  void podsRunAreResizedAndOutliveTheControlPlane() throws Exception {
    var name = "kubernetes-it";
    Path kubeconfig;
    String gateway;
    var setup = KubernetesCluster.Setup.nodes(1).cpu(1000).memory(1 << 30).slowEtcd();
    try (var cluster = KubernetesCluster.start(name, setup)) {
      kubeconfig = cluster.kubeconfig();
      gateway = cluster.gateway();
      assertThat(cluster.nodes()).containsExactly("node1");
      assertThat(
              cluster.kubectl(
                  "get",
                  "node",
                  "node1",
                  "--output=jsonpath={.status.allocatable.cpu} {.status.allocatable.memory}"))
          .isEqualTo("1 1Gi");
      cluster.apply(POD);
      await(cluster, "pod/web", "condition=Ready");
      try (var http = HttpClient.newHttpClient()) {
        var page = URI.create("http://%s:8080/".formatted(pod(cluster, ".status.podIP")));
        var answer = http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString());
        assertThat(answer.body()).isEqualToIgnoringNewLines("READY");
      }
      assertThat(cluster.kubectl("logs", "web")).contains("READY");
      // The address of the API server that every pod is told.
      assertThat(
              cluster.kubectl(
                  "exec", "web", "--", "sh", "-c", "nc $KUBERNETES_SERVICE_HOST 443 < /dev/null"))
          .isEmpty();

      cluster.kubectl(
          "patch",
          "pod",
          "web",
          "--subresource=resize",
          "--patch={\"spec\":{\"containers\":[{\"name\":\"main\",\"resources\":{\"requests\":{\"cpu\":\"10m\"},"
              + "\"limits\":{\"cpu\":\"10m\"}}}]}}");
      await(cluster, "pod/web", "jsonpath={.status.containerStatuses[0].resources.limits.cpu}=10m");

      cluster.killHard(KubernetesCluster.Part.APISERVER);
      assertThatThrownBy(() -> cluster.kubectl("get", "pods"))
          .isInstanceOf(EngineException.class)
          .hasMessageContaining("get pods: failed");
      cluster.startAgain(KubernetesCluster.Part.APISERVER);
      cluster.delayEtcd(Duration.ofMillis(20));
      cluster.freeze(KubernetesCluster.Part.APISERVER);
      cluster.thaw(KubernetesCluster.Part.APISERVER);
      try (var proxy = FaultProxy.to(cluster.address())) {
        assertThat(get(cluster, URI.create("https://127.0.0.1:" + proxy.port())))
            .contains("\"v1.37.");
      }
      assertThat(pod(cluster, ".status.containerStatuses[0].restartCount")).isEqualTo("0");
      assertThat(cluster.helm("list", "--output=json").strip()).isEqualTo("[]");
      assertThat(inside(name)).isNotEmpty();
      assertThat(NetworkInterface.getByInetAddress(InetAddress.getByName(gateway))).isNotNull();
    }
    assertThat(kubeconfig).doesNotExist();
    assertThat(inside(name)).isEmpty();
    assertThat(groups(name)).isEmpty();
    assertThat(NetworkInterface.getByInetAddress(InetAddress.getByName(gateway))).isNull();
    assertThat(Path.of("/proc/mounts")).content().doesNotContain("/" + name + "/");
  }

  @Test
  void nodeThatCrashesIsNoticedAndComesBack() {
    var setup = KubernetesCluster.Setup.nodes(2).monitor(Duration.ofSeconds(5));
    try (var cluster = KubernetesCluster.start("kubernetes-it-node", setup);
        var beside =
            KubernetesCluster.start("kubernetes-it-two", KubernetesCluster.Setup.nodes(0))) {
      assertThat(beside.gateway()).isNotEqualTo(cluster.gateway());
      assertThat(beside.nodes()).isEmpty();
      assertThat(cluster.nodes()).containsExactly("node1", "node2");
      cluster.crash("node2");
      await(cluster, "node/node2", "condition=Ready=Unknown");
      assertThat(beside.kubectl("get", "--raw=/readyz")).isEqualTo("ok");
      cluster.startAgain("node2");
      await(cluster, "node/node2", "condition=Ready");
    }
  }

  @Test
  void hollowNodesRunManyPods() {
    try (var cluster =
        KubernetesCluster.start("kubernetes-it-hollow", KubernetesCluster.Setup.nodes(0))) {
      cluster.addHollowNodes(5, "4", "16Gi", 100);
      cluster.kubectl("create", "deployment", "many", "--image=none", "--replicas=300");
      cluster.kubectl("rollout", "status", "deployment/many", "--timeout=90s");
      cluster.kubectl(
          "delete", "deployment/many", "--cascade=foreground", "--wait", "--timeout=90s");
      assertThat(cluster.kubectl("get", "pods", "--output=name")).isEmpty();
    }
  }
}
