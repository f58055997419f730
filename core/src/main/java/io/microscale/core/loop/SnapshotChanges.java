package io.microscale.core.loop;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceReplicas;
import io.microscale.core.model.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// What is different between two snapshots, found without looking at services that did not change.
record SnapshotChanges(List<Replica> changed, List<LoopEvent.Gone> gone, List<Replica> newlyReady) {
  static SnapshotChanges between(Snapshot before, Snapshot after) {
    var changes = new SnapshotChanges(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    var services = new TreeSet<ServiceId>(before.services().keySet());
    services.addAll(after.services().keySet());
    for (var service : services) {
      var old = before.of(service);
      var now = after.of(service);
      if (!old.equals(now)) {
        changes.add(old, now);
      }
    }
    return changes;
  }

  private void add(ServiceReplicas before, ServiceReplicas after) {
    for (var replica : after.replicas()) {
      var old = before.find(replica.id());
      if (old.isEmpty() || !old.get().equals(replica)) {
        changed.add(replica);
      }
      if (replica.state() == ReplicaState.RUNNING
          && (old.isEmpty() || old.get().state() != ReplicaState.RUNNING)) {
        newlyReady.add(replica);
      }
    }
    for (var replica : before.replicas()) {
      if (after.find(replica.id()).isEmpty()) {
        gone.add(new LoopEvent.Gone(replica.service(), replica.id()));
      }
    }
  }

  boolean isEmpty() {
    return changed.isEmpty() && gone.isEmpty();
  }
}
