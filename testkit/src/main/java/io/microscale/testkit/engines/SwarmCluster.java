package io.microscale.testkit.engines;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A real Docker Swarm of this test's own: each node a Docker engine with the image [#IMAGE] and a
/// network that can be cut. The first node, `n1`, is the only manager. Nodes beat every second, so
/// that one is down about three seconds after it is lost.
///
/// Services need `EndpointSpec.Mode` `dnsrr`, or ports in mode `host`: virtual addresses need IPVS,
/// which not every kernel has.
public final class SwarmCluster implements AutoCloseable {
  /// As [DockerEngine#IMAGE].
  public static final String IMAGE = DockerEngine.IMAGE;

  /// What Swarm may do with a node.
  public enum Availability {
    ACTIVE,
    PAUSE,
    DRAIN
  }

  private final RunningScript script;

  private SwarmCluster(RunningScript script) {
    this.script = script;
  }

  /// Why no Swarm can be started here; empty if one can.
  public static Optional<String> whyNot() {
    return EngineScripts.whyNot("swarm");
  }

  /// Starts a Swarm and returns when all nodes are ready.
  ///
  /// @param name one engine at a time may have it: a lower-case word of at most 21 characters
  /// @param nodes 1 to 9; they are called `n1`, `n2`, …
  /// @throws EngineException if it does not start, with its last words
  public static SwarmCluster start(String name, int nodes) {
    return new SwarmCluster(RunningScript.start("swarm", name, List.of("--nodes=" + nodes)));
  }

  /// The names of the nodes, which are their host names too.
  public List<String> nodes() {
    return script.nodes();
  }

  /// Where the manager's API is, as in `DOCKER_HOST`: `unix:///…`.
  public String host() {
    return host(DockerEngine.NODE);
  }

  /// Where the API of a node's engine is.
  public String host(String node) {
    return script.fact(node, "host").orElseThrow();
  }

  /// The address at which ports that are published in mode `host` on this node answer.
  public String address(String node) {
    return script.fact(node, "address").orElseThrow();
  }

  /// Ends the node's dockerd with SIGKILL. The containers go on.
  public void killHard(String node) {
    script.command("kill", node);
  }

  /// Ends everything on the node with SIGKILL, as if it had lost its power.
  public void crash(String node) {
    script.command("crash", node);
  }

  /// The node's engine again with the same data, after any of the above. The node is ready a moment
  /// later.
  public void startAgain(String node) {
    script.command("start", node);
  }

  /// Ends the node's dockerd as a service manager would and starts it again.
  public void restart(String node) {
    script.command("stop", node);
    startAgain(node);
  }

  /// Takes the network away from a node; what runs there goes on.
  public void cut(String node) {
    script.command("cut", node);
  }

  /// Undoes [#cut].
  public void heal(String node) {
    script.command("heal", node);
  }

  public void availability(String node, Availability availability) {
    script.command("availability", node, availability.name().toLowerCase(Locale.ROOT));
  }

  @Override
  public void close() {
    script.close();
  }
}
