package io.microscale.orchestrators.kubernetes.election;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ElectionSettingsTest {
  private static final ElectionSettings USUAL = ElectionSettings.of("ns", "pool", "engine-0");

  @Test
  void theDefaultsAreThoseOfKubernetes() {
    assertThat(USUAL.leaseDuration()).isEqualTo(Duration.ofSeconds(15));
    assertThat(USUAL.renewDeadline()).isEqualTo(Duration.ofSeconds(10));
    assertThat(USUAL.retryPeriod()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void noTwoProcessesHaveOneIdentity() {
    assertThat(USUAL.identity()).startsWith("engine-0_");
    assertThat(ElectionSettings.of("ns", "pool", "engine-0").identity())
        .isNotEqualTo(USUAL.identity());
  }

  @Test
  void theFieldManagerFitsHoweverLongThePodsName() {
    var pod = "x".repeat(200) + "-7d5f/ä-" + "abcde";
    var settings = ElectionSettings.of("ns", "pool", pod);
    assertThat(settings.identity()).contains("-7d5f---abcde_");
    assertThat(settings.fieldManager()).hasSize(128).isEqualTo("microscale-" + settings.identity());
  }

  @Test
  void whatCannotWorkIsRefused() {
    assertThatThrownBy(() -> identity("")).hasMessageContaining("identity: need 1 to 117");
    assertThatThrownBy(() -> identity("a b")).hasMessageContaining("got \"a b\"");
    assertThatThrownBy(() -> identity("x".repeat(118))).hasMessageContaining("identity: need");
    assertThatThrownBy(() -> ElectionSettings.of("NS", "pool", "x"))
        .hasMessageContaining("namespace");
    assertThatThrownBy(() -> ElectionSettings.of("ns", "a/b", "x")).hasMessageContaining("lease");
    assertThatThrownBy(() -> paced(2500, 1000, 200))
        .hasMessage("leaseDuration: need whole seconds, at least 1, got PT2.5S");
    assertThatThrownBy(() -> paced(2000, 1900, 200))
        .hasMessageContaining("renewDeadline: need at most nine tenths");
    assertThatThrownBy(() -> paced(15000, 2400, 2000))
        .hasMessageContaining("renewDeadline: need more than 1.2 times");
    assertThatThrownBy(() -> paced(1000, 900, 10))
        .hasMessage("retryPeriod: need >= PT0.05S, got PT0.01S");
    assertThat(paced(1000, 700, 100).leaseDuration()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aTermNamesItsLeader() {
    assertThat(new Term(7, "engine-0_1").toString()).isEqualTo("7 engine-0_1");
    assertThatThrownBy(() -> new Term(-1, "a")).hasMessage("number: need >= 0, got -1");
    assertThatThrownBy(() -> new Term(1, " ")).hasMessageContaining("leader: need a name");
  }

  private static ElectionSettings identity(String identity) {
    return new ElectionSettings(
        "ns", "pool", identity, USUAL.leaseDuration(), USUAL.renewDeadline(), USUAL.retryPeriod());
  }

  private static ElectionSettings paced(int lease, int deadline, int retry) {
    return USUAL.paced(
        Duration.ofMillis(lease), Duration.ofMillis(deadline), Duration.ofMillis(retry));
  }
}
