package io.microscale.app.bench.reaction.kubernetes;

import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// An orchestrator that notes when each action had been accepted.
final class Stopwatch implements Orchestrator {
  private final Orchestrator orchestrator;
  private final List<Long> accepted = new ArrayList<>();

  /// @param orchestrator is closed with this
  Stopwatch(Orchestrator orchestrator) {
    this.orchestrator = orchestrator;
  }

  /// Forgets what was.
  void reset() {
    synchronized (accepted) {
      accepted.clear();
    }
  }

  /// The `System.nanoTime()` of each acceptance, in their order.
  List<Long> accepted() {
    synchronized (accepted) {
      return List.copyOf(accepted);
    }
  }

  @Override
  public Set<Ability> abilities() {
    return orchestrator.abilities();
  }

  @Override
  public Snapshot observe() {
    return orchestrator.observe();
  }

  @Override
  public void perform(Action action) {
    orchestrator.perform(action);
    synchronized (accepted) {
      accepted.add(System.nanoTime());
    }
  }

  @Override
  public Watch watch(Runnable changed) {
    return orchestrator.watch(changed);
  }

  @Override
  public void close() {
    orchestrator.close();
  }
}
