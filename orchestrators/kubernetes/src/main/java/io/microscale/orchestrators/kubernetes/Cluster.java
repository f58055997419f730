package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.orchestrators.kubernetes.room.NodeFacts;
import io.microscale.orchestrators.kubernetes.room.PoolRoom;
import io.microscale.orchestrators.kubernetes.room.Quota;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the watches have told, and the snapshot that it makes, kept up one change at a time. May be
/// used from any thread.
///
/// A pod belongs to the service whose workload controls it, by itself or through others such as the
/// ReplicaSets of a Deployment, those of earlier rollouts included. It counts from the moment it
/// has a node until it is gone or has ended.
final class Cluster {
  private static final Duration STUCK = Duration.ofSeconds(10);

  private final Map<ServiceId, KubernetesWorkload> workloads;
  private final Sizes sizes;
  private final PoolRoom room;

  private final Ownership ownership = new Ownership();
  private final Marks marks = new Marks();
  private final Map<ServiceId, WorkloadView> seen = new TreeMap<>();
  private final Map<String, ServiceId> byWorkload = new HashMap<>();
  private final Map<String, String> failures = new HashMap<>();
  private final Set<String> nodes = new TreeSet<>();
  private final Map<String, PodView> pods = new HashMap<>();
  private final Map<ServiceId, Map<String, PodView>> members = new TreeMap<>();
  private final Map<String, ServiceId> memberOf = new HashMap<>();

  // What is said of services as a whole, and of whom it may not be true any more.
  private final TreeMap<ServiceId, Integer> desired = new TreeMap<>();
  private final TreeMap<ServiceId, String> stuck = new TreeMap<>();
  private final Set<ServiceId> doubtful = new TreeSet<>();

  private Snapshot snapshot = Snapshot.of(Instant.EPOCH, List.of(), List.of());
  private boolean untold;
  private boolean placesChanged = true;
  private @Nullable Map<String, Change> changes; // none: everything has to be made anew

  Cluster(Map<ServiceId, KubernetesWorkload> workloads, Sizes sizes, PoolRoom room) {
    this.workloads = workloads;
    this.sizes = sizes;
    this.room = room;
    workloads.keySet().forEach(id -> members.put(id, new LinkedHashMap<>()));
    doubtful.addAll(workloads.keySet());
  }

  /// What has become of a replica since the snapshot was made.
  private record Change(ServiceId service, ReplicaId id, Optional<Replica> now) {}

  // What watches tell.

  synchronized void putWorkload(ServiceId service, WorkloadView view) {
    var before = seen.put(service, view);
    if (before == null || !before.uid().equals(view.uid())) {
      if (before != null) {
        disown(before.uid());
      }
      byWorkload.put(view.uid(), service);
      resolveBelow(view.uid());
    }
    if (before != null && !before.template().equals(view.template())) {
      // Which container is resized, and whether a pod is paused, goes by the template.
      List.copyOf(membersOf(service).values()).forEach(this::place);
    }
    view.rules().ifPresent(rules -> changedRoom(room.putService(service, rules)));
    if (before == null
        || !before.uid().equals(view.uid())
        || before.replicas() != view.replicas()
        || !before.failure().equals(view.failure())) {
      standingsChanged(service);
    }
  }

  synchronized void removeWorkload(ServiceId service, String uid) {
    var there = seen.get(service);
    if (there != null && there.uid().equals(uid)) {
      seen.remove(service);
      disown(uid);
      changedRoom(room.removeService(service));
      standingsChanged(service);
    }
  }

  private void disown(String workloadUid) {
    byWorkload.remove(workloadUid);
    resolveBelow(workloadUid);
  }

  synchronized Set<String> workloadUids(Collection<ServiceId> of) {
    var uids = new TreeSet<String>();
    for (var service : of) {
      var view = seen.get(service);
      if (view != null) {
        uids.add(view.uid());
      }
    }
    return uids;
  }

  /// Something that stands between a workload and its pods, such as a ReplicaSet.
  ///
  /// @param failure why it cannot make pods; empty if it can
  synchronized void putBetween(String uid, String owner, String failure) {
    if (!failure.equals(failures.getOrDefault(uid, ""))) {
      failures.put(uid, failure);
      failures.remove(uid, "");
      standingsChanged(workloads.keySet());
    }
    if (ownership.put(uid, owner)) {
      resolveBelow(uid);
    }
  }

  synchronized void removeBetween(String uid) {
    ownership.remove(uid);
    resolveBelow(uid);
    if (failures.remove(uid) != null) {
      standingsChanged(workloads.keySet());
    }
  }

