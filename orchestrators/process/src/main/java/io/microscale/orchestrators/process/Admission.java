package io.microscale.orchestrators.process;

import io.microscale.core.model.Node;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;

/// Decides what may be started. Confined to the event thread.
final class Admission {
  private final Node node;
  private final Endings endings;
  private final Published published;
  private final Clock clock;
  private boolean ending;

  Admission(Node node, Endings endings, Published published, Clock clock) {
    this.node = node;
    this.endings = endings;
    this.published = published;
    this.clock = clock;
  }

  /// Admits nothing from now on.
  void end() {
    ending = true;
  }

  /// Refuses a start that cannot be now, or not at all.
  ///
  /// @throws OrchestratorException with the reason
  void check(Action.Start start) {
    if (ending) {
      throw Replicas.refused(Kind.UNAVAILABLE, start, "everything is being ended");
    }
    if (!start.node().equals(node.id())) {
      throw Replicas.refused(Kind.UNKNOWN, start, "the only node is " + node.id());
    }
    if (!start.resources().fitsIn(node.capacity())) {
      throw Replicas.refused(
          Kind.REJECTED,
          start,
          "needs %s, the node has %s".formatted(start.resources(), node.capacity()));
    }
    if (!start.resources().fitsIn(published.free())) {
      throw Replicas.refused(
          Kind.UNAVAILABLE,
          start,
          "needs %s, free are %s".formatted(start.resources(), published.free()));
    }
    var backoff = endings.backoff(start.service(), clock.now());
    if (backoff.isPresent()) {
      throw Replicas.refused(
          Kind.UNAVAILABLE,
          start,
          "not before %s: %s".formatted(backoff.get().until(), backoff.get().reason()));
    }
  }
}
