package io.microscale.app.config;

import io.microscale.core.demand.Generator;
import io.microscale.sources.http.HttpPoll;

/// The demand sources to choose from. A new one is a case here, a reader, and a case of the switch
/// that opens it.
public sealed interface DemandConfig {
  /// Readings are sent to the server.
  record Push() implements DemandConfig {}

  /// An address is asked.
  record Http(HttpPoll.Settings settings) implements DemandConfig {}

  /// Demand that is made up or played back.
  record Generated(Generator generator) implements DemandConfig {}
}