  synchronized void putPod(PodView pod) {
    pods.put(pod.uid(), pod);
    ownership.put(pod.uid(), pod.owner());
    place(pod);
  }

  synchronized void removePod(String uid) {
    var pod = pods.remove(uid);
    if (pod != null) {
      ownership.remove(uid);
      marks.forget(uid);
      leave(pod);
      changedRoom(room.removePod(uid));
    }
  }

  synchronized void putNode(NodeFacts node) {
    nodes.add(node.uid());
    changedRoom(room.putNode(node));
  }

  synchronized void removeNode(String uid) {
    nodes.remove(uid);
    changedRoom(room.removeNode(uid));
  }

  synchronized Set<String> nodeUids() {
    return Set.copyOf(nodes);
  }

  /// The quota that is the pool's capacity.
  synchronized void putQuota(Optional<Quota> quota) {
    changedRoom(room.putQuota(quota));
  }

  private void changedRoom(boolean changed) {
    if (changed) {
      untold = true;
      placesChanged = true;
    }
  }

  // What actions need and tell.

  synchronized Optional<WorkloadView> workload(ServiceId service) {
    return Optional.ofNullable(seen.get(service));
  }

  synchronized Optional<PodView> pod(ServiceId service, ReplicaId replica) {
    return membersOf(service).values().stream()
        .filter(pod -> pod.name().equals(replica.value()) && pod.counts())
        .findFirst();
  }

  /// All pods of a service that have not ended, those without a node included.
  synchronized List<PodView> pods(ServiceId service) {
    return membersOf(service).values().stream().filter(pod -> !pod.ended()).toList();
  }

  /// A write was accepted; the watch will tell the same later.
  synchronized void told(ServiceId service, WorkloadView view) {
    seen.computeIfPresent(service, (_, before) -> before.uid().equals(view.uid()) ? view : before);
    standingsChanged(service);
  }

  /// These go, as far as is known: they count as stopping until they are gone, or until it is clear
  /// that others went in their place.
  synchronized void mark(Collection<PodView> victims) {
    for (var victim : victims) {
      marks.add(victim.uid());
      refresh(victim.uid());
    }
  }

  synchronized void unmark(Collection<PodView> spared) {
    for (var pod : spared) {
      if (marks.remove(pod.uid())) {
        refresh(pod.uid());
      }
    }
  }

  synchronized boolean isMarked(PodView pod) {
    return marks.has(pod.uid());
  }

  synchronized OptionalInt deletionCost(PodView pod) {
    return marks.cost(pod);
  }

  synchronized void wroteCost(PodView pod, OptionalInt cost) {
    if (pods.containsKey(pod.uid())) {
      marks.wrote(pod.uid(), cost);
    }
  }

  // The snapshot.

  synchronized Snapshot snapshot(Instant at) {
    if (!marks.isEmpty()) {
      marks.expire(this::settled).forEach(this::refresh);
    }
    var pending = changes;
    var places = placesChanged ? room.nodes() : snapshot.nodes();
    if (pending == null || !isSame(places)) {
      var all = new ArrayList<Replica>();
      members.forEach(
          (service, there) ->
              there.values().forEach(pod -> replica(service, pod).ifPresent(all::add)));
      snapshot = Snapshot.of(at, places, all, standings(at));
    } else {
      var edit = snapshot.edit();
      for (var change : pending.values()) {
        if (change.now().isPresent()) {
          edit.put(change.now().get());
        } else {
          edit.remove(change.service(), change.id());
        }
      }
      if (placesChanged) {
        edit.nodes(places);
      }
      if (placesChanged || !doubtful.isEmpty() || !snapshot.backoffs().isEmpty()) {
        edit.standings(standings(at));
      }
      snapshot = edit.at(at);
    }
    placesChanged = false;
    changes = new LinkedHashMap<>();
    return snapshot;
  }

  /// Whether these are the places of the snapshot, by name.
  private boolean isSame(List<Node> places) {
    return places.size() == snapshot.nodes().size()
        && places.stream().allMatch(place -> snapshot.indexOf(place.id()) >= 0);
  }

  /// Whether the workload of a pod has no more pods than it is to have.
  private boolean settled(String uid) {
    var service = memberOf.get(uid);
    if (service == null) {
      return true;
    }
    var view = seen.get(service);
    long kept =
        membersOf(service).values().stream().filter(p -> !p.ended() && !p.stopping()).count();
    return view == null || kept <= view.replicas();
  }

  private Standings standings(Instant at) {
    doubtful.forEach(this::judge);
    doubtful.clear();
    var backoffs = new TreeMap<ServiceId, Backoff>();
    var until = at.plus(STUCK);
    stuck.forEach((service, why) -> backoffs.put(service, new Backoff(until, why)));
    return new Standings(backoffs, desired, new TreeMap<>(room.barred()));
  }

