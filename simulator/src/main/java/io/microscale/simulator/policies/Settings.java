package io.microscale.simulator.policies;

/// The rules and the names that settings share.
final class Settings {
  private Settings() {}

  static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, got %s".formatted(rule, value));
    }
  }

  /// The name of a setting: `family(key=value,key=value)`, the same in every locale.
  static String name(String family, Object... keysAndValues) {
    var name = new StringBuilder(family);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      name.append(i == 0 ? '(' : ',')
          .append(keysAndValues[i])
          .append('=')
          .append(keysAndValues[i + 1]);
    }
    return name.append(')').toString();
  }
}
