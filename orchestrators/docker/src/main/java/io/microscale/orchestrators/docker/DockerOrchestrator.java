package io.microscale.orchestrators.docker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import io.microscale.core.orchestrator.Watches;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import io.microscale.orchestrators.docker.engine.EngineCall;
import io.microscale.orchestrators.docker.engine.EngineClient;
import io.microscale.orchestrators.docker.engine.EngineVersion;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Runs replicas as containers of one engine, Docker or Podman, on its machine.
/// * A start returns when the container runs. A replica is `running` when its [Readiness] says so.
/// * A stop is the stop signal, the grace of the [Workload], then SIGKILL. The room is free when
///   the container has ended; that it is removed comes later.
/// * A pause is the freezer of the control group; one call, effective when it returns. `PAUSES` is
///   declared where the engine may use it.
/// * A resize changes the limits, see [Sizing]. Podman can do it from the version on in which its
///   API for Docker can; before that, `RESIZES` is not declared.
/// * Containers are marked with labels (`io.microscale.pool`, `.service`, `.replica`, …) and named
///   `POOL-REPLICA`. Nothing without the label of the pool is touched. They outlive the
///   orchestrator, and the next one adopts them; those that have ended it removes.
/// * Nothing is pulled: an image that is missing fails the start, in the words of the engine.
/// * A service whose replicas end by themselves again and again is reported as backing off, and its
///   starts are refused meanwhile, see [io.microscale.core.orchestrator.CrashLoop].
/// * While the engine does not answer, [#observe] and [#perform] refuse with `UNAVAILABLE`; once it
///   answers again, everything is listed before anything is said.
public final class DockerOrchestrator implements Orchestrator {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
  private static final String NOBODY = "microscale-asks-what-this-engine-can-do";

  private final EngineClient client;
  private final Containers containers;
  private final Watches watches;
  private final Timers timers;
  private final Teller teller;
  private final Removals removals;
  private final Follower follower;
  private final Actions actions;
  private final Set<Ability> abilities;
  private final AtomicBoolean closed = new AtomicBoolean();

  private DockerOrchestrator(
      DockerSettings settings, EngineClient client, Machine machine, InstantSource time) {
    var clock = new Clock(time);
    var timers = new Timers("pool " + settings.pool(), clock::now, settings.notices());
    var engine =
        new Engine(
            settings.pool(),
            client,
            new Dialect(client.version().podman()),
            timers,
            settings.notices());
    var templates = templates(settings, engine);
    var sizing = new Sizing(settings.slots(), machine.resources().get(Resources.CPU));
    this.client = client;
    this.timers = timers;
    this.abilities = abilities(settings, machine, client.version());
    this.watches = new Watches(settings.notices());
    this.teller = new Teller(watches);
    this.containers = new Containers(machine.node(settings.slots()), clock, teller::changed);
    this.removals = new Removals(engine, containers::isBusy);
    var aftermath = new Aftermath(engine, containers, removals);
    var stops = new Stops(engine, containers, aftermath, held -> grace(templates, held));
    var readiness =
        new ReadinessChecks(engine, templates, containers, stops, nodeAddress(settings));
    var inspector =
        new Inspector(engine, containers, sizing, clock, readiness, removals, aftermath);
    var foreigners =
        new Foreigners(engine, containers, machine.resources(), settings.slots().isEmpty());
    var listing =
        new Listing(
            engine, containers, clock, inspector, readiness, removals, aftermath, foreigners);
    this.follower = new Follower(engine, containers, listing, inspector, readiness, aftermath);
    this.actions =
        new Actions(engine, containers, templates, sizing, stops, readiness, aftermath, inspector);
  }

  /// Connects to the engine and adopts what runs.
  ///
  /// @param time where time stamps come from
  /// @throws OrchestratorException `UNAVAILABLE` if the engine does not answer, `UNSUPPORTED` if it
  ///   is none that we know, `REJECTED` if a container that a workload is to be like is not there
  public static DockerOrchestrator open(DockerSettings settings, InstantSource time) {
    var client = EngineClient.open(settings.address(), settings.limits(), settings.onlyLooks());
    try {
      var opened = new DockerOrchestrator(settings, client, Machine.of(client.get("/info")), time);
      opened.begin(settings.limits().read(), settings.onlyLooks());
      return opened;
    } catch (RuntimeException | Error e) {
      client.close();
      throw e;
    }
  }