  private void judge(ServiceId service) {
    desired.remove(service);
    stuck.remove(service);
    var view = seen.get(service);
    var workload = workloads.get(service);
    if (view != null) {
      desired.put(service, view.replicas());
      whyStuck(service, view).ifPresent(why -> stuck.put(service, why));
    } else if (workload != null) {
      // Others would give way to what cannot come.
      stuck.put(service, "there is no " + workload.ref());
    }
  }

  private Optional<String> whyStuck(ServiceId service, WorkloadView view) {
    if (!view.failure().isEmpty()) {
      return Optional.of(view.failure());
    }
    if (!failures.isEmpty()) {
      for (var uid : ownership.below(view.uid())) {
        var failure = failures.getOrDefault(uid, "");
        if (!failure.isEmpty()) {
          return Optional.of(failure);
        }
      }
    }
    return membersOf(service).values().stream()
        .filter(pod -> !pod.waiting().isEmpty() && !pod.stopping() && !pod.ended())
        .map(pod -> "%s: %s".formatted(pod.name(), pod.waiting()))
        .findFirst();
  }

  /// Whether something has changed of the snapshot since this was asked last, whoever looked at it
  /// meanwhile.
  synchronized boolean takeChanged() {
    boolean changed = untold;
    untold = false;
    return changed;
  }

  private void standingsChanged(Collection<ServiceId> of) {
    untold = true;
    doubtful.addAll(of);
  }

  private void standingsChanged(ServiceId service) {
    standingsChanged(List.of(service));
  }

  private Optional<Replica> replica(ServiceId service, PodView pod) {
    var workload = workloads.get(service);
    if (workload == null || !pod.counts()) {
      return Optional.empty();
    }
    return Optional.of(
        sizes.replica(
            service,
            workload.resources(),
            pod,
            Optional.ofNullable(seen.get(service)).flatMap(WorkloadView::template),
            room.placeOf(pod.facts()),
            marks.has(pod.uid())));
  }

  // Whose pods are whose.

  private void resolveBelow(String uid) {
    ownership.below(uid).forEach(this::refresh);
  }

  private void refresh(String podUid) {
    var pod = pods.get(podUid);
    if (pod != null) {
      place(pod);
    }
  }

  /// Puts a pod where it belongs now.
  private void place(PodView pod) {
    var service = ownership.above(pod.uid(), owner -> Optional.ofNullable(byWorkload.get(owner)));
    var former = memberOf.get(pod.uid());
    if (former != null && !service.equals(Optional.of(former))) {
      leave(pod);
    }
    service.ifPresent(
        mine -> {
          memberOf.put(pod.uid(), mine);
          var before = membersOf(mine).put(pod.uid(), pod);
          if (waits(pod) || (before != null && waits(before))) {
            standingsChanged(mine);
          }
          changed(mine, pod, replica(mine, pod));
        });
    changedRoom(room.putPod(pod.facts(), service.isPresent()));
  }

  private void leave(PodView pod) {
    var service = memberOf.remove(pod.uid());
    if (service != null) {
      var before = membersOf(service).remove(pod.uid());
      if (before != null && waits(before)) {
        standingsChanged(service);
      }
      changed(service, pod, Optional.empty());
    }
  }

  private static boolean waits(PodView pod) {
    return !pod.waiting().isEmpty();
  }

  private void changed(ServiceId service, PodView pod, Optional<Replica> now) {
    if (changes == null) {
      untold = true;
      return;
    }
    if (now.isPresent() && snapshot.indexOf(now.get().node()) < 0) {
      untold = true;
      changes = null; // its node is not among those of the snapshot
      placesChanged = true;
      return;
    }
    if (now.isEmpty() && namesake(service, pod)) {
      return; // another pod of that name is there already, in its place
    }
    var id = new ReplicaId(pod.name());
    var key = service + "/" + pod.name();
    if (now.equals(snapshot.of(service).find(id))) {
      changes.remove(key);
    } else {
      untold = true;
      changes.put(key, new Change(service, id, now));
    }
  }

  private boolean namesake(ServiceId service, PodView pod) {
    return membersOf(service).values().stream()
        .anyMatch(
            other ->
                !other.uid().equals(pod.uid())
                    && other.name().equals(pod.name())
                    && other.counts());
  }

  private Map<String, PodView> membersOf(ServiceId service) {
    return members.computeIfAbsent(service, _ -> new LinkedHashMap<>());
  }
}
