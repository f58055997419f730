package io.microscale.app.bench.startup;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The image of the containers that a command starts for its own purposes: one that the engine has,
/// or one of busybox that is made for the time being and removed when this is closed.
public final class BusyboxImage implements AutoCloseable {
  private final EngineClient client;
  private final String name;
  private final boolean own;

  private BusyboxImage(EngineClient client, String name, boolean own) {
    this.client = client;
    this.name = name;
    this.own = own;
  }

  /// Makes sure that the engine has it.
  ///
  /// @param client is closed with this, or if this fails
  /// @param wanted an image that the engine has; empty for one that is made
  /// @throws OrchestratorException if the engine does not have it, or does not take it
  /// @throws IOException if there is nothing to make it of
  public static BusyboxImage give(EngineClient client, Optional<String> wanted)
      throws IOException, InterruptedException {
    boolean given = false;
    try {
      var name =
          wanted.orElseGet(() -> "localhost/microscale-busybox:" + ProcessHandle.current().pid());
      if (wanted.isPresent()) {
        client.get("/images/" + name + "/json");
      } else {
        var tree = Busybox.find(Cache.of(System.getenv())).image();
        client.importImage(
            new ByteArrayInputStream(tree.tar()), name, List.of("CMD [\"/bin/sh\"]"));
      }
      given = true;
      return new BusyboxImage(client, name, wanted.isEmpty());
    } catch (Unavailable e) {
      throw new IOException(e.reason(), e);
    } finally {
      if (!given) {
        client.close();
      }
    }
  }

  public String name() {
    return name;
  }

  /// The engine that has it, with its version.
  public String engine() {
    return client.version().toString();
  }

  @Override
  public void close() {
    try (client) {
      if (own) {
        client.delete("/images/" + name, Map.of("force", "1"));
      }
    }
  }
}
