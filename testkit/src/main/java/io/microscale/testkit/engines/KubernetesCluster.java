package io.microscale.testkit.engines;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A real Kubernetes of this test's own: etcd, API server, controller manager, scheduler, and up to
/// three nodes with kubelets that run real pods of the image [#IMAGE]. It is up in seconds.
///
/// Pods, the API server and this machine are one network: a test can call pods at their addresses,
/// and webhooks that it serves are reached at [#gateway]. There is no kube-proxy, so that of all
/// services only `kubernetes` has an address that answers, and no DNS.
///
/// Tests that break nothing of the cluster itself can use [#shared], each in a namespace of its
/// own.
public final class KubernetesCluster implements AutoCloseable {
  /// As [DockerEngine#IMAGE]. Pods need `imagePullPolicy: Never`, or none, since the tag is not
  /// `latest`.
  public static final String IMAGE = "localhost/tiny:1";

  private static final String CLUSTER = "cluster";
  private static final int TOOL_SECONDS = 120;

  /// A server of the control plane.
  public enum Part {
    ETCD,
    APISERVER,
    /// The controller manager.
    MANAGER,
    SCHEDULER;

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How a cluster is set up.
  public static final class Setup {
    private final List<String> words;

    private Setup(List<String> words) {
      this.words = List.copyOf(words);
    }

    /// Everything else as it is usual.
    ///
    /// @param nodes 0 to 3, called `node1`, `node2`, …; without any, pods stay pending
    public static Setup nodes(int nodes) {
      return new Setup(List.of("--nodes=" + nodes));
    }

    /// What each node offers to pods, in thousandths of a core; all of this machine if not said.
    public Setup cpu(int millis) {
      return with("--cpu=" + millis);
    }

    /// What each node offers to pods; all of this machine if not said.
    public Setup memory(long bytes) {
      return with("--memory=" + bytes);
    }

    /// How often HorizontalPodAutoscalers are looked at; 15 s if not said.
    public Setup hpaSync(Duration period) {
      return with("--hpa-sync=" + period.toMillis() + "ms");
    }

    /// The silence after which a node counts as failed, in whole seconds; 40 s if not said.
    public Setup monitor(Duration grace) {
      return with("--monitor=" + grace.toSeconds() + "s");
    }

    /// Allows [KubernetesCluster#delayEtcd].
    public Setup slowEtcd() {
      return with("--slow-etcd");
    }

    /// One more option of a server, as `--feature-gates=…`.
    ///
    /// @throws IllegalArgumentException for etcd, which takes none
    public Setup option(Part part, String option) {
      if (part == Part.ETCD) {
        throw new IllegalArgumentException("option: need a server of Kubernetes, got " + part);
      }
      return with("--%s=%s".formatted(part.word(), option));
    }

    private Setup with(String word) {
      var all = new ArrayList<>(words);
      all.add(word);
      return new Setup(all);
    }
  }

  /// Made when it is first asked for. Its script ends with this JVM, and the cluster with it.
  private static final class Shared {
    static final KubernetesCluster CLUSTER =
        start("shared-" + ProcessHandle.current().pid(), Setup.nodes(1));
  }

  private final RunningScript script;

  private KubernetesCluster(RunningScript script) {
    this.script = script;
  }

  /// Why no Kubernetes can be started here; empty if one can.
  public static Optional<String> whyNot() {
    return EngineScripts.whyNot("kubernetes");
  }

  /// Starts a cluster and returns when all nodes are ready.
  ///
  /// @param name one engine at a time may have it: a lower-case word of at most 21 characters
  /// @throws EngineException if it does not start, with its last words
  public static KubernetesCluster start(String name, Setup setup) {
    return new KubernetesCluster(RunningScript.start("kubernetes", name, setup.words));
  }

  /// The one cluster of this JVM for tests that leave it as it is, with one node. It is not to be
  /// closed, and ends with the JVM.
  public static KubernetesCluster shared() {
    return Shared.CLUSTER;
  }

  /// A file with the address, the authority and the administrator's token; it can be copied.
  public Path kubeconfig() {
    return Path.of(fact("kubeconfig"));
  }

  /// Where the API server is, `https://…`. Its certificate is good for `127.0.0.1` at any port too.
  public URI server() {
    return URI.create(fact("server"));
  }

  /// The same for a proxy to stand before it.
  public InetSocketAddress address() {
    return new InetSocketAddress(server().getHost(), 443);
  }

