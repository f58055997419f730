package io.microscale.orchestrators.process;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What any thread may read: a snapshot, replaced as a whole when something has changed. Written by
/// the event thread alone.
final class Published {
  private final Node node;
  private final Clock clock;
  private final Map<ReplicaId, ReplicaProcess> processes = new ConcurrentHashMap<>();
  private volatile Snapshot snapshot;
  private Snapshot.@Nullable Edit pending;

  Published(Node node, Clock clock) {
    this.node = node;
    this.clock = clock;
    this.snapshot = Snapshot.of(clock.now(), List.of(node), List.of());
  }

  Snapshot observe() {
    return snapshot.edit().at(clock.now());
  }

  Optional<ReplicaProcess> process(ReplicaId id) {
    return Optional.ofNullable(processes.get(id));
  }

  /// What was free when the last turn ended.
  Resources free() {
    return snapshot.free(0);
  }

  private Snapshot.Edit edit() {
    var edit = pending;
    if (edit == null) {
      edit = snapshot.edit();
      pending = edit;
    }
    return edit;
  }

  void changed(LocalProcess process) {
    processes.put(process.id(), process.details());
    edit().put(process.replica(node.id()));
  }

  void gone(LocalProcess process) {
    processes.remove(process.id());
    edit().remove(process.service(), process.id());
  }

  void backoffs(Map<ServiceId, Backoff> all) {
    edit().standings(Standings.of(all));
  }

  /// Makes all changes since the last call visible at once.
  ///
  /// @return whether there were any
  boolean publish() {
    if (pending == null) {
      return false;
    }
    snapshot = pending.at(clock.now());
    pending = null;
    return true;
  }
}
