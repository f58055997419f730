package io.microscale.orchestrators.docker.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineAddressTest {
  private static EngineAddress parse(String text) {
    return EngineAddress.parse(text, Optional.empty());
  }

  @Test
  void socketsAndPortsAreAddresses() {
    assertThat(parse("unix:///run/d.sock")).hasToString("unix:///run/d.sock");
    assertThat(parse("tcp://box:2375/"))
        .isEqualTo(new EngineAddress.Tcp("box", 2375, Optional.empty()));
    assertThat(parse("tcp://10.0.0.1")).hasToString("tcp://10.0.0.1:2375");
    assertThat(EngineAddress.parse("tcp://box", Optional.of(Path.of("/certs"))))
        .hasToString("tcp://box:2376 (TLS)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "box:2375",
        "http://box:2375",
        "ssh://box",
        "tcp://",
        "tcp://box:0",
        "tcp://box:70000",
        "tcp://me@box:2375",
        "tcp://box:2375/path",
        "unix://relative",
        "tcp://b ox"
      })
  void anythingElseIsRefusedWithTheRuleAndTheValue(String text) {
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("host: need ")
        .hasMessageContaining("got '");
  }

  @Test
  void pathThatTheKernelWouldCutIsRefused() {
    assertThatThrownBy(() -> parse("unix:///" + "x".repeat(107)))
        .hasMessageContaining("at most 107 bytes");
    assertThat(parse("unix:///" + "x".repeat(106))).isNotNull();
  }

  @Test
  void environmentIsReadAsTheDockerCommandReadsIt() {
    assertThat(EngineAddress.of(Map.of())).hasToString("unix:///var/run/docker.sock");
    assertThat(EngineAddress.of(Map.of("DOCKER_HOST", "tcp://box:1"))).hasToString("tcp://box:1");
    assertThat(
            EngineAddress.of(
                Map.of("DOCKER_HOST", "tcp://box", "DOCKER_TLS_VERIFY", "1", "HOME", "/home/me")))
        .isEqualTo(new EngineAddress.Tcp("box", 2376, Optional.of(Path.of("/home/me/.docker"))));
    assertThat(EngineAddress.of(Map.of("DOCKER_HOST", "tcp://box", "DOCKER_CERT_PATH", "/certs")))
        .isEqualTo(new EngineAddress.Tcp("box", 2376, Optional.of(Path.of("/certs"))));
    assertThatThrownBy(() -> EngineAddress.of(Map.of("DOCKER_HOST", "box")))
        .hasMessageStartingWith("DOCKER_HOST: host: need ");
  }
}
