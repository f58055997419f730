package io.microscale.core.loop;

import io.microscale.core.demand.Reading;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the engine tells its observers: journal, metrics, dashboard and command line all follow
/// this one stream. Everything that a pass depends on is in it, in the order in which it was taken
/// in, so a recorded stream is enough to decide everything again: see [Rerun].
public sealed interface LoopEvent {
  Instant at();

  /// The first event of a run.
  ///
  /// @param dryRun what is decided is not done
  record Started(
      Instant at, PoolSpec pool, String orchestrator, Set<Ability> abilities, boolean dryRun)
      implements LoopEvent {}

  /// A reading arrived, or something was set by hand that changes what a service follows.
  ///
  /// @param reading what the service follows: the reading of its source with what was set by hand
  ///   laid over it
  /// @param source the latest reading of its source, empty if there was none yet
  record ReadingTaken(Instant at, ServiceId service, Reading reading, Optional<Reading> source)
      implements LoopEvent {}

  /// Something was set by hand.
  record Overridden(Instant at, ServiceId service, ManualOverride override) implements LoopEvent {}

  /// The orchestrator says something new. The first one, and each with `complete`, holds
  /// everything; the others what changed, and the standings whole: no nodes means that they are as
  /// before, any means all of them.
  record Observed(
      Instant at,
      boolean complete,
      List<Node> nodes,
      List<Replica> changed,
      List<Gone> gone,
      Standings standings)
      implements LoopEvent {}

  /// A replica that is no longer there.
  record Gone(ServiceId service, ReplicaId replica) {}

  /// The orchestrator cannot say what is: nothing is changed until it can.
  record ObserveFailed(Instant at, OrchestratorException.Kind kind, String message)
      implements LoopEvent {}

  /// A pass was made.
  ///
  /// @param observed when that was true which the orchestrator said
  /// @param number counts the passes of a run from 1
  /// @param took for the look at the snapshot and for the decision, without telling observers of it
  record Passed(
      Instant at,
      Instant observed,
      long number,
      Set<Trigger> triggers,
      List<Decision> decisions,
      Plan plan,
      Duration took)
      implements LoopEvent {}

  /// An action was handed to the orchestrator and is over. `failure` is empty when it was accepted.
  ///
  /// @param givenUp the next pass gave it up, since it showed no effect within its deadline; the
  ///   orchestrator may still answer
  record ActionEnded(
      Instant at, Action action, Optional<Failure> failure, Duration took, boolean givenUp)
      implements LoopEvent {}

  record Failure(OrchestratorException.Kind kind, String message) {}

  /// A replica that answers a rise of demand became ready.
  ///
  /// @param took the reaction time: from the demand being known to the replica being ready
  record Reacted(Instant at, ServiceId service, ReplicaId replica, Duration took)
      implements LoopEvent {}

  /// What the service itself reports of its work, as totals since the start of the run.
  ///
  /// @param done units of work done (requests answered, jobs, blocks)
  /// @param missed units that were wanted and not done
  /// @param lost work thrown away by stops
  record WorkReported(Instant at, ServiceId service, double done, double missed, Duration lost)
      implements LoopEvent {}

  /// The last event of a run.
  record Stopped(Instant at, String reason) implements LoopEvent {}
}
