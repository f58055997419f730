package io.microscale.app.bench.reaction;

import java.util.regex.Pattern;

/// A step of demand on a full pool, in replicas of one slot.
///
/// @param slots that the pool has
/// @param hasBatch whether batch work fills what the step leaves; else that is free
public record Step(int from, int to, int slots, boolean hasBatch) {
  private static final Pattern FORM = Pattern.compile("(\\d{1,4}):(\\d{1,4})");

  public Step {
    if (from < 0 || to <= from || to > slots) {
      throw new IllegalArgumentException(
          "need FROM:TO with 0 <= FROM < TO <= slots (%d), got %d:%d".formatted(slots, from, to));
    }
  }

  /// Reads `FROM:TO`.
  ///
  /// @throws IllegalArgumentException if it is not that, or no rise within the pool
  public static Step of(String text, int slots, boolean hasBatch) {
    var match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException("need FROM:TO such as 2:16, got '" + text + "'");
    }
    return new Step(
        Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)), slots, hasBatch);
  }

  /// Replicas that the step adds.
  public int rise() {
    return to - from;
  }
}
