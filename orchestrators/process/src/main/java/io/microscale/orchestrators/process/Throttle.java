package io.microscale.orchestrators.process;

import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.util.OptionalLong;
import java.util.TreeSet;

/// What "it may use these resources" means for the processor of a running process.
///
/// With less `cpu` than at its start a replica may use that many thousandths of a core. In a pool
/// of slots, a slot is its part of the host: of N slots on C cores, C/N cores. With as much as at
/// its start, or more, it is not limited: the room it was given is room that is reserved, not a
/// ceiling.
record Throttle(Node node) {
  /// The limit in thousandths of a core; empty for none.
  ///
  /// @param full what it was started with
  OptionalLong milliCpu(Resources full, Resources wanted) {
    if (full.get(Resources.CPU) > 0) {
      long cpu = wanted.get(Resources.CPU);
      return cpu < full.get(Resources.CPU) ? OptionalLong.of(cpu) : OptionalLong.empty();
    }
    long slots = wanted.get(Resources.SLOTS);
    long all = node.capacity().get(Resources.SLOTS);
    return slots < full.get(Resources.SLOTS) && all > 0
        ? OptionalLong.of(slots * Host.milliCpu() / all)
        : OptionalLong.empty();
  }

  /// Refuses what cannot be.
  ///
  /// @throws OrchestratorException `REJECTED` if more than processor and slots would change,
  ///   `UNAVAILABLE` if there is no room for it now
  void check(ReplicaRecord record, Resources wanted, Resources free) {
    var change = wanted.minus(record.resources());
    var names = new TreeSet<>(change.names());
    names.removeIf(name -> change.get(name) == 0);
    names.remove(Resources.CPU);
    names.remove(Resources.SLOTS);
    if (!names.isEmpty()) {
      throw new OrchestratorException(
          Kind.REJECTED,
          "resize %s: only cpu and slots of a running process can change, got another %s"
              .formatted(record.id(), String.join(" and ", names)));
    }
    if (!record.paused() && !change.fitsIn(free)) {
      throw new OrchestratorException(
          Kind.UNAVAILABLE,
          "resize %s: needs %s more, free are %s".formatted(record.id(), change, free));
    }
  }
}
