package io.microscale.app.bench.reaction;

import io.microscale.core.orchestrator.Orchestrator;
import java.time.InstantSource;
import java.util.List;

/// An orchestrator that is measured. Closing it removes all that was made for that.
interface Backend extends AutoCloseable {
  /// As in the configuration file.
  String kind();

  /// Its own name, with its version.
  String engine();

  /// The name of the pool, which tells this run from others.
  String pool();

  /// Whether it can pause.
  boolean pauses();

  /// The orchestrator for a pool of so many slots with the services [Loop#WEB] and [Loop#BATCH].
  Orchestrator open(int slots, InstantSource clock);

  /// Ways to send the same changes straight to the API, the best of which is the limit.
  List<Raw> raws(Step step, Ladder ladder);

  /// What an engine could do at most.
  interface Raw {
    /// In a few words.
    String name();

    /// Makes everything ready, waits for `quiet`, makes the step, and removes everything again.
    ///
    /// @return milliseconds from the first call to the last replica being ready
    double measure(Waiting quiet) throws InterruptedException;
  }

  /// Waits until nothing else is going on.
  interface Waiting {
    void await() throws InterruptedException;
  }

  @Override
  void close();
}
