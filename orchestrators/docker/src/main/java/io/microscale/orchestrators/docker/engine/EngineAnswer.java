package io.microscale.orchestrators.docker.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A whole answer of an engine, an error or not.
public final class EngineAnswer {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> PASSING =
      List.of(
          "no space left on device",
          "resource temporarily unavailable",
          "cannot allocate memory",
          "too many open files",
          "device or resource busy",
          "text file busy",
          "deadline exceeded",
          "timed out",
          "timeout",
          "connection refused",
          "context canceled",
          "out of sequence",
          "try again",
          "is locked");

  private final EngineCall call;
  private final int status;
  private final byte[] body;

  EngineAnswer(EngineCall call, int status, byte[] body) {
    this.call = call;
    this.status = status;
    this.body = body;
  }

  public static String filters(Map<String, List<String>> filters) {
    return JSON.valueToTree(filters).toString();
  }

  public int status() {
    return status;
  }

  public boolean isError() {
    return status >= 400;
  }

  /// The body as it came, which is not always JSON: logs are not.
  public byte[] bytes() {
    return body.clone();
  }

  /// The body as a tree; missing if there is none.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if it is no JSON
  public JsonNode json() {
    if (body.length == 0) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(body);
    } catch (IOException e) {
      throw new OrchestratorException(
          Kind.UNAVAILABLE, "%s: the answer is no JSON: %s".formatted(call, text()), e);
    }
  }

  /// What the engine says about an error, in its own words.
  public String message() {
    try {
      var tree = JSON.readTree(body);
      var message = tree.path("message").asText("");
      if (!message.isBlank()) {
        return message.strip();
      }
    } catch (JsonProcessingException _) {
      // Some proxies and old engines answer with plain text.
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    var text = text();
    return text.isBlank() ? "HTTP status " + status : text;
  }

  /// The beginning of the body, for messages.
  String text() {
    int most = Math.min(body.length, 500);
    return new String(body, 0, most, StandardCharsets.UTF_8).strip();
  }

  /// The failure that this answer tells of.
  public OrchestratorException failure() {
    var message = message();
    return new OrchestratorException(
        kind(message), "%s: %s".formatted(call, message), new EngineRefusal(status, message));
  }

  private Kind kind(String message) {
    return switch (status) {
      case 404 -> Kind.UNKNOWN;
      case 408, 429, 503 -> Kind.UNAVAILABLE;
      case 502, 504 -> call.changesNothing() ? Kind.UNAVAILABLE : Kind.UNCERTAIN;
      case 500 -> isPassing(message) ? Kind.UNAVAILABLE : Kind.REJECTED;
      default -> Kind.REJECTED;
    };
  }

  /// Engines say 500 for most of what goes wrong below them. What a person need not change is told
  /// by the words of the kernel, or of the engine where it refuses to act twice at once.
  private static boolean isPassing(String message) {
    var lower = message.toLowerCase(Locale.ROOT);
    for (var words : PASSING) {
      if (lower.contains(words)) {
        return true;
      }
    }
    return false;
  }
}
