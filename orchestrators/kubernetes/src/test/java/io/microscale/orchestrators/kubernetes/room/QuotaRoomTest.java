package io.microscale.orchestrators.kubernetes.room;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaRoomTest {
  private final PoolRoom room = PoolRoom.ofQuota("pool", Set.of("cpu", "pods"));

  private static Quota quota(String spec) {
    return Quota.of(
        Manifests.read(
            "{metadata: {name: q, namespace: home}, spec: %s}".formatted(spec),
            ResourceQuota.class));
  }

  private static PodFacts pod(String uid, String namespace, String cpu, String rest) {
    return PodFacts.of(
        Manifests.read(
            """
            {metadata: {name: %s, uid: %s, namespace: %s}, status: {phase: Running},
             spec: {containers: [{name: a, resources: {requests: {cpu: %s}}}] %s}}"""
                .formatted(uid, uid, namespace, cpu, rest),
            Pod.class));
  }

  private Resources left() {
    assertThat(room.nodes()).hasSize(1);
    return room.nodes().getFirst().capacity();
  }

  @Test
  void itLeavesWhatOthersDoNotUseScheduledOrNot() {
    room.putQuota(Optional.of(quota("{hard: {requests.cpu: '2', cpu: '3', pods: '5'}}")));
    room.putPod(pod("others", "home", "300m", ""), false);
    room.putPod(pod("ours", "home", "500m", ", nodeName: n1"), true);
    room.putPod(pod("elsewhere", "abroad", "700m", ", nodeName: n1"), false);
    assertThat(left()).isEqualTo(Resources.of(Map.of("cpu", 1700L, "pods", 4L)));
    room.removePod("others");
    assertThat(left()).isEqualTo(Resources.of(Map.of("cpu", 2000L, "pods", 5L)));
  }

  @Test
  void ofWhatItDoesNotLimitThereIsNoEnd() {
    room.putQuota(Optional.of(quota("{hard: {pods: '5', limits.cpu: '1'}}")));
    assertThat(left().get("cpu")).isGreaterThan(1_000_000_000L);
    assertThat(quota("{hard: {pods: '5', limits.cpu: '1'}}").uncounted())
        .containsExactly("limits.cpu");
  }

  @Test
  void endedPodsAreObjectsStill() {
    room.putQuota(Optional.of(quota("{hard: {pods: '9', count/pods: '5'}}")));
    var ended =
        new PodFacts(
            "e",
            "home",
            "n1",
            Resources.NONE,
            Map.of(),
            List.of(),
            List.of(),
            new Scopes("", false, false, false));
    room.putPod(ended, true);
    assertThat(left().get("pods")).isEqualTo(4);
  }

  @Test
  void withoutItNothingIsStarted() {
    room.putPod(pod("ours", "home", "500m", ", nodeName: n1"), true);
    var place = room.nodes().getFirst();
    assertThat(place.schedulable()).isFalse();
    assertThat(place.capacity().get("cpu")).isEqualTo(500);
    assertThat(room.why(new ServiceId("web"), new NodeId("pool")))
        .contains("the quota is not known");
    assertThat(room.putQuota(Optional.of(quota("{hard: {cpu: '1'}}")))).isTrue();
    assertThat(room.putQuota(Optional.of(quota("{hard: {cpu: '1'}}")))).isFalse();
    assertThat(room.nodes().getFirst().schedulable()).isTrue();
    assertThat(room.putQuota(Optional.empty())).isTrue();
    assertThat(room.nodes()).containsExactly(place);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scopes: [NotTerminating] | '' | true",
        "scopes: [Terminating] | '' | false",
        "scopes: [Terminating] | , activeDeadlineSeconds: 9 | true",
        "scopes: [NotBestEffort] | '' | true",
        "scopes: [BestEffort] | '' | false",
        "scopes: [PriorityClass] | '' | false",
        "scopes: [PriorityClass] | , priorityClassName: high | true",
        "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]} | , priorityClassName: high | true",
        "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [high]}]} | , priorityClassName: low | false",
        "scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: NotIn, values: [high]}]} | '' | true",
        "scopes: [CrossNamespacePodAffinity] | '' | false",
        "scopes: [NotTerminating, BestEffort] | '' | false"
      })
  void itCountsThePodsInItsScopes(String scopes, String pod, boolean counted) {
    room.putQuota(Optional.of(quota("{hard: {cpu: '2'}, %s}".formatted(scopes))));
    room.putPod(pod("others", "home", "300m", pod), false);
    assertThat(left().get("cpu")).isEqualTo(counted ? 1700 : 2000);
  }
}