  /// The certificate of the authority that all certificates are from, as PEM.
  public Path authority() {
    return Path.of(fact("authority"));
  }

  /// The administrator's.
  public String token() {
    return fact("token");
  }

  /// The address at which the API server and pods reach what this machine serves.
  public String gateway() {
    return fact("gateway");
  }

  /// The names of the nodes.
  public List<String> nodes() {
    return script.with("address");
  }

  /// Runs kubectl as the administrator.
  ///
  /// @return what it printed
  /// @throws EngineException if it fails, with what it printed
  public String kubectl(String... arguments) {
    return tool("kubectl", "", arguments);
  }

  /// Applies manifests, YAML or JSON.
  ///
  /// @throws EngineException if they are refused, with the reason
  public String apply(String manifests) {
    return tool("kubectl", manifests, "apply", "--filename=-");
  }

  /// Runs Helm as the administrator.
  ///
  /// @return what it printed
  /// @throws EngineException if it fails, with what it printed
  public String helm(String... arguments) {
    return tool("helm", "", arguments);
  }

  private String tool(String name, String input, String... arguments) {
    var command = new ArrayList<>(List.of(fact("program"), name));
    command.addAll(Arrays.asList(arguments));
    try {
      var in = Files.createTempFile("microscale-" + name, ".in");
      var out = Files.createTempFile("microscale-" + name, ".out");
      try {
        Files.writeString(in, input);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("KUBECONFIG", fact("kubeconfig"));
        var process = builder.redirectInput(in.toFile()).redirectOutput(out.toFile()).start();
        var inTime = process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS);
        process.destroyForcibly();
        var said = Files.readString(out);
        if (!inTime || process.exitValue() != 0) {
          throw new EngineException(
              "%s: %s: %s"
                  .formatted(
                      String.join(" ", command.subList(1, command.size())),
                      inTime ? "failed" : "not done after " + TOOL_SECONDS + " s",
                      said.strip()));
        }
        return said;
      } finally {
        Files.deleteIfExists(in);
        Files.deleteIfExists(out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted", e);
    }
  }

  /// Adds nodes `hollow-1`, … that only pretend to run pods, for as long as the cluster is there:
  /// what is scheduled there is running and ready at once, a resize is done at once, and what is
  /// deleted is gone at once.
  ///
  /// @param count 1 to 1,000
  /// @param cpu what each offers, as in a manifest; likewise `memory`
  /// @param pods how many pods each has room for
  public void addHollowNodes(int count, String cpu, String memory, int pods) {
    script.command("hollow", Integer.toString(count), cpu, memory, Integer.toString(pods));
  }

  /// Gives all nodes one more image.
  ///
  /// @param archive as `docker save` writes it; its path has no spaces
  public void load(Path archive) {
    script.command("load", archive.toAbsolutePath().toString());
  }

  /// Ends a server with SIGKILL.
  public void killHard(Part part) {
    script.command("kill", part.word());
  }

  /// Ends a server with SIGTERM, and returns when it has ended.
  public void stop(Part part) {
    script.command("stop", part.word());
  }

  /// The server again, after one of the above. The API server answers then; others may need a
  /// moment.
  public void startAgain(Part part) {
    script.command("start", part.word());
  }

  /// Halts a server: its connections stay open, and nothing is answered.
  public void freeze(Part part) {
    script.command("freeze", part.word());
  }

  /// Undoes [#freeze].
  public void thaw(Part part) {
    script.command("thaw", part.word());
  }

  /// From now on everything between the API server and etcd takes so much longer, each way. Needs
  /// [Setup#slowEtcd].
  public void delayEtcd(Duration each) {
    script.command("etcd-delay", Long.toString(each.toMillis()));
  }

  /// Ends a node's kubelet with SIGKILL. Its containers go on.
  public void killHard(String node) {
    script.command("kill", node);
  }

  /// Halts a node's kubelet: what should change there does not.
  public void freeze(String node) {
    script.command("freeze", node);
  }

  /// Undoes [#freeze(String)].
  public void thaw(String node) {
    script.command("thaw", node);
  }

  /// Ends everything on the node with SIGKILL, as if it had lost its power.
  public void crash(String node) {
    script.command("crash", node);
  }

  /// The node again, after one of the above. It is ready a moment later.
  public void startAgain(String node) {
    script.command("start", node);
  }

  private String fact(String key) {
    return script.fact(CLUSTER, key).orElseThrow();
  }

  @Override
  public void close() {
    script.close();
  }
}
