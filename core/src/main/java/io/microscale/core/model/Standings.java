package io.microscale.core.model;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What an orchestrator says of services as a whole.
///
/// @param backoffs services that start nothing for now, and why
/// @param desired how many replicas it was told last that each service is to have; only of an
///   orchestrator that scales. More than there are while some wait for room
/// @param barred nodes on which a service cannot run, for instance by its placement constraints;
///   they need not be in the snapshot. Services that can run everywhere are left out
public record Standings(
    SortedMap<ServiceId, Backoff> backoffs,
    SortedMap<ServiceId, Integer> desired,
    SortedMap<ServiceId, Set<NodeId>> barred) {
  public static final Standings NONE = new Standings(Map.of(), Map.of(), Map.of());

  public Standings {
    backoffs = Collections.unmodifiableSortedMap(new TreeMap<>(backoffs));
    desired = Collections.unmodifiableSortedMap(new TreeMap<>(desired));
    var copy = new TreeMap<ServiceId, Set<NodeId>>();
    barred.forEach((service, nodes) -> copy.put(service, Set.copyOf(nodes)));
    barred = Collections.unmodifiableSortedMap(copy);
  }

  public Standings(
      Map<ServiceId, Backoff> backoffs,
      Map<ServiceId, Integer> desired,
      Map<ServiceId, Set<NodeId>> barred) {
    this(new TreeMap<>(backoffs), new TreeMap<>(desired), new TreeMap<>(barred));
  }

  public static Standings of(Map<ServiceId, Backoff> backoffs) {
    return new Standings(backoffs, Map.of(), Map.of());
  }

  public Standings backoffs(Map<ServiceId, Backoff> all) {
    return new Standings(all, desired, barred);
  }
}
