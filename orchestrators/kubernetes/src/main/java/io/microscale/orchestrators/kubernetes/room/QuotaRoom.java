package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a ResourceQuota leaves to a pool.
///
/// Pods of others count as the quota counts them: from the moment they exist, scheduled or not, if
/// they are in its scopes. Two things differ from the quota's own book-keeping, both to the safe
/// side: a pod that outlives its grace period counts until it is gone, and `status.used` is not
/// used, which follows late when pods go.
final class QuotaRoom implements PoolRoom {
  /// Of what a quota does not limit: a pebibyte, or a trillion cores.
  private static final long NO_END = 1L << 50;

  private record Seen(PodFacts pod, boolean ours) {}

  private final NodeId place;
  private final CountedResources counted;
  private final Map<String, Seen> pods = new HashMap<>();
  private @Nullable Quota quota;
  private Resources others = Resources.NONE;
  private Resources ours = Resources.NONE;
  private long ended;

  QuotaRoom(NodeId place, CountedResources counted) {
    this.place = place;
    this.counted = counted;
  }

  @Override
  public boolean putNode(NodeFacts node) {
    return false;
  }

  @Override
  public boolean removeNode(String uid) {
    return false;
  }

  @Override
  public boolean putPod(PodFacts pod, boolean mine) {
    var now = new Seen(pod, mine);
    return changed(pods.put(pod.uid(), now), now);
  }

  @Override
  public boolean removePod(String uid) {
    return changed(pods.remove(uid), null);
  }

  private boolean changed(@Nullable Seen before, @Nullable Seen now) {
    var last = nodes();
    count(before, -1);
    count(now, 1);
    return !last.equals(nodes());
  }

  private void count(@Nullable Seen seen, int sign) {
    if (seen == null) {
      return;
    }
    var holds = counted.of(seen.pod().holds()).times(sign);
    boolean has = quota != null && quota.counts(seen.pod());
    if (seen.ours()) {
      ours = seen.pod().isThere() ? ours.plus(holds) : ours;
    } else if (has) {
      others = others.plus(holds);
    }
    if (has && seen.pod().holds().isZero()) {
      ended += sign;
    }
  }

  @Override
  public boolean putService(ServiceId service, Admission rules) {
    return false;
  }

  @Override
  public boolean removeService(ServiceId service) {
    return false;
  }

  @Override
  public boolean putQuota(Optional<Quota> now) {
    if (now.equals(Optional.ofNullable(quota))) {
      return false;
    }
    quota = now.orElse(null);
    others = Resources.NONE;
    ours = Resources.NONE;
    ended = 0;
    pods.values().forEach(seen -> count(seen, 1));
    return true;
  }

  @Override
  public NodeId placeOf(PodFacts pod) {
    return place;
  }

  @Override
  public List<Node> nodes() {
    if (quota == null) {
      return List.of(new Node(place, ours.positivePart(), false));
    }
    var hard = counted.of(quota.hard());
    var limits = counted.each(NO_END);
    for (var name : quota.hard().names()) {
      limits = limits.cappedBy(Resources.of(Map.of(name, hard.get(name))));
    }
    if (quota.objects().isPresent()) {
      long more = Math.max(0, quota.objects().getAsLong() - ended);
      limits = limits.cappedBy(Resources.of(Map.of(PodRequests.PODS, more)));
    }
    return List.of(new Node(place, limits.minus(others).positivePart(), true));
  }

  @Override
  public Map<ServiceId, Set<NodeId>> barred() {
    return Map.of();
  }

  @Override
  public Optional<String> why(ServiceId service, NodeId there) {
    return quota == null && there.equals(place)
        ? Optional.of("the quota is not known")
        : Optional.empty();
  }
}
