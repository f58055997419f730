package io.microscale.simulator.cluster;

import java.time.Duration;

/// What starting and stopping cost a service that has work to do.
///
/// @param startCosts work that a replica misses because it was started, beside the time until it is
///   ready
/// @param loss what a stop, a crash or a lost node loses of the work done
public record Work(Duration startCosts, Loss loss) {
  /// Nothing costs anything.
  public static final Work FREE = new Work(Duration.ZERO, new Loss.Fixed(Duration.ZERO));

  public Work {
    if (startCosts.isNegative()) {
      throw new IllegalArgumentException("work.startCosts: need >= 0s, got " + startCosts);
    }
  }

  /// How much is lost when a replica ends.
  public sealed interface Loss {
    /// Always the same, however long the replica worked.
    record Fixed(Duration each) implements Loss {
      public Fixed {
        if (each.isNegative()) {
          throw new IllegalArgumentException("work.loss: need >= 0s, got " + each);
        }
      }
    }

    /// What was done since the last checkpoint; the time that a replica was paused does not count.
    ///
    /// @param every how much work is between two checkpoints
    record SinceCheckpoint(Duration every) implements Loss {
      public SinceCheckpoint {
        if (every.compareTo(Duration.ofMillis(100)) < 0) {
          throw new IllegalArgumentException(
              "work.loss.every: need at least 100ms between checkpoints, got " + every);
        }
      }
    }

    /// All that the replica did: there are no checkpoints.
    record All() implements Loss {}
  }
}
