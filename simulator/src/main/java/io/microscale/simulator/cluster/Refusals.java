package io.microscale.simulator.cluster;

import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;

/// What a cluster refuses to do, and why.
final class Refusals {
  /// How many starts may wait for room.
  private static final int MOST_WAITING = 10_000;

  private final ClusterSettings settings;
  private final Picture truth;
  private int forRoom;

  Refusals(ClusterSettings settings, Picture truth) {
    this.settings = settings;
    this.truth = truth;
  }

  /// How many starts came when there was no room, those that then waited included.
  int forRoom() {
    return forRoom;
  }

  /// Lets an action pass, or says why not.
  ///
  /// @param waiting how many starts wait for room already
  /// @throws OrchestratorException if it is refused
  void check(Action action, int waiting) {
    boolean scales = settings.abilities().contains(Ability.SCALES);
    boolean supported =
        switch (action) {
          case Action.Scale _ -> scales;
          case Action.Start _, Action.Stop _ -> !scales;
          case Action.Pause _, Action.Resume _, Action.Resize _ -> true;
        };
    if (!supported) {
      throw new OrchestratorException(Kind.UNSUPPORTED, "cannot " + action.verb());
    }
    switch (action) {
      case Action.Scale scale -> requireKnown(scale.service());
      case Action.Start start -> check(start, waiting);
      case Action.Stop _ -> {}
      case Action.Pause pause -> require(Ability.PAUSES, pause);
      case Action.Resume resume -> require(Ability.PAUSES, resume);
      case Action.Resize resize -> require(Ability.RESIZES, resize);
    }
  }

  private void requireKnown(ServiceId service) {
    if (!settings.services().contains(service)) {
      throw new OrchestratorException(Kind.UNKNOWN, "no service " + service);
    }
  }

  private void check(Action.Start start, int waiting) {
    requireKnown(start.service());
    var node =
        truth
            .node(start.node())
            .orElseThrow(() -> new OrchestratorException(Kind.UNKNOWN, "no node " + start.node()));
    boolean queues = settings.abilities().contains(Ability.QUEUES_WHEN_FULL);
    if (!queues && !start.resources().fitsIn(node.capacity())) {
      throw new OrchestratorException(
          Kind.REJECTED, "%s never fits on %s".formatted(start.resources(), node.id()));
    }
    if (truth.find(start.replica()).isEmpty() && !truth.fits(start)) {
      forRoom++;
      if (!queues || waiting >= MOST_WAITING) {
        throw new OrchestratorException(Kind.UNAVAILABLE, node.id() + " is full");
      }
    }
  }

  private void require(Ability ability, Action.OfReplica action) {
    if (!settings.abilities().contains(ability)) {
      throw new OrchestratorException(Kind.UNSUPPORTED, "cannot " + action.verb());
    }
    if (truth.find(action.replica()).isEmpty()) {
      throw new OrchestratorException(Kind.UNKNOWN, "no replica " + action.replica());
    }
  }
}
