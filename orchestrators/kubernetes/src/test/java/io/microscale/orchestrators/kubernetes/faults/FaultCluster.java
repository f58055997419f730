package io.microscale.orchestrators.kubernetes.faults;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.core.ConditionFactory;

/// A cluster whose parts the tests of this package break, with what a person would do to it by
/// hand. Each test has a namespace of its own in it, and puts right what it broke.
final class FaultCluster implements AutoCloseable {
  /// Where the accounts of engines are, so that one outlives the namespace of its pool.
  static final String ACCOUNTS = "engines";

  private static final int HOLLOW_NODES = 3;

  private final KubernetesCluster cluster;
  private final Path folder;
  private final AuditLog audit;
  private final KubernetesClient admin;

  /// Made when it is first asked for; ends with this JVM.
  private static final class Hollow {
    static final FaultCluster CLUSTER = startHollow();
  }

  private FaultCluster(KubernetesCluster cluster, Path folder, AuditLog audit) {
    this.cluster = cluster;
    this.folder = folder;
    this.audit = audit;
    // On HTTP/2 a request can wait for ever for a server that was killed.
    var config =
        new ConfigBuilder(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
            .withHttp2Disable(true)
            .withRequestTimeout(5_000)
            .withRequestRetryBackoffLimit(3)
            .build();
    this.admin = new KubernetesClientBuilder().withConfig(config).build();
    createNamespace(ACCOUNTS);
  }

  /// The one for faults of the control plane: its three nodes of four cores each only pretend to
  /// run pods, which takes no time.
  static FaultCluster hollow() {
    requireKubernetes();
    return Hollow.CLUSTER;
  }

  private static FaultCluster startHollow() {
    var started = start("faults", Setup.nodes(0).slowEtcd());
    started.cluster.addHollowNodes(HOLLOW_NODES, "4", "8Gi", 2_000);
    return started;
  }

  /// One with nodes that can be broken.
  ///
  /// @param name as for [KubernetesCluster#start]
  static FaultCluster start(String name, Setup setup) {
    requireKubernetes();
    try {
      var folder = Files.createTempDirectory("microscale-" + name);
      folder.toFile().deleteOnExit(); // registered first, so deleted after what is in it
      var audit = new AuditLog(folder, ACCOUNTS);
      var complete = setup;
      for (var option : audit.options()) {
        complete = complete.option(Part.APISERVER, option);
      }
      return new FaultCluster(KubernetesCluster.start(name, complete), folder, audit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void requireKubernetes() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
  }

  KubernetesCluster cluster() {
    return cluster;
  }

  KubernetesClient admin() {
    return admin;
  }

  AuditLog audit() {
    return audit;
  }

  /// Where files of a test can be put.
  Path folder() {
    return folder;
  }

  /// Creates or changes what manifests say, as `kubectl apply --server-side --force-conflicts`.
  void apply(String manifests) {
    var stream = new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8));
    admin.load(stream).forceConflicts().serverSideApply();
  }

  /// Removes what manifests say, if it is there.
  void delete(String manifests) {
    var stream = new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8));
    admin.load(stream).delete();
  }

  /// Pods can be created in it at once.
  void createNamespace(String name) {
    apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n".formatted(name));
    patiently()
        .until(() -> admin.serviceAccounts().inNamespace(name).withName("default").get() != null);
  }

  static ConditionFactory patiently() {
    return await().atMost(Duration.ofSeconds(30)).pollInterval(Duration.ofMillis(50));
  }

  @Override
  public void close() {
    admin.close();
    cluster.close();
  }
}
