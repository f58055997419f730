package io.microscale.orchestrators.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.PodmanEngine;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PodmanFaultIT extends FaultCases {
  private static PodmanEngine engine;
  private static EngineClient client;

  @BeforeAll
  static void start() {
    var why = PodmanEngine.whyNot();
    assumeTrue(why.isEmpty(), () -> why.orElseThrow());
    engine = PodmanEngine.start("fault-podman");
    client = EngineClient.open(EngineAddress.parse(engine.host(), Optional.empty()));
  }

  @AfterAll
  static void stop() {
    if (engine != null) {
      client.close();
      engine.close();
    }
  }

  @Override
  EngineClient client() {
    return client;
  }
}