  private void begin(Duration patience, boolean onlyLooks) {
    teller.start();
    if (!onlyLooks) {
      removals.start();
    }
    follower.start();
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        containers.observe();
        return;
      } catch (OrchestratorException e) {
        if (System.nanoTime() - deadline > 0) {
          close();
          throw e;
        }
      }
      try {
        Thread.sleep(LOOK_AGAIN);
      } catch (InterruptedException e) {
        close();
        Thread.currentThread().interrupt();
        throw new OrchestratorException(Kind.UNAVAILABLE, "interrupted while it was opened", e);
      }
    }
  }

  private static Map<ServiceId, Template> templates(DockerSettings settings, Engine engine) {
    var likeness = new Likeness(engine);
    var all = new HashMap<ServiceId, Template>();
    settings
        .workloads()
        .forEach(
            (service, workload) ->
                all.put(
                    service,
                    switch (workload) {
                      case Workload.Container container -> Template.of(container);
                      case Workload.Like like -> likeness.of(service, like);
                    }));
    return all;
  }

  private static Duration grace(Map<ServiceId, Template> templates, Held held) {
    var template = templates.get(held.service);
    return template == null ? Workload.STOP_GRACE : template.stopGrace();
  }

  private static String nodeAddress(DockerSettings settings) {
    return settings
        .nodeAddress()
        .orElseGet(
            () ->
                switch (settings.address()) {
                  case EngineAddress.Unix _ -> "127.0.0.1";
                  case EngineAddress.Tcp(var host, _, _) -> host;
                });
  }

  private static Set<Ability> abilities(
      DockerSettings settings, Machine machine, EngineVersion version) {
    var all =
        EnumSet.of(
            Ability.WATCHES,
            Ability.PICKS_VICTIMS,
            Ability.REPORTS_NODES,
            Ability.READS_OWN_WRITES);
    if (machine.pauses()) {
      all.add(Ability.PAUSES);
    }
    if (machine.limits() && (!version.podman() || updates(settings))) {
      all.add(Ability.RESIZES);
    }
    return Collections.unmodifiableSet(all);
  }

  /// Whether this Podman can change limits, which it learnt late: one that can knows that there is
  /// no such container, one that cannot knows nothing of the path.
  private static boolean updates(DockerSettings settings) {
    // A client of its own: a dry run may ask this too, since nobody's limits are changed.
    try (var client = EngineClient.open(settings.address(), settings.limits())) {
      var call =
          EngineCall.post("/containers/" + NOBODY + "/update")
              .body(JsonNodeFactory.instance.objectNode());
      return client.send(call).message().contains(NOBODY);
    }
  }

  @Override
  public Set<Ability> abilities() {
    return abilities;
  }

  /// Which engine this is.
  public EngineVersion engine() {
    return client.version();
  }

  @Override
  public Snapshot observe() {
    return containers.observe();
  }

  @Override
  public void perform(Action action) {
    if (!(action instanceof Action.OfReplica one)) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "%s %s: containers are started one by one".formatted(action.verb(), action.service()));
    }
    var needed =
        switch (one) {
          case Action.Start _, Action.Stop _ -> Ability.PICKS_VICTIMS;
          case Action.Pause _, Action.Resume _ -> Ability.PAUSES;
          case Action.Resize _ -> Ability.RESIZES;
        };
    if (!abilities.contains(needed)) {
      throw new OrchestratorException(
          Kind.UNSUPPORTED,
          "%s %s: %s cannot do that here".formatted(one.verb(), one.replica(), client.version()));
    }
    actions.perform(one);
  }

  @Override
  public Watch watch(Runnable changed) {
    return watches.add(changed);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      containers.close();
      follower.close();
      removals.close();
      timers.close();
      teller.close();
      watches.clear();
      client.close();
    }
  }
}
