package io.microscale.app.demo;

import io.microscale.core.orchestrator.Orchestrator;

/// Where the workers of a demo run. Closing it ends all of them and leaves nothing behind.
interface Workers extends AutoCloseable {
  /// As in the configuration file.
  String kind();

  Orchestrator orchestrator();

  @Override
  void close();
}
