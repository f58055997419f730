package io.microscale.orchestrators.kubernetes;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What the watches have told, and the snapshot that it makes, kept up one change at a time. May be
/// used from any thread.
///
/// A pod belongs to the service whose workload owns it, by itself or through a ReplicaSet, those of
/// earlier rollouts included. It counts from the moment it has a node until it is gone or has
/// ended.
final class Cluster {
  private static final Duration MARK = Duration.ofSeconds(10);
  private static final Duration STUCK = Duration.ofSeconds(10);

  private final Map<ServiceId, KubernetesWorkload> workloads;
  private final Sizes sizes;
  private final Room room;

  private final Map<ServiceId, WorkloadView> seen = new TreeMap<>();
  private final Map<String, ServiceId> byWorkload = new HashMap<>();
  private final Map<String, String> replicaSetOwners = new HashMap<>();
  private final Map<String, Set<String>> replicaSetsOf = new HashMap<>();
  private final Map<String, String> replicaSetFailures = new HashMap<>();
  private final Map<String, PodView> pods = new HashMap<>();
  private final Map<String, Set<String>> podsOf = new HashMap<>();
  private final Map<ServiceId, Map<String, PodView>> members = new TreeMap<>();
  private final Map<String, ServiceId> memberOf = new HashMap<>();
  private final Map<String, Long> marked = new HashMap<>();

  private Snapshot snapshot = Snapshot.of(Instant.EPOCH, List.of(), List.of());
  private @Nullable Edits edits; // empty: everything has to be made anew

  Cluster(Map<ServiceId, KubernetesWorkload> workloads, Sizes sizes, Room room) {
    this.workloads = workloads;
    this.sizes = sizes;
    this.room = room;
    workloads.keySet().forEach(id -> members.put(id, new LinkedHashMap<>()));
  }

  /// What has changed of the snapshot since it was made.
  private static final class Edits {
    private final Map<String, Change> replicas = new LinkedHashMap<>();
    private boolean standings;

    private record Change(ServiceId service, ReplicaId id, Optional<Replica> now) {}
  }

  // What watches tell.

  synchronized void putWorkload(ServiceId service, WorkloadView view) {
    var before = seen.put(service, view);
    if (before == null || !before.uid().equals(view.uid())) {
      if (before != null) {
        disown(before.uid());
      }
      byWorkload.put(view.uid(), service);
      resolve(view.uid());
    }
    standingsChanged();
  }

