package io.microscale.orchestrators.docker;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.testkit.engines.DockerEngine;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class DockerFaultIT extends FaultCases {
  private static DockerEngine engine;
  private static EngineClient client;

  @BeforeAll
  static void start() {
    var why = DockerEngine.whyNot();
    assumeTrue(why.isEmpty(), () -> why.orElseThrow());
    engine = DockerEngine.start("fault-docker");
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
