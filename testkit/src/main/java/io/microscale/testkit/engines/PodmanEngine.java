package io.microscale.testkit.engines;

import java.util.List;
import java.util.Optional;

/// A real Podman of this test's own that serves Docker's API, with the image [#IMAGE].
public final class PodmanEngine implements AutoCloseable {
  /// As [DockerEngine#IMAGE]; Podman lists it as `docker.io/library/tiny:1`.
  public static final String IMAGE = DockerEngine.IMAGE;

  private final RunningScript script;

  private PodmanEngine(RunningScript script) {
    this.script = script;
  }

  /// Why no Podman can be started here; empty if one can.
  public static Optional<String> whyNot() {
    return EngineScripts.whyNot("podman");
  }

  /// Starts its service and returns when it can be used.
  ///
  /// @param name one engine at a time may have it: a lower-case word of at most 21 characters
  /// @throws EngineException if it does not start, with its last words
  public static PodmanEngine start(String name) {
    return new PodmanEngine(RunningScript.start("podman", name, List.of()));
  }

  /// Where its API is, as in `DOCKER_HOST`: `unix:///…`.
  public String host() {
    return script.fact(DockerEngine.NODE, "host").orElseThrow();
  }

  /// The address at which published ports answer.
  public String address() {
    return script.fact(DockerEngine.NODE, "address").orElseThrow();
  }

  /// Ends the service with SIGKILL. The containers go on, each with a monitor of its own.
  public void killHard() {
    script.command("kill", DockerEngine.NODE);
  }

  /// Ends everything with SIGKILL, containers too, as if the machine had lost its power.
  public void crash() {
    script.command("crash", DockerEngine.NODE);
  }

  /// The service again with the same data, after any of the above.
  public void startAgain() {
    script.command("start", DockerEngine.NODE);
  }

  /// Ends the service with SIGTERM and starts it again.
  public void restart() {
    script.command("stop", DockerEngine.NODE);
    startAgain();
  }

  @Override
  public void close() {
    script.close();
  }
}
