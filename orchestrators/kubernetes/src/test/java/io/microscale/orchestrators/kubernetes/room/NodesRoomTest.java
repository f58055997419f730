package io.microscale.orchestrators.kubernetes.room;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NodesRoomTest {
  private static final Set<String> COUNTED = Set.of("cpu", "memory", "pods");
  private static final ServiceId WEB = new ServiceId("web");

  private static NodeFacts node(String name, long cpu, boolean cordoned) {
    return new NodeFacts(
        "uid-" + name,
        name,
        Map.of("kubernetes.io/hostname", name),
        Resources.of(Map.of("cpu", cpu, "hugepages-2Mi", 1L)),
        true,
        cordoned,
        List.of());
  }

  private static PodFacts pod(String uid, String node, long cpu) {
    return new PodFacts(
        uid,
        "home",
        node,
        Resources.of(Map.of("cpu", cpu)),
        Map.of(),
        List.of(),
        List.of(),
        new Scopes("", false, false, false));
  }

  private static Node place(String name, long cpu, boolean schedulable) {
    return new Node(new NodeId(name), Resources.of(Map.of("cpu", cpu)), schedulable);
  }

  @Test
  void aNodeHasWhatOthersLeaveAndNeverLessThanNothing() {
    var room = PoolRoom.ofNodes(COUNTED);
    room.putNode(node("n1", 1000, false));
    room.putNode(node("n2", 1000, true));
    assertThat(room.putPod(pod("others", "n1", 300), false)).isTrue();
    assertThat(room.putPod(pod("ours", "n1", 500), true)).isFalse();
    room.putPod(pod("much", "n2", 1200), false);
    assertThat(room.nodes()).containsExactly(place("n1", 700, true), place("n2", 0, false));
    assertThat(room.removePod("others")).isTrue();
    assertThat(room.nodes()).contains(place("n1", 1000, true));
  }

  @Test
  void whatIsToldTwiceIsNoChange() {
    var room = PoolRoom.ofNodes(COUNTED);
    assertThat(room.putNode(node("n1", 1000, false))).isTrue();
    assertThat(room.putNode(node("n1", 1000, false))).isFalse();
    room.putPod(pod("a", "n1", 300), false);
    assertThat(room.putPod(pod("a", "n1", 300), false)).isFalse();
    assertThat(room.removePod("b")).isFalse();
    assertThat(room.removeNode("uid-n2")).isFalse();
  }

  @Test
  void aNodeThatIsGoneStaysWhileThePoolHasReplicasThere() {
    var room = PoolRoom.ofNodes(COUNTED);
    room.putNode(node("n1", 1000, false));
    room.putPod(pod("ours", "n1", 500), true);
    room.putPod(pod("others", "n1", 300), false);
    room.removeNode("uid-n1");
    assertThat(room.nodes()).containsExactly(place("n1", 500, false));
    assertThat(room.why(WEB, new NodeId("n1"))).contains("the node is not one of the pool's");
    room.removePod("ours");
    assertThat(room.nodes()).isEmpty();
  }

  /// Whatever came before, it says what it would say had it been told only what is true now.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void oneChangeAtATimeIsAsGoodAsAll(long seed) {
    var random = new SplittableRandom(seed);
    var objects = new RandomObjects(random, "");
    var room = PoolRoom.ofNodes(COUNTED);
    var nodes = new TreeMap<String, NodeFacts>();
    var pods = new TreeMap<String, PodFacts>();
    var services = new TreeMap<ServiceId, Admission>();
    for (int step = 0; step < 400; step++) {
      var name = "n" + random.nextInt(6);
      var service = new ServiceId("s" + random.nextInt(5));
      var before = List.of(room.nodes(), new TreeMap<>(room.barred()));
      boolean changed =
          switch (random.nextInt(10)) {
            case 0, 1 -> {
              nodes.put(name, NodeFacts.of(objects.node(name)));
              yield room.putNode(nodes.get(name));
            }
            case 2 -> {
              nodes.remove(name);
              yield room.removeNode(name);
            }
            case 3 -> {
              var namespace = objects.namespace();
              services.put(service, Admission.of(objects.template(namespace), namespace));
              yield room.putService(service, services.get(service));
            }
            case 4 -> {
              boolean remove = random.nextInt(3) == 0;
              if (remove) {
                services.remove(service);
              }
              yield remove && room.removeService(service);
            }
            case 5 -> {
              var uid = uid(random);
              pods.remove(uid);
              yield room.removePod(uid);
            }
            default -> {
              var uid = uid(random);
              pods.put(uid, PodFacts.of(objects.pod(uid, random.nextInt(9) == 0 ? "" : name)));
              yield room.putPod(pods.get(uid), isOurs(uid));
            }
          };
      var now = List.of(room.nodes(), new TreeMap<>(room.barred()));
      assertThat(now).as("seed %d, step %d", seed, step).isEqualTo(afresh(nodes, pods, services));
      if (!changed) {
        assertThat(now).as("seed %d, step %d: no change", seed, step).isEqualTo(before);
      }
      agreesOnReasons(room, services.keySet(), nodes.keySet());
    }
  }

  private static String uid(SplittableRandom random) {
    return (random.nextBoolean() ? "ours-" : "others-") + random.nextInt(12);
  }

  private static boolean isOurs(String uid) {
    return uid.startsWith("ours");
  }

  private static List<Object> afresh(
      Map<String, NodeFacts> nodes,
      Map<String, PodFacts> pods,
      Map<ServiceId, Admission> services) {
    var room = PoolRoom.ofNodes(COUNTED);
    pods.forEach((uid, pod) -> room.putPod(pod, isOurs(uid)));
    services.forEach(room::putService);
    nodes.values().forEach(room::putNode);
    return List.of(room.nodes(), new TreeMap<>(room.barred()));
  }

  private static void agreesOnReasons(PoolRoom room, Set<ServiceId> services, Set<String> nodes) {
    for (var service : services) {
      var refused = new TreeSet<NodeId>();
      for (var name : nodes) {
        var node = new NodeId(name);
        if (room.why(service, node).isPresent()) {
          refused.add(node);
        }
      }
      assertThat(new ArrayList<>(refused))
          .isEqualTo(List.copyOf(new TreeSet<>(room.barred().getOrDefault(service, Set.of()))));
    }
  }

  @Test
  void aCordonMattersWhereNobodyToleratesIt() {
    var room = PoolRoom.ofNodes(COUNTED);
    room.putNode(node("n1", 1000, true));
    assertThat(room.nodes()).containsExactly(place("n1", 1000, false));
    var objects = new RandomObjects(new SplittableRandom(1), "");
    var patient = objects.bareTemplate("one");
    patient.getSpec().setTolerations(objects.pod("a", "").getSpec().getTolerations());
    room.putService(WEB, Admission.of(patient, "one"));
    assertThat(room.nodes()).containsExactly(place("n1", 1000, true));
  }
}
