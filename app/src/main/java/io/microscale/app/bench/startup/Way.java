package io.microscale.app.bench.startup;

import java.io.IOException;
import java.time.Duration;

/// One way of starting the workload, ready to be used.
interface Way extends AutoCloseable {
  /// How it is done here, for people: versions, and what is different from the usual.
  String how();

  /// Asks for the workload, waits until it has said READY, and takes it away again.
  ///
  /// @return from asked-for to READY, without the taking away
  /// @throws IOException if it does not start, with the reason
  Duration start() throws IOException, InterruptedException;

  /// Removes everything that this made, whatever state it is in.
  ///
  /// @throws IOException naming what may be left
  @Override
  void close() throws IOException;
}
