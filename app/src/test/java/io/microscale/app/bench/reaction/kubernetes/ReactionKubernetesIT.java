package io.microscale.app.bench.reaction.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.app.bench.Quiet;
import io.microscale.app.bench.reaction.Step;
import io.microscale.orchestrators.kubernetes.ClusterAccess;
import io.microscale.testkit.engines.KubernetesCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One round of all on a cluster of its own. No times are asserted: the machine may be busy.
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReactionKubernetesIT {
  private static final String NAMESPACE = "reaction";

  @BeforeAll
  static void clusterCanRun() {
    var whyNot = KubernetesCluster.whyNot();
    assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
  }

  @Test
  void allAnswerTheSameStepAndNothingIsLeft() throws Exception {
    try (var cluster =
        KubernetesCluster.start(
            "app-reaction", KubernetesCluster.Setup.nodes(1).hpaSync(Duration.ofSeconds(1)))) {
      var settings =
          new KubernetesReaction.Settings(
              ClusterAccess.of(cluster.kubeconfig()),
              NAMESPACE,
              KubernetesCluster.IMAGE,
              Step.of("1:4", 5, true),
              EnumSet.allOf(Rung.class),
              true,
              Optional.of(
                  new KubernetesReaction.Hpa(
                      List.of(Behaviour.UNLIMITED), Duration.ofSeconds(1), cluster.gateway())),
              1,
              7);
      var progress = new ArrayList<String>();
      var measured = KubernetesReaction.measure(settings, Quiet.here(0), progress::add);

      var contestants = measured.json().path("contestants");
      assertThat(contestants).hasSize(5);
      for (var contestant : contestants) {
        boolean throttles = contestant.path("name").asText().contains("throttle");
        assertThat(contestant.path("all").path("medianMillis").asDouble()).isPositive();
        assertThat(contestant.path("containersRestarted").asInt()).isZero();
        assertThat(contestant.path("podsEnded").asInt())
            .as(contestant.path("name").asText())
            .isEqualTo(throttles ? 0 : 3);
      }
      assertThat(cluster.kubectl("get", "namespaces", "--output=name"))
          .doesNotContain("/" + NAMESPACE + "\n");
      assertThat(cluster.kubectl("get", "apiservices,priorityclasses", "--output=name"))
          .doesNotContain(NAMESPACE)
          .doesNotContain("external.metrics");
    }
  }
}
