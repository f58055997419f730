package io.microscale.orchestrators.docker.swarm;

import java.util.Locale;
import java.util.regex.Pattern;

/// One rule of where a service may run, as Swarm writes it: `node.role != manager`.
///
/// Names of labels matter to the letter; all else is compared as Swarm does, without regard to
/// case.
///
/// @param key such as `node.labels.disk`
/// @param equal whether the node's value has to be the given one, or any other
record Constraint(String key, boolean equal, String value) {
  private static final Pattern FORM = Pattern.compile("\\s*(\\S+?)\\s*(==|!=)\\s*(.+?)\\s*");

  /// Reads a rule.
  ///
  /// @throws IllegalArgumentException if it is not `KEY == VALUE` or `KEY != VALUE`
  static Constraint parse(String text) {
    var form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "constraints: need 'KEY == VALUE' or 'KEY != VALUE', got '" + text + "'");
    }
    return new Constraint(form.group(1), form.group(2).equals("=="), form.group(3));
  }

  /// Whether the rule lets a service run on this node. A key that only Swarm knows lets it.
  boolean admits(SwarmNode node) {
    var lower = key.toLowerCase(Locale.ROOT);
    if (lower.startsWith("node.labels.")) {
      return is(node.labels().getOrDefault(key.substring("node.labels.".length()), ""));
    }
    if (lower.startsWith("engine.labels.")) {
      return is(node.engineLabels().getOrDefault(key.substring("engine.labels.".length()), ""));
    }
    return switch (lower) {
      case "node.id" -> is(node.key());
      case "node.hostname" -> is(node.hostname());
      case "node.role" -> is(node.role());
      case "node.platform.os" -> is(node.os());
      case "node.platform.arch" -> is(node.architecture());
      default -> true;
    };
  }

  private boolean is(String actual) {
    return actual.equalsIgnoreCase(value) == equal;
  }
}
