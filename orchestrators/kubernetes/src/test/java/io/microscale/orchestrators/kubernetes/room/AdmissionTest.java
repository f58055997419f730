package io.microscale.orchestrators.kubernetes.room;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {
  private static final String PLAIN = "{containers: [{name: a}]}";

  private static NodeFacts node(String spec) {
    return NodeFacts.of(
        Manifests.read(
            """
            {metadata: {name: n1, uid: u1, labels: {kubernetes.io/hostname: n1, disk: ssd, generation: '2'}},
             spec: %s, status: {conditions: [{type: Ready, status: 'True'}]}}"""
                .formatted(spec),
            Node.class));
  }

  private static Admission template(String spec) {
    return Admission.of(
        Manifests.read(
            "{metadata: {labels: {app: web}}, spec: %s}".formatted(spec), PodTemplateSpec.class),
        "home");
  }

  private static PodFacts pod(String namespace, String spec) {
    return PodFacts.of(
        Manifests.read(
            """
            {metadata: {name: p, uid: p, namespace: %s, labels: {app: web}}, spec: %s,
             status: {phase: Running}}"""
                .formatted(namespace, spec),
            Pod.class));
  }

  private static String why(String template, String node) {
    return template(template).refusedBy(node(node), List.of(), true).orElse("");
  }

  private static String why(String template, PodFacts there) {
    return template(template).refusedBy(node("{}"), List.of(there), false).orElse("");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} |",
        "{unschedulable: true} | the node is cordoned",
        "{taints: [{key: dedicated, value: db, effect: NoSchedule}]} | taint dedicated=db:NoSchedule is not tolerated",
        "{taints: [{key: gone, effect: NoExecute}]} | taint gone:NoExecute is not tolerated",
        "{taints: [{key: dedicated, value: db, effect: PreferNoSchedule}]} |"
      })
  void aNodeRefusesByItsOwnState(String node, String why) {
    assertThat(why(PLAIN, node)).isEqualTo(why == null ? "" : why);
  }

  @Test
  void aNodeThatIsNotReadyTakesNothing() {
    var silent = NodeFacts.of(Manifests.read("{metadata: {name: n1, uid: u1}}", Node.class));
    assertThat(template(PLAIN).refusedBy(silent, List.of(), true))
        .contains("the node is not ready");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{key: dedicated, value: db} | true",
        "{key: dedicated, value: db, effect: NoSchedule} | true",
        "{key: dedicated, operator: Exists} | true",
        "{operator: Exists} | true",
        "{key: dedicated, value: web} | false",
        "{key: dedicated, value: db, effect: NoExecute} | false",
        "{key: other, operator: Exists} | false",
        "{key: dedicated, operator: Gt, value: '1'} | false"
      })
  void aTaintMayBeTolerated(String toleration, boolean tolerated) {
    var why =
        why(
            "{containers: [{name: a}], tolerations: [%s]}".formatted(toleration),
            "{taints: [{key: dedicated, value: db, effect: NoSchedule}]}");
    assertThat(why.isEmpty()).isEqualTo(tolerated);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nodeName: n1 |",
        "nodeName: n2 | the template names node n2",
        "nodeSelector: {disk: ssd} |",
        "nodeSelector: {disk: hdd} | the node selector asks for disk=hdd"
      })
  void aTemplateChoosesNodes(String choice, String why) {
    assertThat(why("{containers: [{name: a}], %s}".formatted(choice), "{}"))
        .isEqualTo(why == null ? "" : why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[{matchExpressions: [{key: disk, operator: In, values: [hdd, ssd]}]}] | true",
        "[{matchExpressions: [{key: disk, operator: NotIn, values: [ssd]}]}] | false",
        "[{matchExpressions: [{key: gpu, operator: NotIn, values: [ssd]}]}] | true",
        "[{matchExpressions: [{key: gpu, operator: Exists}]}] | false",
        "[{matchExpressions: [{key: gpu, operator: DoesNotExist}]}] | true",
        "[{matchExpressions: [{key: generation, operator: Gt, values: ['1']}]}] | true",
        "[{matchExpressions: [{key: generation, operator: Gt, values: ['2']}]}] | false",
        "[{matchExpressions: [{key: generation, operator: Lt, values: ['3']}]}] | true",
        "[{matchExpressions: [{key: disk, operator: Lt, values: ['3']}]}] | false",
        "[{matchFields: [{key: metadata.name, operator: In, values: [n1]}]}] | true",
        "[{matchFields: [{key: metadata.name, operator: NotIn, values: [n1]}]}] | false",
        "[{}, {matchFields: [{key: metadata.name, operator: In, values: [n1]}]}] | true",
        "[{}] | false"
      })
  void aNodeAffinityNeedsOneTermThatMatches(String terms, boolean matches) {
    var why =
        why(
            """
            {containers: [{name: a}], affinity: {nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: %s}}}}"""
                .formatted(terms),
            "{}");
    assertThat(why.isEmpty()).as(why).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{hostPort: 80} | {hostPort: 80} | true",
        "{hostPort: 80} | {hostPort: 81} | false",
        "{hostPort: 80, protocol: UDP} | {hostPort: 80} | false",
        "{hostPort: 80, hostIP: 10.0.0.1} | {hostPort: 80} | true",
        "{hostPort: 80, hostIP: 10.0.0.1} | {hostPort: 80, hostIP: 0.0.0.0} | true",
        "{hostPort: 80, hostIP: 10.0.0.1} | {hostPort: 80, hostIP: 10.0.0.2} | false",
        "{containerPort: 80} | {hostPort: 80} | false"
      })
  void aPortOfTheNodeIsTakenOnce(String wanted, String taken, boolean conflict) {
    var why =
        why(
            "{containers: [{name: a, ports: [%s]}]}".formatted(wanted),
            pod("home", "{containers: [{name: a, ports: [%s]}]}".formatted(taken)));
    assertThat(!why.isEmpty()).as(why).isEqualTo(conflict);
  }

  @Test
  void onTheHostsNetworkEveryPortIsTheNodes() {
    var spec = "{hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80}]}]}";
    assertThat(why(spec, pod("home", spec))).isEqualTo("port 80/TCP of the node is taken");
  }

  private static String apart(String rest) {
    return """
        {containers: [{name: a}], affinity: {podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {topologyKey: kubernetes.io/hostname, %s}]}}}"""
        .formatted(rest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "labelSelector: {matchLabels: {app: web}} | home | true",
        "labelSelector: {matchLabels: {app: web}} | abroad | false",
        "labelSelector: {matchLabels: {app: web}}, namespaces: [abroad] | abroad | true",
        "labelSelector: {matchLabels: {app: web}}, namespaceSelector: {} | abroad | true",
        "labelSelector: {matchLabels: {app: db}} | home | false",
        "labelSelector: {} | home | true",
        "namespaces: [home] | home | false"
      })
  void antiAffinityKeepsApartBothWays(String term, String namespace, boolean refused) {
    var there = pod(namespace, PLAIN);
    assertThat(!why(apart(term), there).isEmpty()).isEqualTo(refused);
    // Seen from the other side: the pod there has the term, and this template's pods come.
    if (namespace.equals("home")) {
      assertThat(!why(PLAIN, pod("home", apart(term))).isEmpty()).isEqualTo(refused);
    }
  }

  @Test
  void affinityNeedsAPodThereOrNoneAnywhere() {
    var near =
        template(
            """
            {containers: [{name: a}], affinity: {podAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}]}}}""");
    var there = pod("home", PLAIN);
    assertThat(near.refusedBy(node("{}"), List.of(there), false)).isEmpty();
    assertThat(near.refusedBy(node("{}"), List.of(), true)).isEmpty();
    assertThat(near.refusedBy(node("{}"), List.of(), false))
        .contains("the affinity asks for pods with app=web in home");
  }

  @Test
  void whatIsNotLookedAtIsTold() {
    var all =
        template(
            """
            {containers: [{name: a}], schedulerName: own, schedulingGates: [{name: g}],
             volumes: [{name: v, persistentVolumeClaim: {claimName: c}}],
             topologySpreadConstraints: [
               {topologyKey: zone, whenUnsatisfiable: DoNotSchedule},
               {topologyKey: rack, whenUnsatisfiable: ScheduleAnyway}],
             affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [
               {topologyKey: zone, labelSelector: {matchLabels: {app: web}}}]}}}""");
    assertThat(all.undecided())
        .containsExactly(
            "pod anti-affinity by zone",
            "spread over zone",
            "volumes that only some nodes reach",
            "gates that hold its pods back",
            "scheduler own");
  }
}
