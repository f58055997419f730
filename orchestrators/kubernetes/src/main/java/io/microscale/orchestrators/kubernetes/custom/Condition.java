package io.microscale.orchestrators.kubernetes.custom;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One answer in the status of a resource, as `kubectl describe` and `kubectl wait` know it.
///
/// @param type what is answered: `Accepted`, `Ready`, …
/// @param reason one word in CamelCase
/// @param message for people
/// @param generation of the resource that it speaks of
/// @param since when its value came to be what it is, as RFC 3339 has it
public record Condition(
    String type, Value value, String reason, String message, long generation, String since) {
  private static final int LONGEST = 4_000;

  /// The three answers.
  public enum Value {
    TRUE("True"),
    FALSE("False"),
    UNKNOWN("Unknown");

    private final String word;

    Value(String word) {
      this.word = word;
    }

    static Value of(boolean value) {
      return value ? TRUE : FALSE;
    }

    private static Value named(String word) {
      return word.equals(TRUE.word) ? TRUE : word.equals(FALSE.word) ? FALSE : UNKNOWN;
    }
  }

  public Condition {
    if (message.length() > LONGEST) {
      message = message.substring(0, LONGEST - 3) + "...";
    }
  }

  /// One that begins at `now`.
  static Condition of(
      String type, Value value, String reason, String message, long generation, Instant now) {
    return new Condition(
        type, value, reason, message, generation, now.truncatedTo(ChronoUnit.SECONDS).toString());
  }

  static Condition of(Map<?, ?> json) {
    return new Condition(
        text(json, "type"),
        Value.named(text(json, "status")),
        text(json, "reason"),
        text(json, "message"),
        json.get("observedGeneration") instanceof Number number ? number.longValue() : 0,
        text(json, "lastTransitionTime"));
  }

  /// The same, and if its value is what it was before, since then.
  Condition after(List<Condition> before) {
    return before.stream()
        .filter(old -> old.type.equals(type) && old.value == value && !old.since.isEmpty())
        .findFirst()
        .map(old -> new Condition(type, value, reason, message, generation, old.since))
        .orElse(this);
  }

  /// Whether it answers as the other does, in other words perhaps.
  boolean answersAs(Condition other) {
    return type.equals(other.type)
        && value == other.value
        && reason.equals(other.reason)
        && generation == other.generation;
  }

  Map<String, Object> json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("type", type);
    json.put("status", value.word);
    json.put("observedGeneration", generation);
    json.put("lastTransitionTime", since);
    json.put("reason", reason);
    json.put("message", message);
    return json;
  }

  private static String text(Map<?, ?> json, String key) {
    return json.get(key) instanceof String text ? text : "";
  }
}
