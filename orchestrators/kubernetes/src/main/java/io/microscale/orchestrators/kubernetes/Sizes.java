package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What replicas hold in the units in which the pool counts, and whether they are paused.
///
/// A replica is paused when the container that is resized has no more processor than a paused one
/// is to have, though its template asks for more.
final class Sizes {
  private final Set<String> names = new TreeSet<>();
  private final long pausedCpu;
  private final boolean slots;

  /// @param all what the replicas of each service hold; nothing else is counted
  Sizes(Collection<Resources> all, long pausedCpu) {
    all.forEach(resources -> names.addAll(resources.names()));
    this.pausedCpu = pausedCpu;
    this.slots = names.contains(Resources.SLOTS);
  }

  /// What is counted.
  Set<String> names() {
    return Collections.unmodifiableSet(names);
  }

  /// As much of this as the pool counts.
  Resources counted(Resources all) {
    var counted = new TreeMap<String, Long>();
    for (var name : names) {
      long amount = all.get(name);
      if (amount > 0) {
        counted.put(name, amount);
      }
    }
    return Resources.of(counted);
  }

  /// What the container that is resized has at full size, in thousandths of a core.
  long fullCpu(Resources declared, PodView pod, Optional<WorkloadView.Template> template) {
    var main = pod.main(template);
    return template
        .filter(t -> t.main().equals(main.name()))
        .map(WorkloadView.Template::requested)
        .orElse(declared.get(Resources.CPU) - pod.besides(main));
  }

  Replica replica(
      ServiceId service,
      Resources declared,
      PodView pod,
      Optional<WorkloadView.Template> template,
      NodeId place,
      boolean marked) {
    var main = pod.main(template);
    boolean paused =
        main.actual() > 0
            && main.actual() <= pausedCpu
            && fullCpu(declared, pod, template) > pausedCpu;
    var holds = slots ? declared : counted(pod.holds());
    var whilePaused = slots ? declared.heldWhilePaused() : paused ? holds : pausing(pod, main);
    var state = state(pod, marked, paused);
    var uses =
        switch (state) {
          case PAUSED -> declared;
          case STOPPING -> paused ? whilePaused : holds;
          case STARTING, RUNNING -> holds;
        };
    return new Replica(
        new ReplicaId(pod.name()),
        service,
        place,
        state,
        uses,
        Optional.of(whilePaused),
        pod.started(),
        pod.savedAt().filter(saved -> saved.isAfter(pod.started())).orElse(pod.started()),
        pod.idle());
  }

  /// What it would hold if it were paused.
  private Resources pausing(PodView pod, PodView.ContainerView main) {
    var less = new TreeMap<>(counted(pod.holds()).asMap());
    less.computeIfPresent(
        Resources.CPU,
        (_, all) -> Math.min(all, pod.besides(main) + Math.min(pausedCpu, main.requested())));
    return Resources.of(less);
  }

  private static ReplicaState state(PodView pod, boolean marked, boolean paused) {
    if (pod.stopping() || marked) {
      return ReplicaState.STOPPING;
    }
    if (!pod.ready()) {
      return ReplicaState.STARTING;
    }
    return paused ? ReplicaState.PAUSED : ReplicaState.RUNNING;
  }
}
