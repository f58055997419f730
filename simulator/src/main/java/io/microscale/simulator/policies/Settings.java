package io.microscale.simulator.policies;

/// The rules that settings share.
final class Settings {
  private Settings() {}

  static void require(boolean holds, String rule, Object value) {
    if (!holds) {
      throw new IllegalArgumentException("%s, got %s".formatted(rule, value));
    }
  }
}
