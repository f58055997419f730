package io.microscale.app.bench.startup;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// A container engine for the time of a benchmark: its client, the image that is started, and the
/// pipe through which containers say READY. Removes at the end whatever carries its label, and the
/// image if it made that itself.
final class Engine implements AutoCloseable {
  private static final String LABEL = "io.microscale.bench";

  private final EngineClient client;
  private final BusyboxImage image;
  private final Whistle whistle;
  private final String mark = Long.toString(ProcessHandle.current().pid());

  private Engine(EngineClient client, BusyboxImage image, Whistle whistle) {
    this.client = client;
    this.image = image;
    this.whistle = whistle;
  }

  /// Reaches the engine and gives it the image.
  ///
  /// @param image empty for one that is made
  /// @param folder must not exist
  /// @throws Unavailable if no engine answers, or none of this kind
  static Engine open(EngineAddress address, boolean podman, Optional<String> image, Path folder)
      throws Unavailable, IOException, InterruptedException {
    if (address instanceof EngineAddress.Unix(var path) && !Files.exists(path)) {
      throw new Unavailable("no engine listens at " + address);
    }
    EngineClient client;
    try {
      client = EngineClient.open(address);
    } catch (OrchestratorException e) {
      throw new Unavailable(String.valueOf(e.getMessage()));
    }
    if (client.version().podman() != podman) {
      client.close();
      throw new Unavailable("the engine at %s is %s".formatted(address, client.version()));
    }
    var given = BusyboxImage.give(client, image);
    try {
      return new Engine(client, given, Whistle.make(folder));
    } catch (IOException | InterruptedException e) {
      given.close();
      throw e;
    }
  }

  EngineClient client() {
    return client;
  }

  Whistle whistle() {
    return whistle;
  }

  String image() {
    return image.name();
  }

  /// For names: what tells this run from others.
  String mark() {
    return mark;
  }

  /// `{LABEL: mark}`, which everything that is made here must carry.
  ObjectNode labels() {
    return JsonNodeFactory.instance.objectNode().put(LABEL, mark);
  }

  /// The folder of the pipe, as a mount.
  ObjectNode mount() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("Type", "bind")
        .put("Source", whistle.folder().toString())
        .put("Target", Whistle.TARGET);
  }

  /// Does something that has to be done even when everything is to end: an interruption is kept for
  /// later.
  static void surely(Runnable work) {
    boolean interrupted = Thread.interrupted();
    try {
      work.run();
    } catch (OrchestratorException e) {
      if (!Thread.interrupted()) {
        throw e;
      }
      interrupted = true;
      work.run();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// The containers with a label, whatever their state.
  JsonNode labelled(String label, String value) {
    var filters = JsonNodeFactory.instance.objectNode();
    filters.putArray("label").add(label + "=" + value);
    return client.get("/containers/json", Map.of("all", "1", "filters", filters.toString()));
  }

  /// Removes a container, whatever its state; nothing if there is none.
  void remove(String container) {
    remove("/containers/" + EngineCall.encoded(container), Map.of("force", "1", "v", "1"));
  }

  /// Removes something; nothing if it is not there.
  void remove(String path, Map<String, String> query) {
    var answer = client.send(EngineCall.delete(path).query(query));
    if (answer.isError() && answer.status() != 404) {
      throw answer.failure();
    }
  }

  /// Removes all that was made in the engine.
  ///
  /// @throws IOException naming what may be left
  @Override
  public void close() throws IOException {
    try {
      surely(this::removeContainers);
      surely(image::close);
    } catch (OrchestratorException e) {
      throw new IOException(
          "containers with the label %s=%s, or the image %s, may be left: %s"
              .formatted(LABEL, mark, image.name(), e.getMessage()),
          e);
    } finally {
      whistle.close();
      client.close();
    }
  }

  private void removeContainers() {
    for (var container : labelled(LABEL, mark)) {
      remove(container.path("Id").asText());
    }
  }
}
