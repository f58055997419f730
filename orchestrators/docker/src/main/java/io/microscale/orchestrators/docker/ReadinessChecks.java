package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Finds out when containers that run are ready, each on a thread of its own. The time in which one
/// is paused does not count.
///
/// That a port takes connections nobody tells: it is tried at once, then less and less often, at
/// least every 50 ms. Health is told by events; it is asked for each second as well.
final class ReadinessChecks {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration SELDOM = Duration.ofSeconds(1);
  private static final int CONNECT_MILLIS = 1000;

  private final EngineClient client;
  private final Containers containers;
  private final Stops stops;
  private final Timers timers;
  private final String nodeAddress;

  ReadinessChecks(
      EngineClient client, Containers containers, Stops stops, Timers timers, String nodeAddress) {
    this.client = client;
    this.containers = containers;
    this.stops = stops;
    this.timers = timers;
    this.nodeAddress = nodeAddress;
  }

  /// Whether one is ready as soon as it runs.
  static boolean isImmediate(Readiness readiness) {
    return readiness instanceof Readiness.Started;
  }

  /// Begins to wait until one is ready, if it is to be waited for.
  void begin(Held held, Readiness readiness) {
    switch (readiness) {
      case Readiness.Started _ -> {}
      case Readiness.HealthCheck(var within) ->
          timers.now(() -> await(held, within, SELDOM, () -> isHealthy(held)));
      case Readiness.Tcp(var port, var within) ->
          timers.now(
              () -> {
                var where = new Address(held, port);
                await(held, within, OFTEN, where::takesConnections);
              });
    }
  }

  private void await(Held held, Duration within, Duration longest, BooleanSupplier check) {
    var pause = FIRST_PAUSE;
    long left = within.toNanos();
    long looked = System.nanoTime();
    while (!held.gone && !held.stopping && !held.ready) {
      if (!held.paused && check.getAsBoolean()) {
        containers.learnt(
            held,
            () -> {
              boolean now = !held.paused && !held.ready;
              held.ready |= now;
              return now;
            });
        continue;
      }
      long now = System.nanoTime();
      left -= held.paused ? 0 : now - looked;
      looked = now;
      if (left <= 0) {
        stops.stop(held, "not ready within " + Aftermath.words(within));
        return;
      }
      try {
        Thread.sleep(pause);
      } catch (InterruptedException _) {
        return;
      }
      pause = pause.multipliedBy(2).compareTo(longest) < 0 ? pause.multipliedBy(2) : longest;
    }
  }

  private boolean isHealthy(Held held) {
    var state = inspected(held).path("State");
    if (!state.isMissingNode() && state.path("Health").path("Status").asText("").isEmpty()) {
      stops.stop(held, "it is to be ready by its health check and has none");
    }
    return state.path("Health").path("Status").asText().equals("healthy");
  }

  private JsonNode inspected(Held held) {
    try {
      var answer = client.send(EngineCall.get("/containers/" + held.container + "/json"));
      if (!answer.isError()) {
        return answer.json();
      }
    } catch (OrchestratorException _) {
      // Asked again soon; the engine being away is told elsewhere.
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  /// Where a container is reached, asked for once.
  private final class Address {
    private final Held held;
    private final int port;
    private Optional<String> host = Optional.empty();

    Address(Held held, int port) {
      this.held = held;
      this.port = port;
    }

    boolean takesConnections() {
      if (host.isEmpty()) {
        host = find();
      }
      return host.isPresent() && connects(host.get());
    }

    private Optional<String> find() {
      var tree = inspected(held);
      if (tree.path("HostConfig").path("NetworkMode").asText().equals("host")) {
        return Optional.of(nodeAddress);
      }
      var settings = tree.path("NetworkSettings");
      for (var network : settings.path("Networks")) {
        var address = network.path("IPAddress").asText("");
        if (!address.isEmpty()) {
          return Optional.of(address);
        }
      }
      return Optional.of(settings.path("IPAddress").asText("")).filter(a -> !a.isEmpty());
    }

    private boolean connects(String address) {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), CONNECT_MILLIS);
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
