package io.microscale.orchestrators.kubernetes.room;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The nodes of a cluster, each with what the pods of others leave of it. One changed pod costs a
/// look at its node for the services that mind it.
final class NodesRoom implements PoolRoom {
  private record Seen(PodFacts pod, boolean ours) {}

  /// A node, or a name that pods say they are on.
  private static final class Site {
    private final NodeId id;
    private final Map<String, PodFacts> pods = new LinkedHashMap<>();
    private Resources others = Resources.NONE;
    private Resources ours = Resources.NONE;
    private @Nullable NodeFacts node;

    private Site(String name) {
      this.id = new NodeId(name);
    }

    private boolean isPlace() {
      return node != null || !ours.isZero();
    }

    private void count(Seen seen, Resources holds) {
      if (seen.ours()) {
        ours = ours.plus(holds);
      } else {
        others = others.plus(holds);
      }
    }
  }

  private final CountedResources counted;
  private final Map<String, Site> sites = new TreeMap<>();
  private final Map<String, String> nodeNames = new HashMap<>();
  private final Map<String, Seen> pods = new HashMap<>();
  private final Map<ServiceId, ServiceRules> services = new TreeMap<>();
  private final Map<NodeRules, ServiceRules.Shared> shared = new HashMap<>();

  NodesRoom(CountedResources counted) {
    this.counted = counted;
  }

  @Override
  public boolean putNode(NodeFacts node) {
    var site = site(node.name());
    if (node.equals(site.node)) {
      return false;
    }
    if (site.node != null) {
      nodeNames.remove(site.node.uid());
    }
    site.node = node;
    nodeNames.put(node.uid(), node.name());
    shared.values().forEach(some -> some.judge(node));
    services.values().forEach(service -> service.judge(node, site.pods.values()));
    return true;
  }

  @Override
  public boolean removeNode(String uid) {
    var name = nodeNames.remove(uid);
    if (name == null) {
      return false;
    }
    var site = site(name);
    site.node = null;
    shared.values().forEach(some -> some.forget(site.id));
    services.values().forEach(service -> service.forget(site.id));
    tidy(name, site);
    return true;
  }

  @Override
  public boolean putPod(PodFacts pod, boolean ours) {
    var now = new Seen(pod, ours);
    var last = pods.put(pod.uid(), now);
    if (now.equals(last)) {
      return false;
    }
    boolean left = last != null && count(last, -1);
    boolean came = count(now, 1);
    return left || came;
  }

  @Override
  public boolean removePod(String uid) {
    var last = pods.remove(uid);
    return last != null && count(last, -1);
  }

  /// Counts a pod that came or, with -1, went.
  private boolean count(Seen seen, int sign) {
    var pod = seen.pod();
    if (!pod.isThere()) {
      return false;
    }
    var site = site(pod.node());
    site.count(seen, counted.of(pod.holds()).times(sign));
    if (sign > 0) {
      site.pods.put(pod.uid(), pod);
    } else {
      site.pods.remove(pod.uid());
    }
    // A place that is not the pool's is as large as what the pool has there.
    boolean changed = !seen.ours() || site.node == null;
    for (var service : services.values()) {
      changed |= count(pod, sign, site, service);
    }
    tidy(pod.node(), site);
    return changed;
  }

  private boolean count(PodFacts pod, int sign, Site site, ServiceRules service) {
    if (service.count(pod, sign)) {
      return judgeEverywhere(service);
    }
    var node = site.node;
    return node != null && service.mindsPod(pod) && service.judge(node, site.pods.values());
  }

  private boolean judgeEverywhere(ServiceRules service) {
    boolean changed = false;
    for (var site : sites.values()) {
      if (site.node != null) {
        changed |= service.judge(site.node, site.pods.values());
      }
    }
    return changed;
  }

  @Override
  public boolean putService(ServiceId service, Admission rules) {
    var last = services.get(service);
    if (last != null && last.admission().equals(rules)) {
      return false;
    }
    var now = new ServiceRules(rules, shared.computeIfAbsent(rules.nodes(), this::judged));
    services.put(service, now);
    pods.values().stream()
        .map(Seen::pod)
        .filter(PodFacts::isThere)
        .forEach(pod -> now.count(pod, 1));
    judgeEverywhere(now);
    if (last != null) {
      dropUnused(last.shared());
    }
    return true;
  }

  private ServiceRules.Shared judged(NodeRules rules) {
    var judged = new ServiceRules.Shared(rules);
    for (var site : sites.values()) {
      if (site.node != null) {
        judged.judge(site.node);
      }
    }
    return judged;
  }

  @Override
  public boolean removeService(ServiceId service) {
    var last = services.remove(service);
    if (last == null) {
      return false;
    }
    dropUnused(last.shared());
    return true;
  }

  private void dropUnused(ServiceRules.Shared last) {
    if (services.values().stream().noneMatch(service -> service.shared().equals(last))) {
      shared.remove(last.rules());
    }
  }

  @Override
  public boolean putQuota(Optional<Quota> quota) {
    return false;
  }

  @Override
  public NodeId placeOf(PodFacts pod) {
    return new NodeId(pod.node());
  }

  @Override
  public List<Node> nodes() {
    boolean cordonsMatter = shared.values().stream().noneMatch(s -> s.rules().toleratesCordon());
    var places = new ArrayList<Node>();
    for (var site : sites.values()) {
      if (site.isPlace()) {
        places.add(place(site, cordonsMatter));
      }
    }
    return places;
  }

  private Node place(Site site, boolean cordonsMatter) {
    var node = site.node;
    if (node == null) {
      return new Node(site.id, site.ours, false);
    }
    var left = counted.of(node.allocatable()).minus(site.others).positivePart();
    return new Node(site.id, left, node.ready() && !(node.cordoned() && cordonsMatter));
  }

  @Override
  public Map<ServiceId, Set<NodeId>> barred() {
    var all = new TreeMap<ServiceId, Set<NodeId>>();
    services.forEach(
        (service, rules) -> {
          var nodes = rules.barred();
          if (!nodes.isEmpty()) {
            all.put(service, nodes);
          }
        });
    return all;
  }

  @Override
  public Optional<String> why(ServiceId service, NodeId place) {
    var site = sites.get(place.value());
    if (site == null || site.node == null) {
      return Optional.of("the node is not one of the pool's");
    }
    var rules = services.get(service);
    return rules == null
        ? Optional.empty()
        : rules.admission().refusedBy(site.node, site.pods.values(), rules.isFirst());
  }

  private Site site(String name) {
    return sites.computeIfAbsent(name, Site::new);
  }

  private void tidy(String name, Site site) {
    if (site.node == null && site.pods.isEmpty()) {
      sites.remove(name);
    }
  }
}
