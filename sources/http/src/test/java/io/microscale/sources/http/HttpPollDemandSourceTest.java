package io.microscale.sources.http;

import io.microscale.core.demand.DemandSource;
import io.microscale.testkit.DemandSourceContract;
import io.microscale.testkit.FaultProxy;
import io.microscale.testkit.FaultProxy.Fault;
import java.net.URI;
import java.time.Duration;

class HttpPollDemandSourceTest extends DemandSourceContract {
  private final Backend backend = new Backend();
  private final FaultProxy proxy = FaultProxy.to(backend.port());

  @Override
  protected DemandSource open(Duration deadline) {
    return new HttpPoll(
        new HttpPoll.Settings(
            URI.create("http://127.0.0.1:" + proxy.port() + "/queue"),
            "/depth",
            Duration.ofSeconds(1),
            deadline));
  }

  @Override
  protected void say(double value) {
    proxy.set(new Fault.None());
    backend.answer(Backend.text(200, "{\"depth\": " + value + "}"));
  }

  @Override
  protected void lose() {
    proxy.set(new Fault.Cut());
  }

  @Override
  protected void hang() {
    proxy.set(new Fault.Hang());
  }

  @Override
  protected void sayGarbage() {
    backend.answer(Backend.text(200, "<html>sign in</html>"));
  }

  @Override
  protected void cleanUp() {
    proxy.close();
    backend.close();
  }
}
