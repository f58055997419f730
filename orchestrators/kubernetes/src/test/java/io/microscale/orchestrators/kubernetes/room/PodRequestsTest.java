package io.microscale.orchestrators.kubernetes.room;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.microscale.core.model.Resources;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PodRequestsTest {
  private static Resources ofPod(String spec, String status) {
    var pod = "{metadata: {name: a}, spec: %s, status: %s}".formatted(spec, status);
    return PodRequests.of(Manifests.read(pod, Pod.class));
  }

  private static Resources ofTemplate(String spec) {
    return PodRequests.of(Manifests.read("{spec: %s}".formatted(spec), PodTemplateSpec.class));
  }

  private static Resources cpu(long millis) {
    return Resources.of(Map.of("cpu", millis, "pods", 1L));
  }

  @ParameterizedTest
  @CsvSource({
    "100m, 100",
    "0.1, 100",
    "1, 1000",
    "0.0001, 1",
    "1500000u, 1500",
    "2e0, 2000",
    "1k, 1000000"
  })
  void processorIsInThousandthsRoundedUp(String written, long millis) {
    assertThat(
            ofTemplate("{containers: [{resources: {requests: {cpu: '%s'}}}]}".formatted(written)))
        .isEqualTo(cpu(millis));
  }

  @ParameterizedTest
  @CsvSource({
    "64Mi, 67108864",
    "1Gi, 1073741824",
    "1e3, 1000",
    "1500m, 2",
    "0.5Ki, 512",
    "7, 7",
    "9999999999Gi, 9223372036854776"
  })
  void memoryIsInBytesRoundedUp(String written, long bytes) {
    assertThat(
            ofTemplate(
                "{containers: [{resources: {requests: {memory: '%s'}}}]}".formatted(written)))
        .isEqualTo(Resources.of(Map.of("memory", bytes, "pods", 1L)));
  }

  @Test
  void halvesOfBytesAreAddedBeforeTheyAreRounded() {
    var half = "{resources: {requests: {memory: 500m}}}";
    assertThat(ofTemplate("{containers: [%s, %s]}".formatted(half, half)).get("memory"))
        .isEqualTo(1);
  }

  @Test
  void containersAndSidecarsAreAddedUp() {
    assertThat(
            ofTemplate(
                """
                {containers: [{resources: {requests: {cpu: 100m}}}, {resources: {requests: {cpu: 20m}}}],
                 initContainers: [{restartPolicy: Always, resources: {requests: {cpu: 3m}}}]}"""))
        .isEqualTo(cpu(123));
  }

  /// The second one starts beside the sidecar before it, and not beside the one after it.
  @Test
  void whatIsNeededWhileItStartsCountsIfItIsMore() {
    assertThat(
            ofTemplate(
                """
                {containers: [{resources: {requests: {cpu: 100m}}}],
                 initContainers: [
                   {restartPolicy: Always, resources: {requests: {cpu: 30m}}},
                   {resources: {requests: {cpu: 900m}}},
                   {restartPolicy: Always, resources: {requests: {cpu: 50m}}}]}"""))
        .isEqualTo(cpu(930));
  }

  @Test
  void requestsOfTheWholePodReplaceTheSum() {
    assertThat(
            ofTemplate(
                """
                {containers: [{resources: {requests: {cpu: 100m, 'example.com/gpu': 2}}}],
                 resources: {requests: {cpu: 300m}}, overhead: {cpu: 7m}}"""))
        .isEqualTo(Resources.of(Map.of("cpu", 307L, "example.com/gpu", 2L, "pods", 1L)));
  }

  @Test
  void aLimitIsTheRequestWhereThereIsNone() {
    assertThat(
            ofTemplate(
                "{containers: [{resources: {limits: {cpu: 2, memory: 5}, requests: {cpu: 1}}}]}"))
        .isEqualTo(Resources.of(Map.of("cpu", 1000L, "memory", 5L, "pods", 1L)));
    assertThat(ofTemplate("{containers: [{}], resources: {limits: {cpu: 2}}}"))
        .isEqualTo(cpu(2000));
    assertThat(
            ofTemplate(
                """
                {containers: [{resources: {requests: {cpu: 100m}}}],
                 resources: {limits: {cpu: 2}}}"""))
        .isEqualTo(cpu(100));
  }

  @Test
  void aPodThatIsResizedHoldsTheMostOfWhatItWantsAndHas() {
    var spec = "{containers: [{name: a, resources: {requests: {cpu: %s}}}]}";
    var status =
        """
        {phase: Running, conditions: [%s], containerStatuses: [{name: a,
          allocatedResources: {cpu: %s}, resources: {requests: {cpu: %s}}}]}""";
    assertThat(ofPod(spec.formatted("10m"), status.formatted("", "10m", "80m"))).isEqualTo(cpu(80));
    assertThat(ofPod(spec.formatted("10m"), status.formatted("", "70m", "5m"))).isEqualTo(cpu(70));
    assertThat(ofPod(spec.formatted("90m"), status.formatted("", "10m", "10m"))).isEqualTo(cpu(90));
    var deferred = "{type: PodResizePending, status: 'True', reason: Deferred}";
    assertThat(ofPod(spec.formatted("90m"), status.formatted(deferred, "10m", "10m")))
        .isEqualTo(cpu(90));
  }

  @Test
  void whatItCanNeverGetDoesNotCount() {
    assertThat(
            ofPod(
                "{containers: [{name: a, resources: {requests: {cpu: 90}}}]}",
                """
                {phase: Running,
                 conditions: [{type: PodResizePending, status: 'True', reason: Infeasible}],
                 containerStatuses: [{name: a, allocatedResources: {cpu: 10m},
                   resources: {requests: {cpu: 20m}}}]}"""))
        .isEqualTo(cpu(20));
  }

  @Test
  void whatItsNodeSaysOfAWholePodCounts() {
    assertThat(
            ofPod(
                """
                {containers: [{name: a, resources: {requests: {cpu: 10m}}}],
                 resources: {requests: {cpu: 50m}}}""",
                """
                {phase: Running, allocatedResources: {cpu: 60m}, resources: {requests: {cpu: 70m}},
                 containerStatuses: [{name: a, allocatedResources: {cpu: 900m}}]}"""))
        .isEqualTo(cpu(70));
  }

  @ParameterizedTest
  @CsvSource({"Pending, 100", "Running, 100", "Unknown, 100", "Succeeded, 0", "Failed, 0"})
  void onlyWhatHasEndedHoldsNothing(String phase, long millis) {
    var spec = "{containers: [{name: a, resources: {requests: {cpu: 100m}}}]}";
    assertThat(ofPod(spec, "{phase: %s}".formatted(phase)).get("cpu")).isEqualTo(millis);
  }
}
