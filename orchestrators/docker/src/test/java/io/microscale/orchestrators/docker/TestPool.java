package io.microscale.orchestrators.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.Labels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// A pool on a real engine for one test, and what the test wants to know of the engine itself.
final class TestPool implements AutoCloseable {
  static final String POOL = "pool";
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");
  private static final AtomicLong NEXT = new AtomicLong();
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  final ConcurrentLinkedQueue<String> notices = new ConcurrentLinkedQueue<>();
  private final EngineClient engine;
  private DockerSettings settings;
  private DockerOrchestrator orchestrator;

  /// @param engine asked beside the orchestrator, for the truth
  TestPool(EngineClient engine, Map<ServiceId, Workload> workloads) {
    this(engine, DockerSettings.of(POOL, engine.address(), workloads).slots(20));
  }

  TestPool(EngineClient engine, DockerSettings settings) {
    this.engine = engine;
    this.settings = settings.notices(notices::add);
  }

  TestPool open() {
    orchestrator = DockerOrchestrator.open(settings, InstantSource.system());
    return this;
  }

  DockerOrchestrator orchestrator() {
    return orchestrator;
  }

  NodeId node() {
    return orchestrator.observe().nodes().getFirst().id();
  }

  ReplicaId start(ServiceId service) {
    return start(service, Resources.slots(1));
  }

  ReplicaId start(ServiceId service, Resources resources) {
    var id =
        new ReplicaId("%s-%d-%d".formatted(service, System.nanoTime(), NEXT.getAndIncrement()));
    orchestrator.perform(new Action.Start(service, id, node(), resources));
    return id;
  }

  ReplicaId running(ServiceId service) {
    var id = start(service);
    until(id + " running", () -> state(id).equals(Optional.of(ReplicaState.RUNNING)));
    return id;
  }

  void pause(ReplicaId id) {
    orchestrator.perform(new Action.Pause(service(id), id));
  }

  void resume(ReplicaId id) {
    orchestrator.perform(new Action.Resume(service(id), id));
  }

  void stop(ReplicaId id) {
    orchestrator.perform(new Action.Stop(service(id), id));
  }

  private static ServiceId service(ReplicaId id) {
    return id.value().startsWith("web") ? WEB : BATCH;
  }

  Optional<Replica> find(ReplicaId id) {
    return orchestrator.observe().replicas().stream().filter(r -> r.id().equals(id)).findFirst();
  }

  Optional<ReplicaState> state(ReplicaId id) {
    return find(id).map(Replica::state);
  }

  void until(String what, BooleanSupplier condition) {
    await(what)
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(5))
        .ignoreException(OrchestratorException.class)
        .until(condition::getAsBoolean);
  }

  void untilGone(ReplicaId id) {
    until(id + " gone", () -> find(id).isEmpty());
  }

  void untilNotice(String words) {
    await(words).atMost(PATIENCE).until(() -> notices.stream().anyMatch(n -> n.contains(words)));
  }

  JsonNode inspect(ReplicaId id) {
    return engine.get("/containers/" + Actions.name(POOL, id) + "/json");
  }

  /// The state of each container of the pool, as the engine has it, by the name of the replica.
  Map<String, String> truth() {
    var all = new TreeMap<String, String>();
    for (var one : engine.containers(List.of(Labels.POOL + "=" + POOL))) {
      var before =
          all.put(one.path("Labels").path(Labels.REPLICA).asText(), one.path("State").asText());
      if (before != null) {
        throw new AssertionError("two containers of one replica: " + one);
      }
    }
    return all;
  }

  /// What the orchestrator says, in the words of the engine.
  Map<String, String> said() {
    var all = new TreeMap<String, String>();
    for (var replica : orchestrator.observe().replicas()) {
      all.put(replica.id().value(), replica.state() == ReplicaState.PAUSED ? "paused" : "running");
    }
    return all;
  }

  /// Waits until what is said is true, and nothing that has ended is left at the engine.
  void untilTrue() {
    await("what is said is true")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(20))
        .ignoreException(OrchestratorException.class)
        .untilAsserted(() -> assertThat(said()).isEqualTo(truth()));
  }

  /// Runs a command in a container.
  void execute(ReplicaId id, String command) {
    var json = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    json.putArray("Cmd").add("/bin/sh").add("-c").add(command);
    var exec =
        engine.post("/containers/" + Actions.name(POOL, id) + "/exec", json).path("Id").asText();
    var begin =
        com.fasterxml.jackson.databind.node.JsonNodeFactory.instance
            .objectNode()
            .put("Detach", true);
    engine.expect(EngineCall.post("/exec/" + exec + "/start").body(begin));
  }

  @Override
  public void close() {
    if (orchestrator != null) {
      orchestrator.close();
    }
  }
}
