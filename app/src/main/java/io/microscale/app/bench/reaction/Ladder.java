package io.microscale.app.bench.reaction;

/// How batch work gives way and where the new replicas come from.
enum Ladder {
  /// Batch is stopped, replicas are started.
  STOP,
  /// Batch is paused, replicas that stand by are resumed.
  PAUSE
}
