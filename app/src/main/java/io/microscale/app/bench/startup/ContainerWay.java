package io.microscale.app.bench.startup;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.orchestrators.docker.engine.EngineCall;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/// The workload in a container of an engine with the Docker API: created, then started, by two
/// calls over a connection that is open.
final class ContainerWay implements Way {
  private final Engine engine;
  private final ObjectNode body;
  private int count;

  /// Containers in one of the networks that every engine has.
  ///
  /// @param network `host`, `bridge`, `none`
  ContainerWay(Engine engine, String network) {
    this.engine = engine;
    this.body = JsonNodeFactory.instance.objectNode().put("Image", engine.image());
    body.putArray("Entrypoint").add("/bin/sh").add("-c");
    body.putArray("Cmd").add(Whistle.script());
    body.set("Labels", engine.labels());
    var host = body.putObject("HostConfig").put("NetworkMode", network);
    host.putArray("Mounts").add(engine.mount());
  }

  @Override
  public String how() {
    return engine.client().version().toString();
  }

  @Override
  public Duration start() throws IOException, InterruptedException {
    var name = "microscale-bench-%s-%d".formatted(engine.mark(), ++count);
    engine.whistle().forget();
    try {
      long asked = System.nanoTime();
      engine
          .client()
          .expect(EngineCall.post("/containers/create").query(Map.of("name", name)).body(body));
      engine.client().expect(EngineCall.post("/containers/" + name + "/start"));
      return Duration.ofNanos(engine.whistle().ready() - asked);
    } finally {
      Engine.surely(() -> engine.remove(name));
    }
  }

  /// Each container has been removed where it was started.
  @Override
  public void close() {}
}
