package io.microscale.simulator.standard;

import java.util.List;

/// A kind of policy with the settings worth trying.
///
/// @param usual the setting that one gets without choosing
/// @param settings all settings to search, the usual one among them; their names differ
public record Family(String name, Policy usual, List<Policy> settings) {
  public Family {
    settings = List.copyOf(settings);
    if (!settings.contains(usual)) {
      throw new IllegalArgumentException(
          "%s: need the usual setting among all, got %s".formatted(name, usual.name()));
    }
    long names = settings.stream().map(Policy::name).distinct().count();
    if (names < settings.size()) {
      throw new IllegalArgumentException(
          "%s: need settings with different names, got %d names for %d"
              .formatted(name, names, settings.size()));
    }
  }

  /// A family of one setting.
  public static Family of(Policy only) {
    return new Family(only.name(), only, List.of(only));
  }
}
