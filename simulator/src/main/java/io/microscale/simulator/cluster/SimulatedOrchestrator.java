package io.microscale.simulator.cluster;

import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// One orchestrator on a simulated cluster.
public final class SimulatedOrchestrator implements Orchestrator {
  private final SimulatedCluster cluster;
  private final Set<Ability> abilities;
  private final List<Watch> mine = new CopyOnWriteArrayList<>();
  private volatile boolean closed;

  SimulatedOrchestrator(SimulatedCluster cluster, Set<Ability> abilities) {
    this.cluster = cluster;
    this.abilities = abilities;
  }

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  @Override
  public Snapshot observe() {
    requireOpen();
    return cluster.observed();
  }

  /// Takes no virtual time: the thread that would wait is the one that makes time pass.
  @Override
  public void perform(Action action) {
    requireOpen();
    cluster.perform(action);
  }

  /// Performs an action when the time that its answer takes has passed.
  ///
  /// @param ended told why it was not accepted, or nothing if it was
  public void ask(Action action, Consumer<Optional<OrchestratorException>> ended) {
    cluster.whenAnswered(
        action,
        () -> {
          Optional<OrchestratorException> failure = Optional.empty();
          try {
            perform(action);
          } catch (OrchestratorException e) {
            failure = Optional.of(e);
          }
          ended.accept(failure);
        });
  }

  private void requireOpen() {
    if (closed) {
      throw new OrchestratorException(Kind.UNAVAILABLE, "closed");
    }
  }

  @Override
  public Watch watch(Runnable changed) {
    if (!abilities.contains(Ability.WATCHES)) {
      return () -> {};
    }
    var watch = cluster.watch(changed);
    mine.add(watch);
    return () -> {
      mine.remove(watch);
      watch.close();
    };
  }

  @Override
  public void close() {
    closed = true;
    mine.forEach(Watch::close);
  }
}
