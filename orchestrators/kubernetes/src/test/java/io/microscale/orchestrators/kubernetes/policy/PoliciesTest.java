package io.microscale.orchestrators.kubernetes.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.scheduling.v1.PriorityClass;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoliciesTest {
  private static final Target WEB = Target.of("apps/v1", "Deployment", "home", "web");

  private static <T> T read(String yaml, Class<T> type) {
    return Serialization.unmarshal("---\n" + yaml, type);
  }

  private static HorizontalPodAutoscaler autoscaler(String owners) {
    return read(
        """
        {metadata: {name: hpa, namespace: home, ownerReferences: [%s]},
         spec: {scaleTargetRef: {apiVersion: apps/v1beta9, kind: Deployment, name: web}}}"""
            .formatted(owners),
        HorizontalPodAutoscaler.class);
  }

  private static GenericKubernetesResource scaledObject(String annotations) {
    return read(
        """
        {apiVersion: keda.sh/v1alpha1, kind: ScaledObject,
         metadata: {name: so, namespace: home, annotations: {%s}},
         spec: {scaleTargetRef: {name: web}}}"""
            .formatted(annotations),
        GenericKubernetesResource.class);
  }

  @Test
  void anAutoscalerOwnsWhatItNamesInAnyVersion() {
    var owners = Owners.of(List.of(autoscaler("")), List.of());
    assertThat(owners.of(WEB, List.of()).orElseThrow()).hasToString("HorizontalPodAutoscaler hpa");
    assertThat(owners.of(Target.of("apps/v1", "Deployment", "abroad", "web"), List.of())).isEmpty();
    assertThat(owners.of(Target.of("apps/v1", "StatefulSet", "home", "web"), List.of())).isEmpty();
  }

  @Test
  void theAutoscalerThatKedaMadeGoesByTheScaledObject() {
    var made = autoscaler("{kind: ScaledObject, name: so, controller: true}");
    assertThat(Owners.of(List.of(made), List.of()).of(WEB, List.of()).orElseThrow())
        .hasToString("ScaledObject so");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | true",
        "autoscaling.keda.sh/paused: 'true' | false",
        "autoscaling.keda.sh/paused: 'false' | true",
        "autoscaling.keda.sh/paused: 'true', autoscaling.keda.sh/paused-replicas: '3' | true"
      })
  void aScaledObjectOwnsUnlessItIsPausedWhereItStands(String annotations, boolean owns) {
    var quoted = annotations.replaceAll(": ([a-z0-9]+)", ": '$1'");
    var owners = Owners.of(List.of(), List.of(scaledObject(quoted)));
    assertThat(owners.of(WEB, List.of()).isPresent()).isEqualTo(owns);
  }

  @Test
  void aControllerOwnsItsParts() {
    var part =
        new OwnerReferenceBuilder().withKind("Shop").withName("s").withController(true).build();
    var other = new OwnerReferenceBuilder().withKind("Folder").withName("f").build();
    var nobody = Owners.of(List.of(), List.of());
    assertThat(nobody.of(WEB, List.of(other, part)).orElseThrow()).hasToString("Shop s");
    assertThat(nobody.of(WEB, List.of(other))).isEmpty();
  }

  @Test
  void aTemplateHasThePriorityOfItsClassOrTheDefault() {
    var classes =
        PriorityClasses.of(
            List.of(
                read("{metadata: {name: high}, value: 900}", PriorityClass.class),
                read(
                    "{metadata: {name: usual}, value: 7, globalDefault: true}",
                    PriorityClass.class)));
    assertThat(classes.valueFor(read("{priorityClassName: high}", PodSpec.class)))
        .isEqualTo(Optional.of(900));
    assertThat(classes.valueFor(read("{containers: []}", PodSpec.class))).isEqualTo(Optional.of(7));
    assertThat(classes.valueFor(read("{priorityClassName: none}", PodSpec.class))).isEmpty();
  }

  @Test
  void contradictingPrioritiesAreTold() {
    assertThat(
            PriorityClasses.contradictions(
                List.of(
                    new PriorityClasses.Ranked("batch", 10, 5),
                    new PriorityClasses.Ranked("web", 100, 3),
                    new PriorityClasses.Ranked("db", 200, 5),
                    new PriorityClasses.Ranked("peer", 100, 9))))
        .containsExactly(
            "pods of db have priority 5 and those of peer have 9: the scheduler may end the former"
                + " for the latter, though db has the higher priority in the pool",
            "pods of web have priority 3 and those of batch have 5: the scheduler may end the former"
                + " for the latter, though web has the higher priority in the pool");
  }

  @ParameterizedTest
  @CsvSource({
    "minAvailable: 3, 2, 10, true", "minAvailable: 3, 3, 10, false",
    "minAvailable: 25%, 2, 10, true", "minAvailable: 20%, 2, 10, false",
    "maxUnavailable: 1, 8, 10, true", "maxUnavailable: 1, 9, 10, false"
  })
  void aBudgetAboveTheMinimumIsTold(String rule, int least, int most, boolean told) {
    var budget =
        read(
            "{metadata: {name: pdb}, spec: {%s, selector: {matchLabels: {app: web}}}}"
                .formatted(rule),
            PodDisruptionBudget.class);
    assertThat(DisruptionBudgets.warnings(List.of(budget), Map.of("app", "web"), least, most))
        .hasSize(told ? 1 : 0);
    assertThat(DisruptionBudgets.warnings(List.of(budget), Map.of("app", "db"), 0, most)).isEmpty();
  }

  @Test
  void aMinimumOfProcessorIsToldBeforeItRefuses() {
    var range =
        read(
            """
            {metadata: {name: lr}, spec: {limits: [
              {type: Container, min: {cpu: 50m}, maxLimitRequestRatio: {cpu: '10'}},
              {type: Pod, min: {cpu: 100m}}]}}""",
            LimitRange.class);
    assertThat(Limits.warnings(List.of(range), "pausedCpu", 10, 500, 20))
        .containsExactly(
            "pausedCpu: need >= 50m of processor a container by LimitRange lr, got 10m",
            "pausedCpu: need a limit <= 10 times the request by LimitRange lr, got 500m and 10m",
            "pausedCpu: need >= 100m of processor a pod by LimitRange lr, got 30m");
    assertThat(Limits.warnings(List.of(range), "pausedCpu", 50, 500, 50)).isEmpty();
  }
}
