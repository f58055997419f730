package io.microscale.orchestrators.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.model.Resources;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadRefTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "Web", "a/b", "../nodes", "web-", "a?b"})
  void nameHasToBeOneOfKubernetes(String name) {
    assertThatThrownBy(() -> WorkloadRef.deployment("default", name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
    assertThatThrownBy(() -> WorkloadRef.deployment(name, "web"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nameAndSelectorExcludeEachOther() {
    assertThatThrownBy(
            () ->
                new WorkloadRef(
                    "apps/v1", "Deployment", "default", Optional.of("a"), Optional.of("b=c")))
        .hasMessageContaining("got both");
    assertThatThrownBy(
            () ->
                new WorkloadRef(
                    "apps/v1", "Deployment", "default", Optional.empty(), Optional.empty()))
        .hasMessageContaining("got neither");
    assertThat(WorkloadRef.job("default", "a")).hasToString("Job default/a");
  }

  @Test
  void settingsAreChecked() {
    assertThatThrownBy(() -> new Capacity.Slots(0)).hasMessageContaining("need >= 1, got 0");
    assertThatThrownBy(() -> new Capacity.Quota("default", "")).hasMessageContaining("quota");
    assertThatThrownBy(() -> KubernetesWorkload.of(WorkloadRef.job("default", "a"), Resources.NONE))
        .hasMessageContaining("Job default/a");
  }
}
