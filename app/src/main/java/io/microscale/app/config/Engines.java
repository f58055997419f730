package io.microscale.app.config;

import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/// Where container engines are looked for unless something else is said.
public final class Engines {
  private static final Path PODMAN = Path.of("/run/podman/podman.sock");

  private Engines() {}

  /// Podman's: what `CONTAINER_HOST` says, else the socket of the user if it is there, else that of
  /// the system.
  ///
  /// @throws IllegalArgumentException if `CONTAINER_HOST` is not an address
  public static EngineAddress podman(Map<String, String> environment) {
    var given = environment.getOrDefault("CONTAINER_HOST", "");
    if (!given.isEmpty()) {
      return EngineAddress.of(Map.of("DOCKER_HOST", given));
    }
    var runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    var own = Path.of(runtime.startsWith("/") ? runtime : "/", "podman", "podman.sock");
    return new EngineAddress.Unix(Files.exists(own) ? own : PODMAN);
  }
}
