package io.microscale.orchestrators.kubernetes.election;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

/// A real API server, with namespaces in which engines stand for election.
final class ElectionServer implements AutoCloseable {
  private final KubernetesCluster cluster;

  private ElectionServer(KubernetesCluster cluster) {
    this.cluster = cluster;
  }

  /// Starts it, or has the tests skipped where it cannot be.
  static ElectionServer start(String name) {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    return new ElectionServer(KubernetesCluster.start(name, Setup.nodes(0)));
  }

  /// A new namespace with what the engines of one pool need, see `engine.yaml`.
  ///
  /// @return its name
  String namespace() {
    var name = "pool-" + UUID.randomUUID().toString().substring(0, 8);
    apply("engine.yaml", name);
    return name;
  }

  /// The engines' account in a namespace.
  Account account(String namespace) {
    try {
      var authority = Base64.getEncoder().encodeToString(Files.readAllBytes(cluster.authority()));
      var token = cluster.kubectl("create", "token", "microscale", "--namespace=" + namespace);
      return new Account(cluster.server().toString(), authority, token.strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  InetSocketAddress address() {
    return cluster.address();
  }

  String kubectl(String... arguments) {
    return cluster.kubectl(arguments);
  }

  void killHard() {
    cluster.killHard(Part.APISERVER);
  }

  void startAgain() {
    cluster.startAgain(Part.APISERVER);
  }

  /// Lets only the leader of this namespace write. Returns when that is in force.
  void addPolicy(String namespace, Scaled workload) {
    apply("leader-policy.yaml", namespace);
    await().atMost(Duration.ofSeconds(30)).until(() -> isRefused(workload));
  }

  private static boolean isRefused(Scaled workload) {
    try {
      workload.scale(1, Optional.empty(), "microscale-nobody");
      return false;
    } catch (KubernetesClientException e) {
      return Fence.refused(String.valueOf(e.getMessage()));
    }
  }

  private void apply(String file, String namespace) {
    try (var in = ElectionServer.class.getResourceAsStream(file)) {
      var yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      cluster.apply(yaml.replace("NAMESPACE", namespace));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
