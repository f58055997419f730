package io.microscale.orchestrators.kubernetes.election;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What an engine does when it begins or ends to lead. Both are called by one thread, never at the
/// same time, each [#deposed] after its [#elected]; the Lease is renewed meanwhile.
///
/// An engine that does not lead observes at most: its writes are refused by the [Leadership].
public interface Candidate {
  /// It leads: what is there is taken over as it is. It may write from now on.
  ///
  /// @throws RuntimeException if it cannot; it then lets another lead, and stands again one lease
  ///   duration later
  void elected(Term term);

  /// It leads no longer, and its writes have been refused since. Returns when nothing writes any
  /// more. Also called if [#elected] threw.
  void deposed(Term term, String reason);

  /// Starts an engine for each term, and closes it at the end.
  static Candidate runs(Supplier<? extends AutoCloseable> engine) {
    return new Candidate() {
      private @Nullable AutoCloseable running;

      @Override
      public void elected(Term term) {
        running = engine.get();
      }

      @Override
      public void deposed(Term term, String reason) {
        var ended = running;
        running = null;
        if (ended == null) {
          return;
        }
        try {
          ended.close();
        } catch (RuntimeException e) {
          throw e;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException("interrupted while the engine was closed", e);
        } catch (Exception e) {
          throw new IllegalStateException("the engine did not close: " + e.getMessage(), e);
        }
      }
    };
  }
}
