package io.microscale.orchestrators.docker.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// One request to an engine.
///
/// @param path below the version, for example `/containers/json`; names in it must be [#encoded]
/// @param within how long the whole call may take; empty for the client's limit
public record EngineCall(
    Method method,
    String path,
    Map<String, String> query,
    Optional<JsonNode> body,
    Optional<Duration> within) {
  /// What is asked of the path. A `GET` changes nothing.
  public enum Method {
    GET,
    POST,
    DELETE
  }

  public EngineCall {
    query = Map.copyOf(query);
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("path: need a leading '/', got '" + path + "'");
    }
  }

  public static EngineCall get(String path) {
    return new EngineCall(Method.GET, path, Map.of(), Optional.empty(), Optional.empty());
  }

  public static EngineCall post(String path) {
    return new EngineCall(Method.POST, path, Map.of(), Optional.empty(), Optional.empty());
  }

  public static EngineCall delete(String path) {
    return new EngineCall(Method.DELETE, path, Map.of(), Optional.empty(), Optional.empty());
  }

  public EngineCall query(Map<String, String> value) {
    return new EngineCall(method, path, value, body, within);
  }

  public EngineCall body(JsonNode value) {
    return new EngineCall(method, path, query, Optional.of(value), within);
  }

  public EngineCall within(Duration value) {
    return new EngineCall(method, path, query, body, Optional.of(value));
  }

  /// A name as it may stand in a path or a query.
  public static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  boolean changesNothing() {
    return method == Method.GET;
  }

  String target() {
    if (query.isEmpty()) {
      return path;
    }
    return new TreeMap<>(query)
        .entrySet().stream()
            .map(e -> encoded(e.getKey()) + "=" + encoded(e.getValue()))
            .collect(Collectors.joining("&", path + "?", ""));
  }

  @Override
  public String toString() {
    return method + " " + target();
  }
}
