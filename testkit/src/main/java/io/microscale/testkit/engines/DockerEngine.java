package io.microscale.testkit.engines;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// A real Docker engine of this test's own, with the image [#IMAGE].
public final class DockerEngine implements AutoCloseable {
  /// An image of a few megabytes that is there from the start. Its default command says `READY`,
  /// serves HTTP on `PORT` if that is set, and ends on SIGTERM at once; the environment
  /// `START_SECONDS` and `STOP_SECONDS` make it slow. Its `/bin/sh` and `sleep` ignore SIGTERM as
  /// the first process of a container.
  public static final String IMAGE = "tiny:1";

  static final String NODE = "n1";

  /// How the engine is set up.
  public enum Option {
    /// It listens on TCP too.
    TCP("--tcp"),
    /// It listens on TCP too and wants certificates.
    TLS("--tls"),
    /// Containers outlive the engine.
    LIVE_RESTORE("--live-restore"),
    /// Only the networks `none` and `host`: starts and stops are quicker.
    NO_BRIDGE("--no-bridge"),
    /// Containers are run by crun instead of runc.
    CRUN("--runtime=crun");

    private final String word;

    Option(String word) {
      this.word = word;
    }
  }

  private final RunningScript script;

  private DockerEngine(RunningScript script) {
    this.script = script;
  }

  /// Why no Docker engine can be started here; empty if one can.
  public static Optional<String> whyNot() {
    return EngineScripts.whyNot("docker");
  }

  /// Starts an engine and returns when it can be used.
  ///
  /// @param name one engine at a time may have it: a lower-case word of at most 21 characters
  /// @throws EngineException if it does not start, with its last words
  public static DockerEngine start(String name, Option... options) {
    var words = Arrays.stream(options).map(option -> option.word).toList();
    return new DockerEngine(RunningScript.start("docker", name, words));
  }

  /// Where its API is, as in `DOCKER_HOST`: `unix:///…`.
  public String host() {
    return script.fact(NODE, "host").orElseThrow();
  }

  /// Where its API is on TCP, `tcp://…`.
  public String tcpHost() {
    return script
        .fact(NODE, "tcp")
        .orElseThrow(() -> new EngineException("tcpHost: need the option TCP or TLS"));
  }

  /// The folder with `ca.pem`, `cert.pem` and `key.pem` of a client.
  public Path certificates() {
    return Path.of(
        script
            .fact(NODE, "certificates")
            .orElseThrow(() -> new EngineException("certificates: need the option TLS")));
  }

  /// The address at which published ports answer.
  public String address() {
    return script.fact(NODE, "address").orElseThrow();
  }

  /// Ends the engine's own process with SIGKILL. The containers go on.
  public void killHard() {
    script.command("kill", NODE);
  }

  /// Ends the engine as a service manager would, and returns when it has ended.
  public void stop() {
    script.command("stop", NODE);
  }

  /// Ends everything with SIGKILL, containers too, as if the machine had lost its power.
  public void crash() {
    script.command("crash", NODE);
  }

  /// The engine again with the same data, after any of the above.
  public void startAgain() {
    script.command("start", NODE);
  }

  /// Ends the engine's own process as a service manager would and starts it again.
  public void restart() {
    stop();
    startAgain();
  }

  @Override
  public void close() {
    script.close();
  }
}
