package io.microscale.orchestrators.kubernetes;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.net.HttpURLConnection;
import tools.jackson.databind.JsonNode;

/// What the API server answered: the object asked for, or a `Status` that says why not.
record Answer(int code, JsonNode body) {
  private static final int TOO_MANY = 429;
  private static final int UNPROCESSABLE = 422;

  boolean ok() {
    return code / 100 == 2;
  }

  boolean missing() {
    return code == HttpURLConnection.HTTP_NOT_FOUND;
  }

  boolean conflict() {
    return code == HttpURLConnection.HTTP_CONFLICT;
  }

  boolean gone() {
    return code == HttpURLConnection.HTTP_GONE;
  }

  /// Whether the server says that the request itself is wrong, as one that does not know an option.
  boolean invalid() {
    return code == UNPROCESSABLE || code == HttpURLConnection.HTTP_BAD_REQUEST;
  }

  /// In the server's words.
  String message() {
    return body.path("message").asString("HTTP " + code);
  }

  /// Returns itself if it is one of success.
  ///
  /// @param what was asked, for people
  /// @throws OrchestratorException otherwise, sorted by what the caller can do
  Answer orThrow(String what) {
    if (ok()) {
      return this;
    }
    throw refusal(what);
  }

  OrchestratorException refusal(String what) {
    return new OrchestratorException(kind(), "%s: %s".formatted(what, message()));
  }

  private Kind kind() {
    if (missing()) {
      return Kind.UNKNOWN;
    }
    if (code == TOO_MANY || code == HttpURLConnection.HTTP_UNAUTHORIZED || conflict()) {
      return Kind.UNAVAILABLE;
    }
    if (code == HttpURLConnection.HTTP_GATEWAY_TIMEOUT) {
      return Kind.UNCERTAIN;
    }
    if (code >= HttpURLConnection.HTTP_INTERNAL_ERROR) {
      // The API server itself does not know what became of a write that etcd did not answer.
      return message().contains("etcdserver") ? Kind.UNCERTAIN : Kind.UNAVAILABLE;
    }
    return Fence.refused(message()) ? Kind.UNAVAILABLE : Kind.REJECTED;
  }
}
