package io.microscale.core.orchestrator;

/// What an orchestrator can do beyond observing, starting and stopping. Declared by the adapter;
/// the contract test checks each that is declared, and that each that is not is refused.
public enum Ability {
  /// Is told how many replicas a service is to have, and names and places them itself. It takes
  /// `Scale`, which is refused by all others, in place of starts and stops, and says in its
  /// snapshots how many it was told ([io.microscale.core.model.Standings#desired]).
  SCALES,
  /// Says at once when something has changed; otherwise it is polled.
  WATCHES,
  /// Stops the replica that is named, by a stop or as a victim of `Scale`, not one of its own
  /// choice.
  PICKS_VICTIMS,
  /// Pauses and resumes replicas.
  PAUSES,
  /// Changes what a running replica may use, without restarting it.
  RESIZES,
  /// Takes a start for which there is no room and carries it out later.
  QUEUES_WHEN_FULL,
  /// Knows its nodes and what each has.
  REPORTS_NODES,
  /// A snapshot taken after an action was accepted shows it.
  READS_OWN_WRITES
}
