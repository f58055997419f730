package io.microscale.benchmarks;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.microscale.testkit.engines.KubernetesCluster;
import io.microscale.testkit.engines.KubernetesCluster.Part;
import io.microscale.testkit.engines.KubernetesCluster.Setup;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The engine as people start it, over many workloads of a real control plane: what it costs. The
/// pods are on nodes that only pretend to run them. Prints how long it takes to its first pass, its
/// memory, its processor while nothing changes and while pods do, how long passes take, and what it
/// asks of the API server. What changes of pods is first of no account, and then whether they are
/// ready.
///
/// Arguments: how many workloads (1000), pods of each (5), seconds of each stretch (60), changes a
/// second in all but the first (50), and the launcher (`./microscale`). Needs Linux.
public final class KubernetesScale implements AutoCloseable {
  private static final String NAMESPACE = "scale";
  private static final String ACCOUNT = "system:serviceaccount:scale:engine";
  private static final int PODS_A_NODE = 110;
  private static final int AT_ONCE = 24;
  private static final int TICKS_A_SECOND = 100;
  private static final Duration PATIENCE = Duration.ofMinutes(8);

  private static final String MESSAGE =
      """
      {"status": {"message": "%1$d"}}
      """;
  private static final String READINESS =
      """
      {"status": {"conditions": [{"type": "Ready", "status": "%2$s"}]}}
      """;

  private final int workloads;
  private final int podsOfEach;
  private final Path folder;
  private final KubernetesCluster cluster;
  private final KubernetesClient admin;
  private final HttpClient http = HttpClient.newHttpClient();

  private KubernetesScale(int workloads, int podsOfEach) throws IOException {
    this.workloads = workloads;
    this.podsOfEach = podsOfEach;
    this.folder = Files.createTempDirectory("microscale-scale");
    Files.writeString(
        folder.resolve("audit.yaml"),
        """
      apiVersion: audit.k8s.io/v1
      kind: Policy
      omitStages: [ResponseStarted, ResponseComplete, Panic]
      rules:
      - {level: Metadata, users: ["%s"]}
      - {level: None}
      """
            .formatted(ACCOUNT));
    this.cluster =
        KubernetesCluster.start(
            "scale",
            Setup.nodes(0)
                .option(Part.APISERVER, "--audit-policy-file=" + folder.resolve("audit.yaml"))
                .option(Part.APISERVER, "--audit-log-path=" + folder.resolve("audit.log")));
    var config = Config.fromKubeconfig(cluster.kubeconfig().toFile());
    this.admin =
        new KubernetesClientBuilder()
            .withConfig(new ConfigBuilder(config).withRequestTimeout(60_000).build())
            .build();
  }

  public static void main(String[] args) throws Exception {
    int workloads = args.length > 0 ? Integer.parseInt(args[0]) : 1_000;
    int podsOfEach = args.length > 1 ? Integer.parseInt(args[1]) : 5;
    var stretch = Duration.ofSeconds(args.length > 2 ? Integer.parseInt(args[2]) : 60);
    int changes = args.length > 3 ? Integer.parseInt(args[3]) : 50;
    var launcher = args.length > 4 ? args[4] : "./microscale";
    var whyNot = KubernetesCluster.whyNot();
    if (whyNot.isPresent()) {
      print("no Kubernetes here: %s", whyNot.get());
      return;
    }
    try (var scale = new KubernetesScale(workloads, podsOfEach)) {
      scale.fill();
      scale.measure(launcher, stretch, changes);
    }
  }

  private static void print(String line, Object... values) {
    System.out.printf(Locale.ROOT, line + "%n", values);
  }

  private String name(int workload) {
    return "s-%04d".formatted(workload);
  }

  private void apply(String manifests) {
    admin
        .load(new ByteArrayInputStream(manifests.getBytes(StandardCharsets.UTF_8)))
        .forceConflicts()
        .serverSideApply();
  }

