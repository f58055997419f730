package io.microscale.orchestrators.docker;

import io.microscale.orchestrators.docker.engine.EngineAnswer;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.util.function.Consumer;

/// The engine that a pool is on, with what everyone needs who asks it for something.
///
/// @param notices takes lines for people
record Engine(
    String pool, EngineClient client, Dialect dialect, Timers timers, Consumer<String> notices) {
  EngineAnswer inspect(String container) {
    return client.send(EngineCall.get("/containers/" + container + "/json"));
  }
}
