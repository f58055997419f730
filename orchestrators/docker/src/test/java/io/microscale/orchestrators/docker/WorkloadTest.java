package io.microscale.orchestrators.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final Workload.Container TINY = Workload.Container.of("tiny:1");

  private static void refused(String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  private static Workload.Container with(
      List<String> mounts, Map<String, String> labels, String signal) {
    return new Workload.Container(
        "tiny:1",
        List.of(),
        List.of("/run", "x"),
        Map.of("A", "1"),
        mounts,
        Optional.of("backend"),
        new Limits(OptionalLong.of(300), OptionalLong.of(8 << 20)),
        Duration.ofMillis(1500),
        Optional.of(signal),
        Optional.of("1000:1000"),
        labels,
        new Readiness.Tcp(80, Duration.ofSeconds(5)));
  }

  @Test
  void whatCannotBeIsRefusedWithItsPlaceRuleAndValue() {
    refused("workload.image: need a name without spaces, got ''", () -> Workload.Container.of(""));
    refused(
        "workload.environment: need names without '='",
        () -> TINY.environment(Map.of("MICROSCALE_X", "1")));
    refused("workload.stopGrace: need 0s to 1h", () -> TINY.stopGrace(Duration.ofHours(2)));
    for (var mount : List.of("data", "rel/ative:/x", "/a:relative", ":/x", "/a:/b:r,o:x")) {
      refused(
          "workload.mounts: need SOURCE:TARGET[:ro]", () -> with(List.of(mount), Map.of(), "9"));
    }
    refused(
        "workload.labels: need names that do not begin with io.microscale.",
        () -> with(List.of(), Map.of("io.microscale.pool", "x"), "9"));
    refused("workload.stopSignal: need a name", () -> with(List.of(), Map.of(), "term"));
    refused(
        "workload.limits.cpu: need at least 10m, got 9m",
        () -> new Limits(OptionalLong.of(9), OptionalLong.empty()));
    refused(
        "workload.limits.memory: need at least 6Mi",
        () -> new Limits(OptionalLong.empty(), OptionalLong.of(1024)));
    refused("workload.like: need the name", () -> Workload.Like.of("a/b/c"));
    refused("readiness.tcpPort: need 1 to 65535", () -> new Readiness.Tcp(0, Readiness.WITHIN));
    refused("readiness.within: need", () -> new Readiness.HealthCheck(Duration.ZERO));
    refused(
        "workload.readiness.tcp: need a network, got 'none'",
        () -> TINY.network("none").readiness(new Readiness.Tcp(80, Readiness.WITHIN)));
    refused("pool: need a DNS label", () -> DockerSettings.of("A", EngineAddress.LOCAL, Map.of()));
    refused(
        "slots: need >= 1, got 0",
        () -> DockerSettings.of("a", EngineAddress.LOCAL, Map.of()).slots(0));
  }

  @Test
  void templateHasAllThatAWorkloadSays() throws Exception {
    var workload = with(List.of("/data:/data:ro", "cache:/c"), Map.of("team", "x"), "SIGQUIT");
    var start =
        new Action.Start(
            new ServiceId("web"),
            new ReplicaId("web-1"),
            new NodeId("n"),
            Resources.cpuAndMemory(500, 16 << 20));
    var sent =
        Template.of(workload)
            .create(
                "pool", start, Instant.ofEpochMilli(42), new Sizing(OptionalLong.empty(), 2000));
    assertThat(sent.toString()) // numbers of another width are other numbers
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"Image":"tiny:1","Entrypoint":["/run","x"],
                     "Env":["A=1","MICROSCALE_POOL=pool","MICROSCALE_SERVICE=web","MICROSCALE_REPLICA=web-1"],
                     "User":"1000:1000","StopSignal":"SIGQUIT","StopTimeout":2,
                     "Labels":{"team":"x","io.microscale.pool":"pool","io.microscale.service":"web",
                      "io.microscale.replica":"web-1","io.microscale.started":"42",
                      "io.microscale.resources":"cpu=500,memory=16777216","io.microscale.cpu-limit":"500"},
                     "HostConfig":{"Binds":["/data:/data:ro","cache:/c"],"NetworkMode":"backend",
                      "NanoCpus":500000000,"Memory":16777216,"MemorySwap":16777216}}
                    """)
                .toString());
  }

  @Test
  void namesOfContainersAreWhatEnginesTake() {
    assertThat(Actions.name("p", new ReplicaId("web-1"))).isEqualTo("p-web-1");
    assertThat(Actions.name("p", new ReplicaId("a b"))).matches("p-a_b-[0-9a-f]{8}");
    assertThat(Actions.name("p", new ReplicaId("a/b")))
        .isNotEqualTo(Actions.name("p", new ReplicaId("a?b")));
    assertThat(Actions.name("p", new ReplicaId("x".repeat(253)))).hasSizeLessThan(120);
  }

  @Test
  void logsAreReadWithAndWithoutFrames() {
    assertThat(Aftermath.plain("plain\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("plain\n");
    var framed = new byte[] {1, 0, 0, 0, 0, 0, 0, 2, 'a', '\n', 2, 0, 0, 0, 0, 0, 0, 9, 'b'};
    assertThat(Aftermath.plain(framed)).isEqualTo("a\nb");
    assertThat(Aftermath.plain(new byte[] {1, 0, 0, 0, -1, 0, 0, 0, 'x'})).isEqualTo("x");
    assertThat(Aftermath.plain(new byte[0])).isEmpty();
  }
}
