package io.microscale.orchestrators.docker.engine;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Where an engine listens, as `DOCKER_HOST` writes it: `unix:///path` or `tcp://host:port`.
public sealed interface EngineAddress {
  /// Where Docker listens unless told otherwise.
  EngineAddress LOCAL = new Unix(Path.of("/var/run/docker.sock"));

  /// A socket of this host.
  ///
  /// @param path absolute, at most 107 bytes, which is all that the kernel takes
  record Unix(Path path) implements EngineAddress {
    private static final int LONGEST = 107;

    public Unix {
      int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
      if (!path.isAbsolute() || length > LONGEST) {
        throw new IllegalArgumentException(
            "host: need unix:// with an absolute path of at most %d bytes, got '%s' (%d bytes)"
                .formatted(LONGEST, path, length));
      }
    }

    @Override
    public String toString() {
      return "unix://" + path;
    }
  }

  /// A port of any host.
  ///
  /// @param tls the folder with `ca.pem`, and `cert.pem` and `key.pem` if the engine asks for them;
  ///   empty for no encryption: whoever reaches such a port is root there
  record Tcp(String host, int port, Optional<Path> tls) implements EngineAddress {
    public Tcp {
      if (host.isBlank() || port < 1 || port > 65_535) {
        throw new IllegalArgumentException(
            "host: need tcp://HOST:PORT with a port of 1 to 65535, got 'tcp://%s:%d'"
                .formatted(host, port));
      }
    }

    @Override
    public String toString() {
      return "tcp://%s:%d%s".formatted(host, port, tls.isPresent() ? " (TLS)" : "");
    }
  }

  /// The address that is written so.
  ///
  /// @param tls for `tcp://`: the folder of the certificates, empty for no encryption
  /// @throws IllegalArgumentException if it is neither `unix:///path` nor `tcp://host[:port]`
  static EngineAddress parse(String text, Optional<Path> tls) {
    if (text.startsWith("unix://")) {
      return new Unix(Path.of(text.substring("unix://".length())));
    }
    try {
      var uri = new URI(text);
      var path = uri.getPath() == null ? "" : uri.getPath();
      if ("tcp".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getQuery() == null
          && (path.isEmpty() || path.equals("/"))) {
        int usual = tls.isPresent() ? 2376 : 2375;
        return new Tcp(uri.getHost(), uri.getPort() < 0 ? usual : uri.getPort(), tls);
      }
    } catch (URISyntaxException _) {
      // Told below with what is right.
    }
    throw new IllegalArgumentException(
        "host: need unix:///path or tcp://host:port, got '" + text + "'");
  }

  /// The address that the `docker` command would take from this environment: `DOCKER_HOST`, else
  /// the local socket; with `DOCKER_TLS_VERIFY` or `DOCKER_CERT_PATH` the certificates of
  /// `DOCKER_CERT_PATH`, else of `~/.docker`. The engine's certificate is always verified.
  ///
  /// @throws IllegalArgumentException if `DOCKER_HOST` is not an address
  static EngineAddress of(Map<String, String> environment) {
    var host = environment.getOrDefault("DOCKER_HOST", "");
    if (host.isEmpty()) {
      return LOCAL;
    }
    var folder = environment.getOrDefault("DOCKER_CERT_PATH", "");
    Optional<Path> tls = Optional.empty();
    if (!folder.isEmpty()) {
      tls = Optional.of(Path.of(folder));
    } else if (!environment.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty()) {
      tls =
          Optional.of(
              Path.of(
                  environment.getOrDefault("HOME", System.getProperty("user.home")), ".docker"));
    }
    try {
      return parse(host, tls);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("DOCKER_HOST: " + e.getMessage(), e);
    }
  }
}
