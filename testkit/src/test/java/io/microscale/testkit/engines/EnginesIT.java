package io.microscale.testkit.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnginesIT {
  private static void need(Optional<String> whyNot) {
    assumeTrue(whyNot.isEmpty(), whyNot::get);
  }

  private static Path socket(String host) {
    assertThat(host).startsWith("unix:///");
    return Path.of(host.substring("unix://".length()));
  }

  /// The whole answer, head and body.
  private static String get(String host, String path) throws IOException {
    return ask(host, "GET", path, "");
  }

  private static String ask(String host, String method, String path, String json)
      throws IOException {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(socket(host)));
      var request =
          "%s %s HTTP/1.0\r\nHost: engine\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(method, path, json.length(), json);
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      var answer = new StringBuilder();
      var buffer = ByteBuffer.allocate(65536);
      while (channel.read(buffer.clear()) >= 0) {
        answer.append(StandardCharsets.UTF_8.decode(buffer.flip()));
      }
      return answer.toString();
    }
  }

  @Test
  void dockerOutlivesItsDeathsAndLeavesNothing() throws IOException {
    need(DockerEngine.whyNot());
    Path socket;
    try (var engine = DockerEngine.start("engines-it-docker", DockerEngine.Option.TLS)) {
      socket = socket(engine.host());
      assertThat(engine.tcpHost()).startsWith("tcp://" + engine.address());
      assertThat(engine.certificates().resolve("key.pem")).isNotEmptyFile();
      assertThat(get(engine.host(), "/images/json")).contains(DockerEngine.IMAGE);
      engine.killHard();
      assertThatThrownBy(() -> get(engine.host(), "/_ping")).isInstanceOf(IOException.class);
      engine.startAgain();
      assertThat(get(engine.host(), "/_ping")).endsWith("OK");
      engine.crash();
      assertThatThrownBy(() -> get(engine.host(), "/_ping")).isInstanceOf(IOException.class);
      engine.startAgain();
      engine.restart();
      assertThat(get(engine.host(), "/images/json")).contains(DockerEngine.IMAGE);
    }
    assertThat(socket.getParent()).doesNotExist();
  }

  @Test
  void podmanServesDockersApi() throws IOException {
    need(PodmanEngine.whyNot());
    Path socket;
    try (var engine = PodmanEngine.start("engines-it-podman")) {
      socket = socket(engine.host());
      assertThat(get(engine.host(), "/v1.41/images/json")).contains(PodmanEngine.IMAGE);
      engine.killHard();
      engine.startAgain();
      assertThat(get(engine.host(), "/v1.41/images/json")).contains(PodmanEngine.IMAGE);
    }
    assertThat(socket.getParent()).doesNotExist();
  }

  /// A paused process does not even die before it goes on.
  @Test
  void engineEndsThoughItsContainersArePaused() throws IOException {
    need(DockerEngine.whyNot());
    Path socket;
    try (var engine = DockerEngine.start("engines-it-pause", DockerEngine.Option.NO_BRIDGE)) {
      socket = socket(engine.host());
      ask(
          engine.host(),
          "POST",
          "/containers/create?name=still",
          "{\"Image\":\"tiny:1\",\"HostConfig\":{\"NetworkMode\":\"host\"}}");
      for (var verb : new String[] {"start", "pause"}) {
        assertThat(ask(engine.host(), "POST", "/containers/still/" + verb, "")).contains(" 204 ");
      }
      assertThat(ProcessHandle.allProcesses().filter(EnginesIT::isPaused)).isNotEmpty();
    }
    assertThat(socket.getParent()).doesNotExist();
    assertThat(ProcessHandle.allProcesses().filter(EnginesIT::isPaused)).isEmpty();
  }

  private static boolean isPaused(ProcessHandle process) {
    try {
      return Files.readString(Path.of("/proc/%d/cgroup".formatted(process.pid())))
          .contains("/microscale-engine-engines-it-pause/");
    } catch (IOException _) {
      return false; // It has ended.
    }
  }

  @Test
  void swarmHasItsNodes() throws IOException {
    need(SwarmCluster.whyNot());
    try (var swarm = SwarmCluster.start("engines-it-swarm", 2)) {
      assertThat(swarm.nodes()).containsExactly("n1", "n2");
      assertThat(get(swarm.host("n2"), "/images/json")).contains(SwarmCluster.IMAGE);
      swarm.crash("n2");
      swarm.startAgain("n2");
      swarm.cut("n2");
      swarm.heal("n2");
      swarm.availability("n2", SwarmCluster.Availability.DRAIN);
      assertThat(get(swarm.host(), "/nodes")).contains("\"Availability\":\"drain\"");
    }
  }

  /// A killed JVM closes its end of the pipe, and that is all the script gets to know.
  @Test
  void engineEndsWithItsStandardInput() throws Exception {
    need(DockerEngine.whyNot());
    var process =
        new ProcessBuilder(
                "bash",
                EngineScripts.engine().toString(),
                "docker",
                "engines-it-end",
                "--no-bridge")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (var lines = process.inputReader()) {
      var folder = Path.of("");
      for (var line = lines.readLine(); !line.equals("ready"); line = lines.readLine()) {
        if (line.startsWith("n1 host ")) {
          folder = socket(line.substring("n1 host ".length())).getParent();
        }
      }
      assertThat(folder).exists();
      process.getOutputStream().close();
      assertThat(process.waitFor()).isZero();
      assertThat(Files.exists(folder)).isFalse();
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void badNameIsRefusedWithTheRule() {
    need(DockerEngine.whyNot());
    assertThatThrownBy(() -> DockerEngine.start("No Good"))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("NAME: need a lower-case word");
  }
}
