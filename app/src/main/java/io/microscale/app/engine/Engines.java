package io.microscale.app.engine;

import io.microscale.app.CommandException;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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

  /// The address that the option `--host` gives, or else the environment.
  ///
  /// @param host empty for what the environment says
  /// @param podman whether Podman is meant
  /// @throws CommandException if it is none
  public static EngineAddress address(
      @Nullable String host, boolean podman, Map<String, String> environment) {
    if (host != null) {
      return given("--host", host, environment);
    }
    try {
      return podman ? podman(environment) : EngineAddress.of(environment);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse(String.valueOf(e.getMessage()));
    }
  }

  /// The address that an option gives, with the certificates that the environment names.
  ///
  /// @throws CommandException if it is none
  public static EngineAddress given(String option, String host, Map<String, String> environment) {
    var all = new HashMap<>(environment);
    all.put("DOCKER_HOST", host);
    try {
      return EngineAddress.of(all);
    } catch (IllegalArgumentException e) {
      var why = String.valueOf(e.getMessage()).replaceFirst("^DOCKER_HOST: ", "");
      throw CommandException.wrongUse(option + ": " + why);
    }
  }
}
