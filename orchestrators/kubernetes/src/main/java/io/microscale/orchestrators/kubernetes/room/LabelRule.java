package io.microscale.orchestrators.kubernetes.room;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One requirement on labels, as selectors and affinities write them.
///
/// @param values empty for an operator that takes none
record LabelRule(String key, Operator operator, List<String> values) {
  enum Operator {
    IN("in"),
    NOT_IN("not in"),
    EXISTS("exists"),
    DOES_NOT_EXIST("does not exist"),
    GREATER(">"),
    LESS("<"),
    /// One that is not known here: it is met by nothing.
    OTHER("?");

    private final String words;

    Operator(String words) {
      this.words = words;
    }

    private static Operator of(@Nullable String written) {
      return switch (written) {
        case "In" -> IN;
        case "NotIn" -> NOT_IN;
        case "Exists" -> EXISTS;
        case "DoesNotExist" -> DOES_NOT_EXIST;
        case "Gt" -> GREATER;
        case "Lt" -> LESS;
        case null, default -> OTHER;
      };
    }
  }

  static LabelRule of(
      @Nullable String key, @Nullable String operator, @Nullable Collection<String> values) {
    return new LabelRule(
        key == null ? "" : key,
        Operator.of(operator),
        values == null ? List.of() : List.copyOf(values));
  }

  static LabelRule equal(String key, String value) {
    return new LabelRule(key, Operator.IN, List.of(value));
  }

  boolean isMetBy(Map<String, String> labels) {
    var value = labels.get(key);
    return switch (operator) {
      case IN -> value != null && values.contains(value);
      case NOT_IN -> value == null || !values.contains(value);
      case EXISTS -> value != null;
      case DOES_NOT_EXIST -> value == null;
      case GREATER -> compares(value, 1);
      case LESS -> compares(value, -1);
      case OTHER -> false;
    };
  }

  private boolean compares(@Nullable String value, int sign) {
    if (value == null || values.size() != 1) {
      return false;
    }
    var there = number(value);
    var bound = number(values.getFirst());
    return there.isPresent()
        && bound.isPresent()
        && Long.compare(there.getAsLong(), bound.getAsLong()) == sign;
  }

  private static OptionalLong number(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException _) {
      return OptionalLong.empty();
    }
  }

  @Override
  public String toString() {
    return switch (operator) {
      case IN, NOT_IN ->
          values.size() == 1
              ? key + (operator == Operator.IN ? "=" : "!=") + values.getFirst()
              : "%s %s (%s)".formatted(key, operator.words, String.join(", ", values));
      case EXISTS, DOES_NOT_EXIST -> key + " " + operator.words;
      case GREATER, LESS, OTHER ->
          "%s %s %s".formatted(key, operator.words, String.join(", ", values));
    };
  }
}
