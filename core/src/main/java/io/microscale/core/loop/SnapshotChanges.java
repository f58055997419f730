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
    // Both are in the order of their names, so one walk along both finds all.
    var old = before.replicas();
    int next = 0;
    for (var replica : after.replicas()) {
      while (next < old.size() && old.get(next).id().compareTo(replica.id()) < 0) {
        gone(old.get(next++));
      }
      boolean known = next < old.size() && old.get(next).id().equals(replica.id());
      var was = known ? old.get(next++) : null;
      if (!replica.equals(was)) {
        changed.add(replica);
        if (replica.state() == ReplicaState.RUNNING
            && (was == null || was.state() != ReplicaState.RUNNING)) {
          newlyReady.add(replica);
        }
      }
    }
    while (next < old.size()) {
      gone(old.get(next++));
    }
  }

  private void gone(Replica replica) {
    gone.add(new LoopEvent.Gone(replica.service(), replica.id()));
  }

  boolean isEmpty() {
    return changed.isEmpty() && gone.isEmpty();
  }
}
