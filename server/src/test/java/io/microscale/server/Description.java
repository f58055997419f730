package io.microscale.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/// The OpenAPI description, and whether what is served is as it says.
final class Description {
  private static final JsonNode ROOT = read();
  private static final Map<String, JsonSchema> SCHEMAS = new ConcurrentHashMap<>();
  // Any call may be refused like this.
  private static final Set<Integer> EVERYWHERE = Set.of(400, 401, 403, 404, 405);

  private Description() {}

  private static JsonNode read() {
    try (var in = Description.class.getResourceAsStream("/openapi.yaml")) {
      return new ObjectMapper(new YAMLFactory()).readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All operations, as `GET /v1/status`.
  static Set<String> operations() {
    var operations = new TreeSet<String>();
    ROOT.get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .fieldNames()
                    .forEachRemaining(
                        method -> {
                          if (!method.equals("parameters")) {
                            operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                          }
                        }));
    return operations;
  }

  /// Fails unless an answer is one that the description has.
  static void check(String method, String path, int status, String contentType, String body) {
    var operation = operation(method, path);
    var response = operation == null ? null : resolved(operation.get("responses").get("" + status));
    if (response == null) {
      assertThat(EVERYWHERE)
          .as("%s %s: %d is described (%s)", method, path, status, body)
          .contains(status);
      check("Error", body);
      return;
    }
    var content = response.get("content");
    if (content == null) {
      return;
    }
    var bare = contentType.replaceFirst(";.*", "");
    var type = content.has(bare) ? content.get(bare) : content.get("*/*");
    assertThat(type).as("%s %s: %s is described", method, path, bare).isNotNull();
    if (bare.equals("application/json")) {
      var ref = type.get("schema").get("$ref").asText();
      check(ref.substring(ref.lastIndexOf('/') + 1), body);
    }
  }

  /// Fails unless `json` is what the schema of this name says.
  static void check(String schemaName, String json) {
    var schema =
        SCHEMAS.computeIfAbsent(
            schemaName,
            name -> {
              assertThat(ROOT.at("/components/schemas/" + name).isMissingNode()).as(name).isFalse();
              ObjectNode document = new ObjectMapper().createObjectNode();
              document.put("$ref", "#/components/schemas/" + name);
              document.set("components", ROOT.get("components"));
              return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                  .getSchema(document);
            });
    try {
      assertThat(schema.validate(new ObjectMapper().readTree(json))).as(json).isEmpty();
    } catch (IOException e) {
      throw new AssertionError("not JSON: " + json, e);
    }
  }

  private static JsonNode resolved(JsonNode node) {
    return node != null && node.has("$ref")
        ? ROOT.at(node.get("$ref").asText().substring(1))
        : node;
  }

  private static JsonNode operation(String method, String path) {
    var bare = path.replaceFirst("\\?.*", "");
    for (var entry : ROOT.get("paths").properties()) {
      if (bare.matches(entry.getKey().replace("{file}", ".+").replaceAll("\\{[a-z]+}", "[^/]+"))) {
        var operation = entry.getValue().get(method.toLowerCase(Locale.ROOT));
        if (operation != null) {
          return operation;
        }
      }
    }
    return null;
  }
}
