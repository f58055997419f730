package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineCall;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What is done when a replica has ended: one that nobody had stopped is explained, and its
/// container is removed.
final class Aftermath {
  private static final int MOST_WORDS = 300;
  private static final Duration WITHIN = Duration.ofSeconds(5);

  private final Engine engine;
  private final Containers containers;
  private final Removals removals;

  Aftermath(Engine engine, Containers containers, Removals removals) {
    this.engine = engine;
    this.containers = containers;
    this.removals = removals;
  }

  void of(Optional<Containers.Ending> ending) {
    ending.ifPresent(
        end -> {
          if (end.crash().isEmpty()) {
            removals.add(end.held().container);
          } else {
            engine
                .timers()
                .now(
                    () -> {
                      explain(end.held(), end.crash().get());
                      removals.add(end.held().container);
                    });
          }
        });
  }

  private void explain(Held held, String how) {
    var why = held.failure.isPresent() ? how : exit(held.container).orElse(how);
    var last = lastWords(held.container);
    if (!last.isEmpty()) {
      why = why + "; last output: " + last;
    }
    var lived = Duration.ofNanos(System.nanoTime() - held.bornNanos);
    engine
        .notices()
        .accept("%s: ended by itself after %s: %s".formatted(held.id, words(lived), why));
    containers
        .explained(held.service, why)
        .ifPresent(backoff -> engine.timers().at(backoff.until(), containers::refreshBackoffs));
  }

  private Optional<String> exit(String container) {
    var tree = ask(EngineCall.get("/containers/" + container + "/json"));
    var state = tree.path("State");
    if (!state.has("ExitCode")) {
      return Optional.empty();
    }
    var exit = Dialect.exit(state.path("ExitCode").asText());
    var error = state.path("Error").asText("");
    return Optional.of(
        exit
            + (state.path("OOMKilled").asBoolean() ? ", out of memory" : "")
            + (error.isBlank() ? "" : ": " + error));
  }

  private JsonNode ask(EngineCall call) {
    try {
      var answer = engine.client().send(call.within(WITHIN));
      if (!answer.isError()) {
        return answer.json();
      }
    } catch (OrchestratorException _) {
      // It is told without.
    }
    return MissingNode.getInstance();
  }

  /// The last line that it wrote.
  private String lastWords(String container) {
    try {
      var answer =
          engine
              .client()
              .send(
                  EngineCall.get("/containers/" + container + "/logs")
                      .query(Map.of("stdout", "1", "stderr", "1", "tail", "3"))
                      .within(WITHIN));
      if (answer.isError()) {
        return "";
      }
      var lines = plain(answer.bytes()).strip();
      var last = lines.substring(lines.lastIndexOf('\n') + 1).strip();
      return last.length() > MOST_WORDS ? last.substring(0, MOST_WORDS) + "…" : last;
    } catch (OrchestratorException _) {
      return "";
    }
  }

  /// Logs without the frames of eight bytes in which engines put them unless there is a terminal:
  /// the stream (0 to 2), three zeros, the length.
  static String plain(byte[] logs) {
    var text = new ByteArrayOutputStream();
    int at = 0;
    while (at + 8 <= logs.length
        && logs[at] >= 0
        && logs[at] <= 2
        && logs[at + 1] == 0
        && logs[at + 2] == 0
        && logs[at + 3] == 0) {
      int length = ByteBuffer.wrap(logs, at + 4, 4).getInt();
      int end = length < 0 ? logs.length : Math.min(logs.length - at - 8, length) + at + 8;
      text.write(logs, at + 8, end - at - 8);
      at = end;
    }
    text.write(logs, at, logs.length - at);
    return text.toString(StandardCharsets.UTF_8);
  }

  static String words(Duration duration) {
    long millis = duration.toMillis();
    return millis < 1000 ? millis + " ms" : "%.1f s".formatted(millis / 1000.0);
  }
}
