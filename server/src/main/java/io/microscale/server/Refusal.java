package io.microscale.server;

import org.jspecify.annotations.Nullable;

/// A call that is not answered: where in it, which rule, and what was there instead. The value is
/// never a secret.
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int VALUE_AT_MOST = 120;

  private final int status;
  private final String place;
  private final String rule;
  private final @Nullable String value;

  Refusal(int status, String place, String rule, @Nullable String value) {
    super(
        value == null
            ? "%s: %s".formatted(place, rule)
            : "%s: %s, got %s".formatted(place, rule, shortened(value)),
        null,
        false,
        false);
    this.status = status;
    this.place = place;
    this.rule = rule;
    this.value = value == null ? null : shortened(value);
  }

  static Refusal bad(String place, String rule, @Nullable String value) {
    return new Refusal(400, place, rule, value);
  }

  int status() {
    return status;
  }

  byte[] json() {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeObjectFieldStart("error");
          json.writeStringField("place", place);
          json.writeStringField("rule", rule);
          json.writeStringField("value", value);
          json.writeStringField("message", getMessage());
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private static String shortened(String value) {
    return value.length() <= VALUE_AT_MOST ? value : value.substring(0, VALUE_AT_MOST) + "…";
  }
}
