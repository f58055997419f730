package io.microscale.orchestrators.docker.swarm;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.core.orchestrator.Watches;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Scales services of a Docker Swarm. Needs a manager's API, and changes nothing but the number of
/// replicas of the services it was told of, and the services that it makes itself.
/// * A scale returns when Swarm has taken it. A rise is told in portions, so that Swarm is never
///   far ahead of what may be wanted a moment later; see [Portions] for why. A fall is told at
///   once.
/// * A service that is being updated or rolled back is left alone: a scale is refused meanwhile,
///   and the snapshot says why among its back-offs.
/// * What others set by hand counts: the snapshot shows it as what is desired.
/// * Where the pool counts processors and memory, services carry reservations, and Swarm queues
///   what does not fit. Slots it does not know: there it has to be asked only for what fits.
/// * Nodes that are down are left out of snapshots with all that is on them; those that are drained
///   or paused stay, and take nothing.
public final class SwarmOrchestrator implements Orchestrator {
  private static final EngineClient.Limits LIMITS =
      new EngineClient.Limits(Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(10));

  private final SwarmSettings settings;
  private final EngineClient client;
  private final SwarmApi api;
  private final Watches watches;
  private final PilotThread thread;
  private final Set<Ability> abilities;

  private SwarmOrchestrator(SwarmSettings settings, InstantSource time, EngineClient client) {
    this.settings = settings;
    this.client = client;
    this.api = new SwarmApi(client);
    this.watches = new Watches(settings.notices());
    var clock = new Clock(time);
    this.thread =
        new PilotThread(
            "swarm of pool " + settings.pool(),
            new Pilot(settings, api, clock),
            this::listen,
            watches::tell,
            settings.notices());
    var all =
        EnumSet.of(
            Ability.SCALES, Ability.WATCHES, Ability.REPORTS_NODES, Ability.READS_OWN_WRITES);
    if (settings.slots().isEmpty()) {
      all.add(Ability.QUEUES_WHEN_FULL);
    }
    this.abilities = Collections.unmodifiableSet(all);
  }

  /// Connects to a manager, makes the services that are to be made, and takes over what runs.
  ///
  /// @param time where time stamps come from
  /// @throws OrchestratorException `UNAVAILABLE` if the engine does not answer, `REJECTED` if it is
  ///   no manager of a Swarm or a service cannot be scaled, naming place, rule and value
  public static SwarmOrchestrator open(SwarmSettings settings, InstantSource time) {
    var client = EngineClient.open(settings.address(), LIMITS, settings.onlyLooks());
    try {
      var opened = new SwarmOrchestrator(settings, time, client);
      opened.api.requireManager();
      new Provision(settings, opened.api).provide();
      opened.thread.start();
      return opened;
    } catch (RuntimeException | Error e) {
      client.close();
      throw e;
    }
  }

  private OrchestratorException listen(Runnable listening, PilotThread.Listener listener) {
    return client.events(
        Map.of("type", List.of("service", "node")),
        listening,
        event -> {
          if (isAbout(event, "node")) {
            listener.nodesChanged();
          } else {
            listener.servicesChanged();
          }
        });
  }

  private static boolean isAbout(JsonNode event, String type) {
    return event.path("Type").asText("").equals(type);
  }

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  @Override
  public Snapshot observe() {
    return thread.observe();
  }

  @Override
  public void perform(Action action) {
    if (!(action instanceof Action.Scale(var service, var replicas, _))) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "%s %s: Swarm names, places and picks the replicas of a service itself"
              .formatted(action.verb(), action.subject()));
    }
    if (!settings.workloads().containsKey(service)) {
      throw new OrchestratorException(Kind.UNKNOWN, "no service " + service);
    }
    thread.call("scale " + service, pilot -> pilot.scale(service, replicas));
  }

  /// Calls `changed` on the thread that reads from Swarm. It must not act on this orchestrator.
  @Override
  public Watch watch(Runnable changed) {
    return watches.add(changed);
  }

  /// Removes the services that were made for this pool, and their replicas. Those that others made
  /// stay as they are.
  public void removeMadeServices() {
    settings
        .workloads()
        .forEach(
            (id, workload) -> {
              if (workload instanceof SwarmWorkload.Image) {
                api.service(settings.nameOf(id, workload))
                    .filter(service -> service.label(SwarmService.POOL).equals(settings.pool()))
                    .ifPresent(api::remove);
              }
            });
  }

  @Override
  public void close() {
    if (thread.close()) {
      watches.clear();
      client.close();
    }
  }
}
