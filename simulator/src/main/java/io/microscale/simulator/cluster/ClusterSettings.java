package io.microscale.simulator.cluster;

import io.microscale.core.model.Node;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Ability;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// How a simulated cluster is made and behaves.
///
/// @param services those it knows
/// @param size what a replica uses, where the cluster places them itself (`SCALES`)
/// @param work what starts and stops cost, by service; those left out lose nothing
public record ClusterSettings(
    long seed,
    List<Node> nodes,
    Set<ServiceId> services,
    Resources size,
    Set<Ability> abilities,
    Timing timing,
    Faults faults,
    Map<ServiceId, Work> work) {

  public ClusterSettings {
    nodes = List.copyOf(nodes);
    services = Set.copyOf(services);
    abilities = Set.copyOf(abilities);
    work = Map.copyOf(work);
    if (nodes.isEmpty()) {
      throw new IllegalArgumentException("nodes: need at least one, got none");
    }
    if (timing.isLate() && abilities.contains(Ability.READS_OWN_WRITES)) {
      throw new IllegalArgumentException(
          "abilities: READS_OWN_WRITES needs no effect and report latency, got %s and %s"
              .formatted(timing.effect(), timing.report()));
    }
  }

  /// All abilities, ready 20 ms after a start and gone 10 ms after a stop, no faults.
  public static ClusterSettings reliable(List<Node> nodes, Set<ServiceId> services) {
    return new ClusterSettings(
        1,
        nodes,
        services,
        Resources.slots(1),
        EnumSet.complementOf(EnumSet.of(Ability.SCALES)),
        Timing.of(Latency.ofMillis(20), Latency.ofMillis(10)),
        Faults.NONE,
        Map.of());
  }

  /// All abilities but reading own writes; slow, late, failing and losing replicas.
  public static ClusterSettings faulty(long seed, List<Node> nodes, Set<ServiceId> services) {
    return new ClusterSettings(
        seed,
        nodes,
        services,
        Resources.slots(1),
        EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.READS_OWN_WRITES)),
        Timing.of(Latency.ofMillis(5, 2_000), Latency.ofMillis(5, 1_000))
            .taking(Latency.ofMillis(0, 300))
            .reporting(Latency.ofMillis(0, 500)),
        Faults.ofActions(0.05, 0.05).and(Faults.ofReplicas(0.2)),
        Map.of());
  }

  public ClusterSettings seed(long other) {
    return new ClusterSettings(other, nodes, services, size, abilities, timing, faults, work);
  }

  public ClusterSettings abilities(Set<Ability> only) {
    return new ClusterSettings(seed, nodes, services, size, only, timing, faults, work);
  }

  public ClusterSettings timing(Timing other) {
    return new ClusterSettings(seed, nodes, services, size, abilities, other, faults, work);
  }

  public ClusterSettings faults(Faults other) {
    return new ClusterSettings(seed, nodes, services, size, abilities, timing, other, work);
  }

  /// What starts and stops of one more service cost.
  public ClusterSettings work(ServiceId service, Work costs) {
    var all = new HashMap<>(work);
    all.put(service, costs);
    return new ClusterSettings(seed, nodes, services, size, abilities, timing, faults, all);
  }

  /// Names, places and picks replicas itself, each of this size; pauses and resizes none.
  public ClusterSettings scaling(Resources each) {
    var able = EnumSet.copyOf(scalingByName(each).abilities);
    able.removeAll(Set.of(Ability.PICKS_VICTIMS, Ability.PAUSES, Ability.RESIZES));
    return new ClusterSettings(seed, nodes, services, each, able, timing, faults, work);
  }

  /// Names and places replicas itself, each of this size; ends first whom it is told to.
  public ClusterSettings scalingByName(Resources each) {
    var able = EnumSet.of(Ability.SCALES);
    able.addAll(abilities);
    return new ClusterSettings(seed, nodes, services, each, able, timing, faults, work);
  }

  /// The time between two checkpoints of a service, zero if it makes none.
  Duration checkpointEvery(ServiceId service) {
    return workOf(service).loss() instanceof Work.Loss.SinceCheckpoint(var every)
        ? every
        : Duration.ZERO;
  }

  Work workOf(ServiceId service) {
    return work.getOrDefault(service, Work.FREE);
  }
}
