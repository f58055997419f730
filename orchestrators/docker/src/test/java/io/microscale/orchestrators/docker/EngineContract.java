package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.OrchestratorContract;
import io.microscale.testkit.engines.DockerEngine;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The contract over a real engine, one for all tests of a class, reached through a proxy that can
/// be cut.
abstract class EngineContract extends OrchestratorContract {
  private static final String POOL = "contract";

  private FaultProxy proxy;
  private String foreign;

  abstract EngineClient client();

  @Override
  protected Orchestrator open() {
    if (proxy == null) {
      var unix = (EngineAddress.Unix) client().address();
      proxy = FaultProxy.to(UnixDomainSocketAddress.of(unix.path()));
    }
    var workload = Workload.Container.of(DockerEngine.IMAGE).network("host");
    return DockerOrchestrator.open(
        DockerSettings.of(
                POOL,
                EngineAddress.parse("tcp://127.0.0.1:" + proxy.port(), Optional.empty()),
                Map.of(WEB, workload, BATCH, workload))
            .slots(8)
            .notices(System.out::println),
        InstantSource.system());
  }

  @Override
  protected Resources throttled() {
    return Resources.slots(0);
  }

  @Override
  protected Duration patience() {
    return Duration.ofSeconds(40);
  }

  @Override
  protected void cutConnection() {
    proxy.set(new FaultProxy.Fault.Cut());
  }

  @Override
  protected void restoreConnection() {
    proxy.set(new FaultProxy.Fault.None());
  }

  @Override
  protected void killReplica(ReplicaId replica) {
    client().expect(EngineCall.post("/containers/" + Actions.name(POOL, replica) + "/kill"));
  }

  @Override
  protected void startForeign() {
    var body = JsonNodeFactory.instance.objectNode().put("Image", DockerEngine.IMAGE);
    body.putObject("HostConfig").put("NetworkMode", "host");
    body.putObject("Labels")
        .put(Labels.SERVICE, WEB.value())
        .put(Labels.REPLICA, "web-foreign")
        .put(Labels.STARTED, "1")
        .put(Labels.RESOURCES, "slots=1");
    foreign =
        client()
            .post("/containers/create", body, Map.of("name", "contract-web-foreign"))
            .path("Id")
            .asText();
    client().post("/containers/" + foreign + "/start");
  }

  @Override
  protected boolean foreignIsAlive() {
    return client()
        .get("/containers/" + foreign + "/json")
        .path("State")
        .path("Running")
        .asBoolean();
  }

  @Override
  protected void cleanUp() {
    if (proxy != null) {
      proxy.close();
    }
    for (JsonNode one : client().containers(List.of(Labels.SERVICE))) {
      client()
          .send(
              EngineCall.delete("/containers/" + one.path("Id").asText())
                  .query(Map.of("force", "1")));
    }
  }
}
