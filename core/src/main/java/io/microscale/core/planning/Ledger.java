package io.microscale.core.planning;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The actions in flight, at most one for each replica or, where an orchestrator scales, for each
/// service. Immutable.
///
/// It is what keeps the engine from asking twice and from using room twice while an orchestrator
/// has not shown yet what it was asked for.
public final class Ledger {
  public static final Ledger EMPTY = new Ledger(new TreeMap<>());

  private final SortedMap<String, InFlight> entries;

  private Ledger(SortedMap<String, InFlight> entries) {
    this.entries = entries;
  }

  public int size() {
    return entries.size();
  }

  public Collection<InFlight> entries() {
    return List.copyOf(entries.values());
  }

  public boolean has(ReplicaId replica) {
    return entries.containsKey(replica.value());
  }

  /// The number of replicas that is being asked for, if it is.
  OptionalInt scaling(ServiceId service) {
    return entries.get(service.value()) instanceof InFlight(Action.Scale(_, int replicas, _), _, _)
        ? OptionalInt.of(replicas)
        : OptionalInt.empty();
  }

  /// When an action was asked for, if it is in flight.
  public Optional<Instant> askedAt(Action action) {
    return Optional.ofNullable(entries.get(action.subject()))
        .filter(e -> e.action().equals(action))
        .map(InFlight::asked);
  }

  public Ledger asked(Action action, Instant now) {
    var next = new TreeMap<>(entries);
    next.put(action.subject(), new InFlight(action, now, Optional.empty()));
    return new Ledger(next);
  }

  /// The orchestrator took the action; it stays until it is seen.
  public Ledger accepted(Action action, Instant now) {
    var entry = entries.get(action.subject());
    if (entry == null || !entry.action().equals(action)) {
      return this;
    }
    var next = new TreeMap<>(entries);
    next.put(action.subject(), new InFlight(action, entry.asked(), Optional.of(now)));
    return new Ledger(next);
  }

  public Ledger without(Action action) {
    var entry = entries.get(action.subject());
    if (entry == null || !entry.action().equals(action)) {
      return this;
    }
    var next = new TreeMap<>(entries);
    next.remove(action.subject());
    return new Ledger(next);
  }

  /// Drops what the snapshot shows as done. With `ownWrites`, also what was accepted before the
  /// snapshot was taken: if it does not show, it is over already.
  public Ledger seen(Snapshot snapshot, boolean ownWrites) {
    var next = new TreeMap<String, InFlight>();
    entries.forEach(
        (id, entry) -> {
          boolean readable =
              ownWrites
                  && entry.accepted().isPresent()
                  && !snapshot.at().isBefore(entry.accepted().get());
          if (!readable && !shows(snapshot, entry.action())) {
            next.put(id, entry);
          }
        });
    return next.size() == entries.size() ? this : new Ledger(next);
  }

  /// What has shown no effect within `deadline`, to be given up.
  public List<InFlight> overdue(Instant now, Duration deadline) {
    return entries.values().stream().filter(e -> !now.isBefore(e.asked().plus(deadline))).toList();
  }

  private static boolean shows(Snapshot snapshot, Action action) {
    var replica = find(snapshot, action);
    return switch (action) {
      case Action.Scale(var service, int replicas, _) ->
          Integer.valueOf(replicas).equals(snapshot.standings().desired().get(service));
      case Action.Start _ -> replica.isPresent();
      case Action.Stop _ -> replica.isEmpty() || replica.get().state() == ReplicaState.STOPPING;
      case Action.Pause _ -> replica.isEmpty() || replica.get().state() == ReplicaState.PAUSED;
      case Action.Resume _ -> replica.isEmpty() || replica.get().state() != ReplicaState.PAUSED;
      case Action.Resize(_, _, var wanted) ->
          replica.isEmpty() || replica.get().resources().equals(wanted);
    };
  }

  private static Optional<Replica> find(Snapshot snapshot, Action action) {
    return action instanceof Action.OfReplica one
        ? snapshot.of(one.service()).find(one.replica())
        : Optional.empty();
  }

  /// The snapshot as it will be once everything in flight is done. A start whose node is not there
  /// any more is left out; of a service with more replicas than were asked for, those that are
  /// likely to go are on their way out.
  public Snapshot intended(Snapshot snapshot, Set<Ability> abilities, Instant now) {
    return Numbers.withoutExcess(intended(snapshot), this, abilities, now);
  }

  private Snapshot intended(Snapshot snapshot) {
    if (entries.isEmpty()) {
      return snapshot;
    }
    var edit = snapshot.edit();
    for (var entry : entries.values()) {
      var replica = find(snapshot, entry.action());
      switch (entry.action()) {
        case Action.Start(var service, var id, var node, var resources) -> {
          if (replica.isEmpty() && snapshot.indexOf(node) >= 0) {
            edit.put(
                Replica.of(id, service, node, ReplicaState.STARTING, resources, entry.asked()));
          }
        }
        case Action.Stop _ -> replica.ifPresent(r -> edit.put(r.stopping()));
        case Action.Pause _ -> replica.ifPresent(r -> edit.put(r.in(ReplicaState.PAUSED)));
        case Action.Resume _ ->
            replica
                .filter(r -> r.state() == ReplicaState.PAUSED)
                .ifPresent(r -> edit.put(r.in(ReplicaState.RUNNING)));
        case Action.Resize(_, _, var resources) ->
            replica.ifPresent(r -> edit.put(r.using(resources)));
        // Who comes is not known before it shows, who goes only where victims are named.
        case Action.Scale(var service, _, var victims) ->
            victims.forEach(
                victim -> snapshot.of(service).find(victim).ifPresent(r -> edit.put(r.stopping())));
      }
    }
    return edit.at(snapshot.at());
  }

  /// The replicas in flight as they are and as they will be, where both are known.
  List<Change> changes(Snapshot snapshot, Snapshot intended) {
    var changes = new ArrayList<Change>();
    for (var entry : entries.values()) {
      changes.add(new Change(find(snapshot, entry.action()), find(intended, entry.action())));
    }
    return changes;
  }

  record Change(Optional<Replica> now, Optional<Replica> then) {}
}
