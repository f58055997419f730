package io.microscale.orchestrators.process;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the engine before has left, sorted by whether it still runs.
///
/// @param live with the identity of the process
/// @param ended no process, or one that took over the number
record Adoption(List<ReplicaRecord> live, List<ReplicaRecord> ended) {

  /// Looks for the processes of records. Whatever still runs of a replica whose first process is
  /// gone is ended.
  static Adoption of(List<ReplicaRecord> records, String epoch) {
    var live = new ArrayList<ReplicaRecord>();
    var lost = new ArrayList<ReplicaRecord>();
    var tokens = new HashSet<String>();
    for (var record : records) {
      if (record.process().filter(identity -> identity.lives(epoch)).isPresent()) {
        live.add(record);
      } else {
        lost.add(record);
        tokens.add(record.token());
      }
    }
    var processes = ProcFs.withVariable(Launcher.TOKEN, tokens);
    var ended = new ArrayList<ReplicaRecord>();
    for (var record : lost) {
      var pids = processes.getOrDefault(record.token(), Set.of());
      // The engine may have been ended between the start and the note of it.
      var identity =
          record.process().isPresent()
              ? Optional.<ReplicaRecord.Identity>empty()
              : leader(pids, epoch);
      if (identity.isPresent()) {
        live.add(record.running(identity.get()));
      } else {
        ProcFs.killAll(pids, Launcher.TOKEN, record.token());
        ended.add(record);
      }
    }
    return new Adoption(live, ended);
  }

  private static Optional<ReplicaRecord.Identity> leader(Set<Integer> pids, String epoch) {
    return pids.stream()
        .flatMap(pid -> ProcFs.stat(pid).stream())
        .filter(stat -> stat.pid() == stat.group() && stat.pid() == stat.session())
        .findAny()
        .map(stat -> new ReplicaRecord.Identity(stat.pid(), stat.startTicks(), epoch));
  }
}
