package io.microscale.orchestrators.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;

/// Which engine answers, and in which version of the Docker API it is spoken to.
///
/// @param api for example `1.41`
public record EngineVersion(boolean podman, String version, String api) {
  static final EngineVersion UNKNOWN = new EngineVersion(false, "unknown", "");
  private static final String OLDEST = "1.40";
  private static final String NEWEST = "1.51";

  /// What the answer to `GET /version` says.
  ///
  /// @throws OrchestratorException `UNSUPPORTED` if it has no version of the API in common with us
  static EngineVersion of(JsonNode answer, EngineAddress address) {
    var own = answer.path("ApiVersion").asText("");
    if (!own.matches("\\d{1,3}\\.\\d{1,4}")) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED, address + ": does not answer as a Docker API does");
    }
    var least = answer.path("MinAPIVersion").asText(own);
    if (compare(own, OLDEST) < 0 || compare(least, NEWEST) > 0) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "%s: need Docker API %s to %s, the engine has %s to %s"
              .formatted(address, OLDEST, NEWEST, least, own));
    }
    boolean podman = false;
    for (var component : answer.path("Components")) {
      podman |= component.path("Name").asText("").startsWith("Podman");
    }
    return new EngineVersion(
        podman, answer.path("Version").asText("unknown"), compare(own, NEWEST) < 0 ? own : NEWEST);
  }

  private static int compare(String a, String b) {
    return Integer.compare(number(a), number(b));
  }

  private static int number(String version) {
    int dot = version.indexOf('.');
    if (dot < 0) {
      return 0;
    }
    return Integer.parseInt(version.substring(0, dot)) * 10_000
        + Integer.parseInt(version.substring(dot + 1));
  }

  /// For people: `Docker 20.10.24, API 1.41`.
  @Override
  public String toString() {
    return "%s %s, API %s".formatted(podman ? "Podman" : "Docker", version, api);
  }
}
