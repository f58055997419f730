package io.microscale.server;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The body of a call: one flat JSON object whose fields are all known. Numbers, texts and booleans
/// only.
final class Body {
  static final int BYTES_AT_MOST = 64 << 10;
  private static final double NUMBER_AT_MOST = 1e12;

  private final Map<String, Object> fields;

  private Body(Map<String, Object> fields) {
    this.fields = fields;
  }

  /// @throws Refusal if it is not such an object
  static Body of(Context call, Set<String> known) throws IOException {
    var type = call.header("Content-Type");
    var bare = type == null ? "" : type.replaceFirst(";.*", "").strip();
    if (!bare.equalsIgnoreCase("application/json")) {
      throw new Refusal(415, "header.Content-Type", "need application/json", type);
    }
    var bytes = call.req().getInputStream().readNBytes(BYTES_AT_MOST + 1);
    if (bytes.length > BYTES_AT_MOST) {
      throw new Refusal(413, "body", "need at most %d bytes".formatted(BYTES_AT_MOST), null);
    }
    try (var json = Json.FACTORY.createParser(bytes)) {
      return parse(json, known);
    } catch (JsonProcessingException e) {
      var where = e.getLocation();
      throw Refusal.bad(
          "body",
          where == null
              ? "need JSON"
              : "need JSON (line %d, column %d)".formatted(where.getLineNr(), where.getColumnNr()),
          e.getOriginalMessage());
    }
  }

  private static Body parse(JsonParser json, Set<String> known) throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw Refusal.bad(
          "body", "need one JSON object", json.hasCurrentToken() ? json.getText() : null);
    }
    var fields = new HashMap<String, Object>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      var name = json.currentName();
      if (!known.contains(name)) {
        throw Refusal.bad(
            "body." + name, "need a field out of " + known.stream().sorted().toList(), name);
      }
      var token = json.nextToken();
      if (token.isNumeric()) {
        fields.put(name, json.getDoubleValue());
      } else if (token.isBoolean()) {
        fields.put(name, json.getBooleanValue());
      } else if (token == JsonToken.VALUE_STRING) {
        fields.put(name, json.getText());
      } else {
        throw Refusal.bad("body." + name, "need a number, a text or a boolean", json.getText());
      }
    }
    if (json.nextToken() != null) {
      throw Refusal.bad("body", "need one JSON object and nothing after it", json.getText());
    }
    return new Body(fields);
  }

  boolean has(String field) {
    return fields.containsKey(field);
  }

  /// A finite number from 0 to 1e12.
  double amount(String field) {
    return number(field, 0, NUMBER_AT_MOST, "need a finite number from 0 to 1e12");
  }

  /// A number above 0 and up to a limit.
  double positive(String field, double most) {
    return number(
        field, Math.ulp(0), most, "need a number above 0 and at most %.0f".formatted(most));
  }

  boolean flag(String field) {
    if (fields.get(field) instanceof Boolean value) {
      return value;
    }
    throw refused(field, "need true or false");
  }

  String text(String field) {
    if (fields.get(field) instanceof String value) {
      return value;
    }
    throw refused(field, "need a text");
  }

  private double number(String field, double least, double most, String rule) {
    if (fields.get(field) instanceof Double value && value >= least && value <= most) {
      return value;
    }
    throw refused(field, rule);
  }

  private Refusal refused(String field, String rule) {
    var value = fields.get(field);
    return Refusal.bad("body." + field, rule, value == null ? "nothing" : value.toString());
  }
}
