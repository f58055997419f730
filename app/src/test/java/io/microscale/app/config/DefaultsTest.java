package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.microscale.core.demand.Burst;
import io.microscale.core.demand.RandomWalk;
import io.microscale.core.demand.Wave;
import io.microscale.core.model.Fallback;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.orchestrators.process.Pausing;
import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Throttling;
import io.microscale.orchestrators.process.Workload;
import io.microscale.sources.http.HttpPoll;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/// Pins what a key means that is not there, and where each key that is there ends up.
class DefaultsTest {
  private static final Path FILE = Path.of("/etc/microscale/kittens.yaml");
  private static final String POOL =
      "pool: {name: kittens, orchestrator: {process: {}}, capacity: {slots: 20}}\nservices:\n";
  private static final String WORKLOAD = "workload: {command: [sleep, 60]}";

  @Test
  void aServiceWithADemand() throws InvalidConfigurationException {
    assertThat(only("  - {name: web, demand: {push: {}}, scaling: {replicas: {}}, %s}"))
        .isEqualTo(
            new ServiceSpec(
                new ServiceId("web"),
                0,
                0,
                20,
                1,
                Resources.slots(1),
                false,
                new ScalingPolicy.RawReplicas(),
                Headroom.Learned.DEFAULT,
                Duration.ZERO,
                List.of(Reclaim.STOP),
                Optional.empty(),
                Optional.empty(),
                Standby.NONE,
                Duration.ZERO,
                Optional.empty()));
  }

