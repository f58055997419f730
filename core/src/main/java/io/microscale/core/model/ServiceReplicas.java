package io.microscale.core.model;

import java.util.List;

/// The replicas of one service, in the order of their names, with how many are in each state.
public record ServiceReplicas(List<Replica> replicas, int starting, int running, int paused, int stopping) {
  public static final ServiceReplicas NONE = new ServiceReplicas(List.of(), 0, 0, 0, 0);

  static ServiceReplicas of(List<Replica> sorted) {
    var counts = new int[ReplicaState.values().length];
    for (var replica : sorted) {
      counts[replica.state().ordinal()]++;
    }
    return new ServiceReplicas(
        List.copyOf(sorted),
        counts[ReplicaState.STARTING.ordinal()],
        counts[ReplicaState.RUNNING.ordinal()],
        counts[ReplicaState.PAUSED.ordinal()],
        counts[ReplicaState.STOPPING.ordinal()]);
  }

  /// Starting and running: what counts towards an allocation.
  public int active() {
    return starting + running;
  }

  /// All that are not on their way out.
  public int kept() {
    return starting + running + paused;
  }
}
