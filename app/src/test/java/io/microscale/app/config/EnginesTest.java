package io.microscale.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Standby;
import io.microscale.orchestrators.docker.Limits;
import io.microscale.orchestrators.docker.Readiness;
import io.microscale.orchestrators.docker.Workload;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.swarm.SwarmWorkload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Files for Docker, Podman and Swarm.
class EnginesTest {
  private static final ServiceId WEB = new ServiceId("web");

  private static Configuration read(String orchestrator, String web)
      throws InvalidConfigurationException {
    return ConfigurationReader.read(
        """
        pool:
          name: kittens
          orchestrator: %s
          capacity: {slots: 20}
        services:
          - {name: web, max: 20, demand: {push: {}}, scaling: {replicas: {}}, %s}
        """
            .formatted(orchestrator, web),
        Path.of("/etc/microscale/kittens.yaml"));
  }

  private static Workload container(String workload) throws InvalidConfigurationException {
    var configuration = read("{docker: {}}", "workload: " + workload);
    return ((OrchestratorConfig.Containers) configuration.orchestrator()).workloads().get(WEB);
  }

  private static SwarmWorkload task(String swarm, String service)
      throws InvalidConfigurationException {
    var configuration = read("{swarm: %s}".formatted(swarm), service);
    return ((OrchestratorConfig.Swarm) configuration.orchestrator()).workloads().get(WEB);
  }

  @Test
  void anImageIsEnough() throws InvalidConfigurationException {
    assertThat(container("{image: 'kittens/web:1'}"))
        .isEqualTo(Workload.Container.of("kittens/web:1"));
  }

  @Test
  void everyKeyOfAContainer() throws InvalidConfigurationException {
    assertThat(
            container(
                """
                {image: web, command: [serve, 80], entrypoint: [sh], environment: {A: 1},
                    mounts: ["/data:/data:ro"], network: backend, limits: {cpu: 500m, memory: 64Mi},
                    stopGrace: 3s, stopSignal: SIGQUIT, user: nobody, labels: {team: cats},
                    readiness: {tcpPort: 80, within: 5s}}"""))
        .isEqualTo(
            new Workload.Container(
                "web",
                List.of("serve", "80"),
                List.of("sh"),
                Map.of("A", "1"),
                List.of("/data:/data:ro"),
                Optional.of("backend"),
                new Limits(OptionalLong.of(500), OptionalLong.of(64 << 20)),
                Duration.ofSeconds(3),
                Optional.of("SIGQUIT"),
                Optional.of("nobody"),
                Map.of("team", "cats"),
                new Readiness.Tcp(80, Duration.ofSeconds(5))));
  }

  @Test
  void readinessByTheHealthCheck() throws InvalidConfigurationException {
    assertThat(container("{image: web, readiness: healthCheck}"))
        .isEqualTo(
            Workload.Container.of("web").readiness(new Readiness.HealthCheck(Readiness.WITHIN)));
    assertThat(container("{image: web, readiness: {healthCheck: {}, within: 3s}}"))
        .isEqualTo(
            Workload.Container.of("web")
                .readiness(new Readiness.HealthCheck(Duration.ofSeconds(3))));
  }

  @Test
  void aContainerLikeOneThatIsThere() throws InvalidConfigurationException {
    assertThat(container("{like: shop/web}")).isEqualTo(Workload.Like.of("shop/web"));
    assertThat(container("{like: web-1, stopGrace: 2s, readiness: started}"))
        .isEqualTo(
            new Workload.Like(
                "web-1", Optional.of(Duration.ofSeconds(2)), Optional.of(new Readiness.Started())));
  }

  @Test
  void whereTheEngineIs() throws InvalidConfigurationException {
    var orchestrator =
        read(
                "{podman: {host: 'tcp://box:2376', tls: certificates, nodeAddress: 10.0.0.7}}",
                "workload: {image: web}")
            .orchestrator();
    assertThat(orchestrator.kind()).isEqualTo("podman");
    var containers = (OrchestratorConfig.Containers) orchestrator;
    assertThat(containers.address())
        .isEqualTo(
            new EngineAddress.Tcp(
                "box", 2376, Optional.of(Path.of("/etc/microscale/certificates"))));
    assertThat(containers.nodeAddress()).contains("10.0.0.7");
  }

  @Test
  void aServiceOfAStack() throws InvalidConfigurationException {
    assertThat(task("{stack: shop}", "priority: 1"))
        .isEqualTo(new SwarmWorkload.Existing(Optional.empty(), Resources.slots(1)));
    assertThat(task("{}", "workload: {service: shop_web}"))
        .isEqualTo(SwarmWorkload.Existing.named("shop_web", Resources.slots(1)));
  }

  @Test
  void everyKeyOfASwarmService() throws InvalidConfigurationException {
    assertThat(
            task(
                "{}",
                """
                workload: {image: web, command: [serve], environment: {A: 1}, networks: [back],
                    mounts: ["cache:/cache"], constraints: ["node.role == worker"], stopGrace: 1s,
                    stopSignal: SIGINT, restartDelay: 2s, virtualIp: true}"""))
        .isEqualTo(
            new SwarmWorkload.Image(
                "web",
                List.of("serve"),
                Map.of("A", "1"),
                List.of("back"),
                List.of("cache:/cache"),
                List.of("node.role == worker"),
                Duration.ofSeconds(1),
                Optional.of("SIGINT"),
                Duration.ofSeconds(2),
                true,
                Resources.slots(1)));
  }

  @Test
  void aSwarmOnlyStops() throws InvalidConfigurationException {
    var batch =
        ConfigurationReader.read(
                """
                pool: {name: kittens, orchestrator: {swarm: {stack: shop}}, capacity: {slots: 20}}
                services:
                  - {name: batch, remainder: true}
                """,
                Path.of("kittens.yaml"))
            .pool()
            .services()
            .getFirst();
    assertThat(batch.reclaim()).containsExactly(Reclaim.STOP);
  }

  @Test
  void standbyByItself() throws InvalidConfigurationException {
    var web =
        read("{docker: {}}", "standby: auto, workload: {image: web}").pool().services().getFirst();
    assertThat(web.standby()).isEqualTo(Standby.auto(20));
    assertThat(web.reclaim()).containsExactly(Reclaim.PAUSE, Reclaim.STOP);
  }
}
