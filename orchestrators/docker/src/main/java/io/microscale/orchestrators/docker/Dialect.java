package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.orchestrators.docker.engine.EngineAnswer;
import java.util.Locale;
import java.util.Optional;

/// How the two engines say the same. Podman answers 500 where Docker answers 409, so what counts
/// are the words; and it has other states, other names of events, and will not stop what is paused.
record Dialect(boolean podman) {
  /// Where a container is in its life.
  enum Life {
    CREATED,
    RUNNING,
    PAUSED,
    ENDED,
    /// Between two of these; it will be told where it ends.
    CHANGING
  }

  Life life(String state) {
    return switch (state.toLowerCase(Locale.ROOT)) {
      case "created", "configured", "initialized" -> Life.CREATED;
      case "running" -> Life.RUNNING;
      case "paused" -> Life.PAUSED;
      case "exited", "dead", "stopped", "removing" -> Life.ENDED;
      default -> Life.CHANGING;
    };
  }

  private static boolean refuses(EngineAnswer answer, String words) {
    return (answer.status() == 409 || answer.status() == 500) && answer.message().contains(words);
  }

  boolean isNameInUse(EngineAnswer answer) {
    return refuses(answer, "already in use");
  }

  boolean isPausedAlready(EngineAnswer answer) {
    return refuses(answer, "already paused");
  }

  boolean isNotPaused(EngineAnswer answer) {
    return refuses(answer, "is not paused");
  }

  /// Whether it runs although the engine took it for paused.
  boolean isRunningAnyhow(EngineAnswer answer) {
    return refuses(answer, "cannot resume a running");
  }

  /// Whether there is nothing to stop.
  boolean isEnded(EngineAnswer answer) {
    return answer.status() == 404
        || refuses(answer, "is not running")
        || refuses(answer, "can only stop");
  }

  /// Whether there is nothing to remove.
  boolean isRemoved(EngineAnswer answer) {
    return answer.status() == 404 || refuses(answer, "already in progress");
  }

  /// Whether an event says that a container is not there any more.
  boolean isRemoval(String action) {
    return action.equals("destroy") || action.equals("remove");
  }

  /// The exit status that the event of an end tells.
  Optional<String> exitOf(JsonNode attributes) {
    for (var name : new String[] {"exitCode", "containerExitCode"}) {
      if (attributes.has(name)) {
        return Optional.of(exit(attributes.path(name).asText()));
      }
    }
    return Optional.empty();
  }

  /// Settings of a container, as they were told, so that they are taken for another one.
  void makeCreatable(ObjectNode hostConfig) {
    if (podman) {
      // Told as RLIMIT_NOFILE, taken as nofile.
      for (var limit : hostConfig.path("Ulimits")) {
        var name = limit.path("Name").asText().toLowerCase(Locale.ROOT);
        ((ObjectNode) limit).put("Name", name.replace("rlimit_", ""));
      }
    }
  }

  static String exit(String status) {
    return "exit " + status + (status.equals("137") ? " (killed)" : "");
  }
}
