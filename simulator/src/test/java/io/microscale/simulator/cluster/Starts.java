package io.microscale.simulator.cluster;

import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;

/// Actions on one replica.
final class Starts {
  private Starts() {}

  static Action.Start of(ServiceId service, SimulatedCluster cluster) {
    return new Action.Start(
        service,
        new ReplicaId(service + "-1"),
        cluster.truth().nodes().getFirst().id(),
        Resources.slots(1));
  }

  static Action pause(Action.Start start) {
    return new Action.Pause(start.service(), start.replica());
  }

  static Action resume(Action.Start start) {
    return new Action.Resume(start.service(), start.replica());
  }

  static Action stop(Action.Start start) {
    return new Action.Stop(start.service(), start.replica());
  }
}