  synchronized void removeWorkload(ServiceId service, String uid) {
    var there = seen.get(service);
    if (there != null && there.uid().equals(uid)) {
      seen.remove(service);
      disown(uid);
      standingsChanged();
    }
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

  synchronized void putReplicaSet(String uid, String owner, String failure) {
    var before = replicaSetOwners.put(uid, owner);
    if (before != null && !before.equals(owner)) {
      drop(replicaSetsOf, before, uid);
    }
    replicaSetsOf.computeIfAbsent(owner, _ -> new TreeSet<>()).add(uid);
    if (!failure.equals(replicaSetFailures.getOrDefault(uid, ""))) {
      replicaSetFailures.put(uid, failure);
      standingsChanged();
    }
    if (before == null || !before.equals(owner)) {
      resolvePods(uid);
    }
  }

  synchronized void removeReplicaSet(String uid) {
    var owner = replicaSetOwners.remove(uid);
    replicaSetFailures.remove(uid);
    if (owner != null) {
      drop(replicaSetsOf, owner, uid);
      resolvePods(uid);
      standingsChanged();
    }
  }

  synchronized Set<String> replicaSetUids() {
    return Set.copyOf(replicaSetOwners.keySet());
  }

  synchronized void putPod(PodView pod) {
    var before = pods.put(pod.uid(), pod);
    if (before == null) {
      podsOf.computeIfAbsent(pod.owner(), _ -> new TreeSet<>()).add(pod.uid());
    } else if (!before.owner().equals(pod.owner())) {
      drop(podsOf, before.owner(), pod.uid());
      podsOf.computeIfAbsent(pod.owner(), _ -> new TreeSet<>()).add(pod.uid());
    }
    place(before, pod);
  }

  synchronized void removePod(String uid) {
    var before = pods.remove(uid);
    marked.remove(uid);
    if (before != null) {
      drop(podsOf, before.owner(), uid);
      place(before, null);
    }
  }

  synchronized Set<String> podUids() {
    return Set.copyOf(pods.keySet());
  }

  synchronized void putNode(NodeView node) {
    if (room.put(node)) {
      edits = null;
    }
  }

  synchronized void removeNode(String uid) {
    if (room.remove(uid)) {
      edits = null;
    }
  }

  synchronized Set<String> nodeUids() {
    return room.nodeUids();
  }

  // What actions need and tell.

  synchronized Optional<WorkloadView> workload(ServiceId service) {
    return Optional.ofNullable(seen.get(service));
  }

  synchronized Optional<PodView> pod(ServiceId service, ReplicaId replica) {
    return membersOf(service).values().stream()
        .filter(pod -> pod.name().equals(replica.value()) && counts(pod))
        .findFirst();
  }

  synchronized List<PodView> pods(ServiceId service) {
    return membersOf(service).values().stream().filter(this::counts).toList();
  }

  /// A write was accepted; the watch will tell the same later.
  synchronized void told(ServiceId service, WorkloadView view) {
    seen.computeIfPresent(service, (_, before) -> before.uid().equals(view.uid()) ? view : before);
    standingsChanged();
  }

  /// These go, as far as is known: they count as stopping until they are gone, or until it is clear
  /// that others went in their place.
  synchronized void mark(Collection<PodView> victims) {
    for (var victim : victims) {
      marked.put(victim.uid(), System.nanoTime());
      refresh(victim.uid());
    }
  }

  synchronized void unmark(Collection<PodView> spared) {
    for (var pod : spared) {
      if (marked.remove(pod.uid()) != null) {
        refresh(pod.uid());
      }
    }
  }

  // The snapshot.

  synchronized Snapshot snapshot(Instant at) {
    expireMarks();
    var pending = edits;
    if (pending == null) {
      var all = new ArrayList<Replica>();
      members.forEach(
          (service, there) ->
              there.values().forEach(pod -> replica(service, pod).ifPresent(all::add)));
      snapshot = Snapshot.of(at, room.nodes(all), all, standings(at));
    } else {
      var edit = snapshot.edit();
      for (var change : pending.replicas.values()) {
        if (change.now().isPresent()) {
          edit.put(change.now().get());
        } else {
          edit.remove(change.service(), change.id());
        }
      }
      if (pending.standings || !snapshot.backoffs().isEmpty()) {
        edit.standings(standings(at));
      }
      snapshot = edit.at(at);
    }
    edits = new Edits();
    return snapshot;
  }

  private void expireMarks() {
    if (!marked.isEmpty()) {
      long now = System.nanoTime();
      for (var uid : List.copyOf(marked.keySet())) {
        if (now - marked.getOrDefault(uid, now) > MARK.toNanos()) {
          marked.remove(uid);
          refresh(uid);
        }
      }
    }
  }

  private Standings standings(Instant at) {
    var backoffs = new TreeMap<ServiceId, Backoff>();
    var desired = new TreeMap<ServiceId, Integer>();
    seen.forEach(
        (service, view) -> {
          desired.put(service, view.replicas());
          var why = whyStuck(service, view);
          if (!why.isEmpty()) {
            backoffs.put(service, new Backoff(at.plus(STUCK), why));
          }
        });
    return new Standings(backoffs, desired, new TreeMap<>(room.barred()));
  }

  private String whyStuck(ServiceId service, WorkloadView view) {
    if (!view.failure().isEmpty()) {
      return view.failure();
    }
    for (var replicaSet : replicaSetsOf.getOrDefault(view.uid(), Set.of())) {
      var failure = replicaSetFailures.getOrDefault(replicaSet, "");
      if (!failure.isEmpty()) {
        return failure;
      }
    }
    for (var pod : membersOf(service).values()) {
      if (!pod.waiting().isEmpty() && !pod.stopping() && !pod.ended()) {
        return "%s: %s".formatted(pod.name(), pod.waiting());
      }
    }
    return "";
  }

  private void standingsChanged() {
    if (edits != null) {
      edits.standings = true;
    }
  }

  private Optional<Replica> replica(ServiceId service, PodView pod) {
    if (!counts(pod)) {
      return Optional.empty();
    }
    var workload = workloads.get(service);
    if (workload == null) {
      return Optional.empty();
    }
    return Optional.of(
        sizes.replica(
            service,
            workload.resources(),
            pod,
            Optional.ofNullable(seen.get(service)).flatMap(WorkloadView::template),
            room.placeOf(pod),
            marked.containsKey(pod.uid())));
  }

  private boolean counts(PodView pod) {
    return !pod.node().isEmpty() && !pod.ended();
  }

  // Whose pods are whose.

  private Optional<ServiceId> serviceOf(PodView pod) {
    var direct = byWorkload.get(pod.owner());
    if (direct != null) {
      return Optional.of(direct);
    }
    var above = replicaSetOwners.get(pod.owner());
    return above == null ? Optional.empty() : Optional.ofNullable(byWorkload.get(above));
  }

  private void disown(String workloadUid) {
    byWorkload.remove(workloadUid);
    resolve(workloadUid);
  }

  private void resolve(String owner) {
    resolvePods(owner);
    for (var replicaSet : List.copyOf(replicaSetsOf.getOrDefault(owner, Set.of()))) {
      resolvePods(replicaSet);
    }
  }

  private void resolvePods(String owner) {
    for (var uid : List.copyOf(podsOf.getOrDefault(owner, Set.of()))) {
      var pod = pods.get(uid);
      if (pod != null) {
        place(pod, pod);
      }
    }
  }

  /// Puts a pod where it belongs now.
  private void place(@Nullable PodView before, @Nullable PodView now) {
    var pod = now == null ? before : now;
    if (pod == null) {
      return;
    }
    var service = now == null ? Optional.<ServiceId>empty() : serviceOf(now);
    var former = memberOf.get(pod.uid());
    if (former != null && !service.equals(Optional.of(former))) {
      memberOf.remove(pod.uid());
      var last = membersOf(former).remove(pod.uid());
      changed(former, last, null);
    }
    if (service.isPresent() && now != null) {
      memberOf.put(now.uid(), service.get());
      var last = membersOf(service.get()).put(now.uid(), now);
      changed(service.get(), last, now);
    }
    boolean foreign = service.isEmpty() && now != null && counts(now);
    if (room.foreign(pod.uid(), foreign ? Optional.of(pod) : Optional.empty())) {
      edits = null;
    }
  }

  private void changed(ServiceId service, @Nullable PodView last, @Nullable PodView now) {
    boolean waited = last != null && !last.waiting().isEmpty();
    if (waited || (now != null && !now.waiting().isEmpty())) {
      standingsChanged();
    }
    var pod = now == null ? last : now;
    if (pod == null || edits == null) {
      return;
    }
    var replica = now == null ? Optional.<Replica>empty() : replica(service, now);
    if (replica.isPresent() && snapshot.indexOf(replica.get().node()) < 0) {
      edits = null; // its node is not among those of the snapshot
      return;
    }
    var id = new ReplicaId(pod.name());
    if (replica.isEmpty() && namesake(service, pod)) {
      return; // a pod of that name is there already, in its place
    }
    edits.replicas.put(service + "/" + pod.name(), new Edits.Change(service, id, replica));
  }

  private boolean namesake(ServiceId service, PodView pod) {
    return membersOf(service).values().stream()
        .anyMatch(
            other ->
                !other.uid().equals(pod.uid()) && other.name().equals(pod.name()) && counts(other));
  }

  private void refresh(String uid) {
    var pod = pods.get(uid);
    if (pod != null) {
      place(pod, pod);
    }
  }

  private Map<String, PodView> membersOf(ServiceId service) {
    return members.computeIfAbsent(service, _ -> new LinkedHashMap<>());
  }

  private static void drop(Map<String, Set<String>> index, String key, String uid) {
    var there = index.get(key);
    if (there != null && there.remove(uid) && there.isEmpty()) {
      index.remove(key);
    }
  }
}
