package io.microscale.sources.http;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/// A number in a JSON document, or why there is none.
sealed interface JsonNumber {
  record Found(double value) implements JsonNumber {}

  record None(String why) implements JsonNumber {}

  ObjectReader JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class);

  /// As JSON writes numbers, so neither `NaN` nor the forms that only Java knows.
  Pattern NUMBER = Pattern.compile("[-+]?\\d{1,300}(\\.\\d{0,300})?([eE][-+]?\\d{1,3})?");

  int MOST_SHOWN = 40;

  default <T> T fold(DoubleFunction<T> found, Function<String, T> none) {
    return switch (this) {
      case Found(var value) -> found.apply(value);
      case None(var why) -> none.apply(why);
    };
  }

  /// Reads a number, or a string that is one.
  static JsonNumber at(String pointer, byte[] document) {
    JsonNode root;
    try {
      root = JSON.readValue(document);
    } catch (JsonProcessingException e) {
      return new None(notJson(document, e));
    } catch (IOException e) {
      return new None("not JSON: " + e.getMessage());
    }
    var node = root.at(JsonPointer.compile(pointer));
    var place = pointer.isEmpty() ? "the document" : pointer;
    if (node.isMissingNode()) {
      return new None("nothing at " + place);
    }
    if (node.isNumber()) {
      return new Found(node.doubleValue());
    }
    if (node.isTextual() && NUMBER.matcher(node.textValue().strip()).matches()) {
      return new Found(Double.parseDouble(node.textValue().strip()));
    }
    return new None("%s is %s, not a number".formatted(place, shown(node)));
  }

  private static String notJson(byte[] document, JsonProcessingException e) {
    int first = 0;
    while (first < document.length && Character.isWhitespace(document[first])) {
      first++;
    }
    if (first == document.length) {
      return "the answer is empty";
    }
    if (document[first] == '<') {
      return "the answer is HTML or XML, not JSON";
    }
    var at = e.getLocation();
    return "not JSON: %s%s"
        .formatted(
            e.getOriginalMessage(),
            at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr()));
  }

  private static String shown(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "'" + cut(node.textValue()) + "'";
      case BINARY, BOOLEAN, MISSING, NULL, NUMBER, POJO -> cut(node.asText());
    };
  }

  private static String cut(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
  }
}