  @Test
  void whatHeadroomMayBe() throws InvalidConfigurationException {
    var service = "  - {name: web, demand: {push: {}}, scaling: {replicas: {}}, headroom: %s, %%s}";
    var learned = only(service.formatted("learned"));
    assertThat(learned.headroom()).isEqualTo(Headroom.Learned.DEFAULT);
    assertThat(learned.hold()).isZero();
    assertThat(only(service.formatted("{risk: 0.01}")).headroom())
        .isEqualTo(new Headroom.Learned(0.01));
    var fixed = only(service.formatted("{replicas: 2}"));
    assertThat(fixed.headroom()).isEqualTo(new Headroom.Fixed(0, 2));
    assertThat(fixed.hold()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void whatHeadroomMayNotBe() {
    var service = "  - {name: web, demand: {push: {}}, scaling: {replicas: {}}, headroom: %s, %%s}";
    assertMistake(service.formatted("lerned"), "services[0].headroom: need learned, {risk: …}");
    assertMistake(
        service.formatted("{risk: 0}"), "headroom.risk: need above 0, at most 0.1, got 0");
    assertMistake(
        service.formatted("{risk: 0.01, percent: 5}"),
        "services[0].headroom.percent: need none beside risk");
  }

  private static void assertMistake(String service, String mistake) {
    assertThatThrownBy(() -> only(service))
        .isInstanceOf(InvalidConfigurationException.class)
        .hasMessageContaining(mistake);
  }

  @Test
  void aRemainderService() throws InvalidConfigurationException {
    assertThat(only("  - {name: batch, remainder: true, resources: {slots: 3}, %s}"))
        .isEqualTo(
            new ServiceSpec(
                new ServiceId("batch"),
                -1,
                0,
                6,
                1,
                Resources.slots(3),
                true,
                new ScalingPolicy.RawReplicas(),
                Headroom.NONE,
                Duration.ZERO,
                List.of(Reclaim.PAUSE, Reclaim.STOP),
                Optional.empty(),
                Optional.empty(),
                Standby.NONE,
                Duration.ZERO,
                Optional.empty()));
  }

  @Test
  void everyKeyOfAService() throws InvalidConfigurationException {
    var service =
        only(
            """
              - name: web
                priority: 100
                min: 2
                max: 12
                weight: 2.5
                resources: {slots: 1, cpu: 500m, memory: 256Mi, other: {gpu: 1}}
                demand: {push: {}}
                scaling: {drainTime: 30s, ratePerReplica: 20}
                headroom: {percent: 50}
                hold: 1m30s
                reclaim: [throttle, pause, stop]
                throttled: {cpu: 100m}
                standby: 3
                minRuntime: 10s
                fallback: {after: 30s, replicas: 10}
                %s
            """);
    assertThat(service)
        .isEqualTo(
            new ServiceSpec(
                new ServiceId("web"),
                100,
                2,
                12,
                2.5,
                Resources.slots(1)
                    .plus(Resources.cpuAndMemory(500, 256 << 20))
                    .plus(Resources.of(Map.of("gpu", 1L))),
                false,
                new ScalingPolicy.QueueDrainTime(20, Duration.ofSeconds(30)),
                new Headroom.Fixed(50, 0),
                Duration.ofSeconds(90),
                List.of(Reclaim.THROTTLE, Reclaim.PAUSE, Reclaim.STOP),
                Optional.of(Resources.of(Map.of("cpu", 100L))),
                Optional.empty(),
                Standby.of(3),
                Duration.ofSeconds(10),
                Optional.of(new Fallback(Duration.ofSeconds(30), 10))));
  }

  @Test
  void aLadderThatStandbyNeeds() throws InvalidConfigurationException {
    assertThat(
            only("  - {name: web, standby: 1, demand: {push: {}}, scaling: {replicas: {}}, %s}")
                .reclaim())
        .containsExactly(Reclaim.PAUSE, Reclaim.STOP);
  }

  @Test
  void theScalingPolicies() throws InvalidConfigurationException {
    assertThat(scaling("targetPerReplica: 50")).isEqualTo(new ScalingPolicy.PerReplicaTarget(50));
    assertThat(scaling("targetUtilisation: 0.7"))
        .isEqualTo(new ScalingPolicy.TargetUtilisation(0.7, 0.1));
    assertThat(scaling("targetUtilisation: 0.7, tolerance: 0"))
        .isEqualTo(new ScalingPolicy.TargetUtilisation(0.7, 0));
    assertThat(scaling("replicas:")).isEqualTo(new ScalingPolicy.RawReplicas());
  }

  @Test
  void theDemandSources() throws InvalidConfigurationException {
    assertThat(demand("push: {}")).isEqualTo(new DemandConfig.Push());
    assertThat(demand("http: {url: \"http://localhost:8080/demand\"}"))
        .isEqualTo(
            new DemandConfig.Http(
                new HttpPoll.Settings(
                    URI.create("http://localhost:8080/demand"),
                    "",
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(1))));
    assertThat(demand("random: {max: 10}"))
        .isEqualTo(new DemandConfig.Generated(RandomWalk.upTo(10, 1)));
    assertThat(demand("wave: {high: 10}"))
        .isEqualTo(
            new DemandConfig.Generated(
                new Wave(Duration.ofMinutes(1), 0, 10, Duration.ofMillis(250))));
    assertThat(demand("burst: {size: 10}"))
        .isEqualTo(
            new DemandConfig.Generated(
                new Burst(1, 0, 10, Duration.ofSeconds(5), Duration.ofMinutes(1))));
  }

  @Test
  void thePool() throws InvalidConfigurationException {
    var configuration = read(POOL + "  - {name: batch, remainder: true, " + WORKLOAD + "}\n");
    assertThat(configuration.pool())
        .isEqualTo(PoolSpec.of("kittens", configuration.pool().services()));
    assertThat(configuration.pool().stopsPerMinute()).isEqualTo(OptionalInt.empty());
    assertThat(configuration.pool().actionsInFlight()).isEqualTo(64);
    assertThat(configuration.pool().actionDeadline()).isEqualTo(Duration.ofSeconds(30));
    assertThat(configuration.pool().resync()).isEqualTo(Duration.ofSeconds(10));
    assertThat(configuration.slots()).contains(Resources.slots(20));
    assertThat(configuration.server())
        .isEqualTo(new ServerConfig("127.0.0.1", 7700, Optional.empty()));
    assertThat(configuration.orchestrator())
        .isEqualTo(process(Optional.empty(), Pausing.AUTO, Throttling.AUTO, configuration));
  }

  @Test
  void everyKeyOfPoolAndServer() throws InvalidConfigurationException {
    var configuration =
        read(
            """
            pool:
              name: kittens
              orchestrator: {process: {stateDirectory: state, pausing: signal, throttling: nice}}
              stopsPerMinute: 6
              actionsInFlight: 7
              actionDeadline: 8s
              resync: 9s
            services:
              - {name: batch, remainder: true, resources: {cpu: 1m}, workload: {command: [sleep, 60]}}
            server: {host: "0.0.0.0", port: 0, tokenFile: ../token}
            """);
    assertThat(configuration.pool())
        .isEqualTo(
            new PoolSpec(
                "kittens",
                configuration.pool().services(),
                OptionalInt.of(6),
                7,
                Duration.ofSeconds(8),
                Duration.ofSeconds(9)));
    assertThat(configuration.slots()).isEmpty();
    assertThat(configuration.server())
        .isEqualTo(new ServerConfig("0.0.0.0", 0, Optional.of(Path.of("/etc/token"))));
    assertThat(configuration.orchestrator())
        .isEqualTo(
            process(
                Optional.of(Path.of("/etc/microscale/state")),
                Pausing.SIGNAL,
                Throttling.NICE,
                configuration));
  }

  @Test
  void aWorkload() throws InvalidConfigurationException {
    assertThat(workload("command: [sleep, 60]"))
        .isEqualTo(Workload.of("sleep", "60").workingFolder(Path.of("/etc/microscale")));
  }

  @Test
  void everyKeyOfAWorkload() throws InvalidConfigurationException {
    assertThat(
            workload(
                "command: [serve, yes, \"${PORT}\"], environment: {A: 1, B: on}, workingFolder: ../x,"
                    + " stopGrace: 2s, readiness: {tcpPort: \"${PORT}\", within: 3s}, nice: 5,"
                    + " logLimit: 8Ki"))
        .isEqualTo(
            new Workload(
                List.of("serve", "yes", "${PORT}"),
                Map.of("A", "1", "B", "on"),
                Optional.of(Path.of("/etc/x")),
                Duration.ofSeconds(2),
                new Readiness.TcpPort(OptionalInt.empty(), Duration.ofSeconds(3)),
                5,
                8192));
    assertThat(workload("command: [x], readiness: {tcpPort: 80}").readiness())
        .isEqualTo(new Readiness.TcpPort(OptionalInt.of(80), Duration.ofSeconds(10)));
    assertThat(workload("command: [x], readiness: started").readiness())
        .isEqualTo(new Readiness.Started());
    assertThat(workload("command: [x], readiness: {line: \"it's up\"}").readiness())
        .isInstanceOfSatisfying(
            Readiness.OutputLine.class,
            ready -> {
              assertThat(ready.line().matcher("now it's up, really").find()).isTrue();
              assertThat(ready.within()).isEqualTo(Duration.ofSeconds(10));
            });
  }

  private static Workload workload(String workload) throws InvalidConfigurationException {
    var text = POOL + "  - {name: batch, remainder: true, workload: {" + workload + "}}\n";
    return ((OrchestratorConfig.LocalProcess) read(text).orchestrator())
        .workloads()
        .get(new ServiceId("batch"));
  }

  private static ServiceSpec only(String service) throws InvalidConfigurationException {
    return read(POOL + service.formatted(WORKLOAD) + "\n").pool().services().getFirst();
  }

  private static ScalingPolicy scaling(String scaling) throws InvalidConfigurationException {
    return only("  - {name: web, demand: {push: {}}, scaling: {" + scaling + "}, %s}").scaling();
  }

  private static DemandConfig demand(String demand) throws InvalidConfigurationException {
    var text =
        POOL
            + "  - {name: web, demand: {"
            + demand
            + "}, scaling: {replicas: {}}, "
            + WORKLOAD
            + "}\n";
    return read(text).demands().get(new ServiceId("web"));
  }

  private static Configuration read(String text) throws InvalidConfigurationException {
    return ConfigurationReader.read(text, FILE);
  }

  private static OrchestratorConfig process(
      Optional<Path> state, Pausing pausing, Throttling throttling, Configuration like) {
    return new OrchestratorConfig.LocalProcess(
        state,
        pausing,
        throttling,
        ((OrchestratorConfig.LocalProcess) like.orchestrator()).workloads());
  }
}
