package io.microscale.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;

/// How values look in JSON here: instants in UTC with nanoseconds, ISO durations, constants in
/// camel case, fields always there.
final class Json {
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(32).build())
          .build();

  private static final DateTimeFormatter NANOSECONDS =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// Bounded by the number of constants that there are.
  private static final Map<Enum<?>, String> CAMEL = new ConcurrentHashMap<>();

  private Json() {}

  /// Something that writes one JSON value.
  @FunctionalInterface
  interface Content {
    void writeTo(JsonGenerator json) throws IOException;
  }

  static byte[] bytes(Content content) {
    var out = new ByteArrayOutputStream(1024);
    try (var json = FACTORY.createGenerator(out)) {
      content.writeTo(json);
    } catch (IOException e) {
      throw new UncheckedIOException("writing JSON to memory", e);
    }
    return out.toByteArray();
  }

  static String text(Instant instant) {
    return NANOSECONDS.format(instant);
  }

  static void instant(JsonGenerator json, String field, Instant instant) throws IOException {
    json.writeStringField(field, text(instant));
  }

  static void duration(JsonGenerator json, String field, Duration duration) throws IOException {
    json.writeStringField(field, duration.toString());
  }

  static void number(JsonGenerator json, String field, OptionalDouble number) throws IOException {
    if (number.isPresent() && Double.isFinite(number.getAsDouble())) {
      json.writeNumberField(field, number.getAsDouble());
    } else {
      json.writeNullField(field);
    }
  }

  /// Rounded to what a reader can use, so that answers stay short.
  static double rounded(double value, int digits) {
    if (!Double.isFinite(value)) {
      return 0;
    }
    double scale = Math.pow(10, digits);
    double scaled = value * scale;
    return Math.abs(scaled) < 1e15 ? Math.rint(scaled) / scale : value;
  }

  static String camel(Enum<?> constant) {
    return CAMEL.computeIfAbsent(
        constant,
        c -> {
          var name = new StringBuilder();
          for (String word : c.name().toLowerCase(Locale.ROOT).split("_", -1)) {
            name.append(
                name.isEmpty()
                    ? word
                    : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
          }
          return name.toString();
        });
  }
}
