package io.microscale.core.orchestrator;

import io.microscale.core.model.Snapshot;
import java.util.Set;

/// Whatever runs replicas: the port that every adapter implements.
///
/// An adapter touches only what is its own: replicas that carry the pool's mark. It adopts those
/// that it finds when it is opened, and leaves them running when it is closed. All methods may be
/// called from any thread.
public interface Orchestrator extends AutoCloseable {
  /// What it can do; the same answer for as long as it is open.
  Set<Ability> abilities();

  /// Says what is true, from what the adapter has been told; returns within about a millisecond and
  /// waits for nobody.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if it cannot know at present: an unknown state is
  ///   not an empty one
  Snapshot observe();

  /// Asks for one thing and returns once it is accepted (a start: not yet ready; a stop: the grace
  /// period runs). Blocks until then.
  ///
  /// @throws OrchestratorException `UNAVAILABLE` if nothing was done and it should be tried again,
  ///   `UNCERTAIN` if it may have been done, `REJECTED` if that is of no use, `UNSUPPORTED` if the
  ///   ability is not declared
  void perform(Action action);

  /// Calls `changed` soon after each change of what [#observe] would say, on a thread of the
  /// adapter; it must return at once. Without the ability `WATCHES` it is never called.
  ///
  /// @return ends the calls when closed
  Watch watch(Runnable changed);

  /// Lets go of everything but the replicas.
  @Override
  void close();

  /// An interest that can be ended.
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
