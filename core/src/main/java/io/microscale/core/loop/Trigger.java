package io.microscale.core.loop;

/// Why a pass was made.
public enum Trigger {
  STARTED,
  READING,
  REPLICAS,
  ACTION_ENDED,
  CONFIGURATION,
  /// A time that an earlier pass had asked for: the end of a hold, a back-off, a spike, …
  DUE,
  RESYNC
}
