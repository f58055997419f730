package io.microscale.core.loop;

/// One thing that a pass decided otherwise when it was made again.
///
/// @param where as `web: claim.replicas` or `plan.steps[2]`
/// @param recorded what the engine decided
/// @param again what came out now
public record RerunDifference(String where, String recorded, String again) {
  @Override
  public String toString() {
    return "%s: recorded %s, now %s".formatted(where, recorded, again);
  }
}
