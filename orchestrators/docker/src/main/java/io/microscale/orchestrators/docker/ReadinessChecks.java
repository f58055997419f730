package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.OrchestratorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
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

  private final Engine engine;
  private final Map<ServiceId, Template> templates;
  private final Containers containers;
  private final Stops stops;
  private final String nodeAddress;

  ReadinessChecks(
      Engine engine,
      Map<ServiceId, Template> templates,
      Containers containers,
      Stops stops,
      String nodeAddress) {
    this.engine = engine;
    this.templates = templates;
    this.containers = containers;
    this.stops = stops;
    this.nodeAddress = nodeAddress;
  }

  /// When a replica of a service is ready; one that is configured no more is as soon as it runs.
  Readiness of(ServiceId service) {
    var template = templates.get(service);
    return template == null ? new Readiness.Started() : template.readiness();
  }

  /// Begins to wait until one is ready, if it is to be waited for.
  void begin(Held held) {
    switch (of(held.service)) {
      case Readiness.Started _ -> {}
      case Readiness.HealthCheck(var within) ->
          engine.timers().now(() -> await(held, within, SELDOM, () -> isHealthy(held)));
      case Readiness.Tcp(var port, var within) ->
          engine
              .timers()
              .now(
                  () -> {
                    var where = new Address(held, port);
                    await(held, within, OFTEN, where::takesConnections);
                  });
    }
  }

  /// The engine says that its health check has passed.
  void healthy(Held held) {
    if (of(held.service) instanceof Readiness.HealthCheck) {
      ready(held);
    }
  }

  /// The engine says that its health check fails.
  void unhealthy(Held held) {
    if (of(held.service) instanceof Readiness.HealthCheck && held.shown) {
      stops.stop(held, "unhealthy");
    }
  }

  private void ready(Held held) {
    containers.learnt(
        held,
        () -> {
          boolean now = held.shown && !held.ready && !held.paused;
          held.ready |= now;
          return now;
        });
  }

  private void await(Held held, Duration within, Duration longest, BooleanSupplier check) {
    var pause = FIRST_PAUSE;
    long left = within.toNanos();
    long looked = System.nanoTime();
    while (!held.gone && !held.stopping && !held.ready && !containers.isClosed()) {
      if (!held.paused && check.getAsBoolean()) {
        ready(held);
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
      var answer = engine.inspect(held.container);
      if (!answer.isError()) {
        return answer.json();
      }
    } catch (OrchestratorException _) {
      // Asked again soon; the engine being away is told elsewhere.
    }
    return MissingNode.getInstance();
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