  /// Makes the workloads and waits until all pods are ready.
  private void fill() throws InterruptedException, ExecutionException {
    int pods = workloads * podsOfEach;
    cluster.addHollowNodes(Math.ceilDiv(pods, PODS_A_NODE - 10), "16", "32Gi", PODS_A_NODE);
    apply(
        """
      apiVersion: v1
      kind: Namespace
      metadata: {name: scale}
      ---
      apiVersion: v1
      kind: ServiceAccount
      metadata: {name: engine, namespace: scale}
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: ClusterRoleBinding
      metadata: {name: engine}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
      subjects: [{kind: ServiceAccount, name: engine, namespace: scale}]
      """);
    await(
        () -> admin.serviceAccounts().inNamespace(NAMESPACE).withName("default").get() != null,
        "account");
    var made = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < workloads; i++) {
      var manifest =
          """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: %1$s, namespace: scale}
      spec:
        replicas: %2$d
        selector: {matchLabels: {app: %1$s}}
        template:
          metadata: {labels: {app: %1$s}}
          spec:
            automountServiceAccountToken: false
            containers:
            - name: main
              image: localhost/tiny:1
              resources: {requests: {cpu: 100m, memory: 64Mi}}
      """
              .formatted(name(i), podsOfEach);
      made.add(
          () -> {
            apply(manifest);
            return true;
          });
    }
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (var each : threads.invokeAll(made)) {
        each.get();
      }
    }
    await(() -> ready() == pods, pods + " pods to be ready");
    print("%d workloads with %d pods", workloads, pods);
  }

  private long ready() {
    return admin.apps().deployments().inNamespace(NAMESPACE).list().getItems().stream()
        .mapToLong(
            d -> d.getStatus().getReadyReplicas() == null ? 0 : d.getStatus().getReadyReplicas())
        .sum();
  }

  private static void await(Callable<Boolean> condition, String what) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < until) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (Exception _) {
        // Not yet, or the server is busy.
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
    }
    throw new IllegalStateException("waited in vain for " + what);
  }

  private void measure(String launcher, Duration stretch, int changes)
      throws IOException, InterruptedException {
    int port;
    try (var free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    long begun = System.nanoTime();
    var engine =
        new ProcessBuilder(
                launcher, "run", "-f", configuration().toString(), "--port", String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("engine.log").toFile())
            .start();
    try {
      await(
          () -> {
            if (!engine.isAlive()) {
              throw new IOException("ended");
            }
            return passes(port) > 0;
          },
          "the first pass: " + folder.resolve("engine.log"));
      print("first pass after %.1f s", (System.nanoTime() - begun) / 1e9);
      // What compiles and settles after the start is no part of the figures.
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(15));
      long lists = requests("list");
      print("asked for in the start: %d lists, %d watches", lists, requests("watch"));
      stretch("idle", engine, port, stretch, 0, "");
      stretch("messages", engine, port, stretch, changes, MESSAGE);
      stretch("readiness", engine, port, stretch, changes, READINESS);
      print("lists after the start: %d", requests("list") - lists);
    } finally {
      engine.destroy();
      engine.waitFor(20, TimeUnit.SECONDS);
      engine.destroyForcibly();
    }
  }

  private void stretch(
      String name, Process engine, int port, Duration length, int changes, String patch)
      throws IOException {
    var pods =
        changes == 0 ? List.<Pod>of() : admin.pods().inNamespace(NAMESPACE).list().getItems();
    long cpu = cpuTicks(engine);
    var before = decisions(port);
    long begun = System.nanoTime();
    int done = 0;
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      while (System.nanoTime() - begun < length.toNanos()) {
        if (changes == 0) {
          LockSupport.parkNanos(length.toNanos() - (System.nanoTime() - begun));
        } else {
          int number = done++;
          threads.execute(() -> change(pods.get(number / 2 % pods.size()), number, patch));
          long due = begun + number * 1_000_000_000L / changes;
          LockSupport.parkNanos(Math.max(0, due - System.nanoTime()));
        }
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    var after = decisions(port);
    print(
        "%s: %.1f %% of a core, %d MB resident (most so far: %d MB), %.0f passes, %.2f ms each",
        name,
        100.0 * (cpuTicks(engine) - cpu) / TICKS_A_SECOND / seconds,
        kilobytes(engine, "VmRSS") >> 10,
        kilobytes(engine, "VmHWM") >> 10,
        after.count - before.count,
        1_000 * (after.seconds - before.seconds) / Math.max(1, after.count - before.count));
  }

  /// Each pod twice in turn, so that one that is not ready is ready again a moment later.
  private void change(Pod pod, int number, String patch) {
    admin
        .pods()
        .inNamespace(NAMESPACE)
        .withName(pod.getMetadata().getName())
        .subresource("status")
        .patch(
            PatchContext.of(PatchType.STRATEGIC_MERGE),
            String.format(Locale.ROOT, patch, number, number % 2 == 0 ? "False" : "True"));
  }

  private Path configuration() throws IOException {
    var token =
        admin
            .serviceAccounts()
            .inNamespace(NAMESPACE)
            .withName("engine")
            .tokenRequest()
            .getStatus()
            .getToken();
    var kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
      apiVersion: v1
      kind: Config
      clusters: [{name: c, cluster: {server: "%s", certificate-authority: "%s"}}]
      users: [{name: u, user: {token: "%s"}}]
      contexts: [{name: c, context: {cluster: c, user: u}}]
      current-context: c
      """
            .formatted(cluster.server(), cluster.authority(), token));
    var text = new StringBuilder("pool:\n  name: scale\n  orchestrator:\n    kubernetes:\n");
    text.append("      kubeconfig: \"%s\"\n      namespace: scale\n".formatted(kubeconfig));
    text.append("services:\n");
    for (int i = 0; i < workloads; i++) {
      text.append(
          """
          - name: %1$s
            priority: %2$d
            min: 1
            max: %3$d
            workload: {name: %1$s}
            demand: {push: {}}
            scaling: {replicas: {}}
          """
              .formatted(name(i), i % 10, 2 * podsOfEach)
              .indent(2)
              .stripTrailing());
      text.append('\n');
    }
    var file = folder.resolve("scale.yaml");
    Files.writeString(file, text);
    return file;
  }

  /// How many decisions were made, and how long they took in all.
  private record Decisions(double count, double seconds) {}

  private Decisions decisions(int port) throws IOException {
    var text = metrics(port);
    return new Decisions(
        value(text, "microscale_decision_seconds_count"),
        value(text, "microscale_decision_seconds_sum"));
  }

  private double passes(int port) throws IOException {
    return decisions(port).count;
  }

  private String metrics(int port) throws IOException {
    try {
      var uri = URI.create("http://127.0.0.1:%d/metrics".formatted(port));
      return http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  private static double value(String metrics, String name) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElse(0);
  }

  private long requests(String verb) throws IOException {
    try (var lines = Files.lines(folder.resolve("audit.log"))) {
      return lines.filter(line -> line.contains("\"verb\":\"" + verb + "\"")).count();
    }
  }

  private static long cpuTicks(Process process) throws IOException {
    var stat = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "stat"));
    // The name in brackets may hold spaces; utime and stime are the 14th and 15th of all.
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  private static long kilobytes(Process process, String key) throws IOException {
    try (var lines = Files.lines(Path.of("/proc", String.valueOf(process.pid()), "status"))) {
      return lines
          .filter(line -> line.startsWith(key + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    }
  }

  @Override
  public void close() {
    http.close();
    admin.close();
    cluster.close();
  }
}
