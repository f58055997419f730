package io.microscale.orchestrators.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineVersionTest {
  private static EngineVersion version(String json) throws Exception {
    return EngineVersion.of(EngineAnswer.JSON.readTree(json), EngineAddress.LOCAL);
  }

  @Test
  void newestThatBothKnowIsTaken() throws Exception {
    assertThat(
            version("{\"ApiVersion\":\"1.41\",\"MinAPIVersion\":\"1.12\",\"Version\":\"20.10\"}"))
        .hasToString("Docker 20.10, API 1.41");
    assertThat(version("{\"ApiVersion\":\"1.99\",\"MinAPIVersion\":\"1.44\"}").api())
        .isEqualTo("1.51");
    assertThat(
            version(
                """
                {"ApiVersion":"1.41","Version":"4.3.1","Components":[{"Name":"Podman Engine"}]}"""))
        .hasToString("Podman 4.3.1, API 1.41");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "{\"ApiVersion\":\"yes\"}",
        "{\"ApiVersion\":\"1.39\"}",
        "{\"ApiVersion\":\"2.0\",\"MinAPIVersion\":\"1.99\"}"
      })
  void whatIsTooOldOrTooNewOrNoEngineIsUnsupported(String json) {
    var e = catchThrowableOfType(OrchestratorException.class, () -> version(json));
    assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED);
    assertThat(e).hasMessageStartingWith("unix:///var/run/docker.sock: ");
  }
}
