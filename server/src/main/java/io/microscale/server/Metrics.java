package io.microscale.server;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceReplicas;
import io.microscale.core.model.ServiceSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// The metrics of `/metrics`. Events fill histograms and counters; the rest is read off when it is
/// asked for.
final class Metrics implements Consumer<LoopEvent> {
  private static final Duration[] REACTION =
      millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000);
  private static final Duration[] DECISION =
      micros(10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000);
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final Engine engine;
  private final Figures figures;
  private final InstantSource clock;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer decision;
  private final Map<ServiceId, Timer> reactions = new HashMap<>();
  private final Set<String> resources = new HashSet<>();
  private boolean jvmBound;
  private volatile Seen seen;

  /// What is, at the time of one answer.
  private record Seen(
      Instant at,
      EngineStatus status,
      Map<ServiceId, Decision> decisions,
      Figures.Snapshot figures,
      Resources capacity) {}

  Metrics(
      Engine engine, Figures figures, InstantSource clock, Broadcast broadcast, EventFeed feed) {
    this.engine = engine;
    this.figures = figures;
    this.clock = clock;
    seen = look();
    decision =
        Timer.builder("microscale.decision")
            .description("From the first look at the snapshot to the finished plan.")
            .serviceLevelObjectives(DECISION)
            .register(registry);
    for (var spec : seen.status.pool().services()) {
      bind(spec);
    }
    gauge(
        "microscale.blind",
        "1 while the orchestrator cannot be seen.",
        Tags.empty(),
        s -> s.status.blind().isPresent() ? 1 : 0);
    gauge(
        "microscale.actions.in.flight",
        "Actions under way.",
        Tags.empty(),
        s -> s.status.actionsInFlight());
    Gauge.builder("microscale.stream.clients", broadcast, Broadcast::clients)
        .description("Clients of the event stream.")
        .register(registry);
    total(
        "microscale.stream.dropped",
        "Clients of the event stream dropped because they read too slowly.",
        broadcast,
        Broadcast::dropped);
    total(
        "microscale.events.lost",
        "Events of the engine that came faster than the server follows.",
        feed,
        EventFeed::lost);
  }

  /// Called on one thread only.
  @Override
  public void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.Passed passed -> {
        decision.record(passed.took());
        passed
            .triggers()
            .forEach(
                t -> registry.counter("microscale.passes", "trigger", Json.camel(t)).increment());
      }
      case LoopEvent.Reacted reacted -> reaction(reacted.service()).record(reacted.took());
      case LoopEvent.ActionEnded ended ->
          registry
              .counter(
                  "microscale.actions",
                  "verb",
                  ended.action().verb(),
                  "outcome",
                  ended.failure().map(f -> Json.camel(f.kind())).orElse("accepted"))
              .increment();
      case LoopEvent.Started _,
          LoopEvent.ReadingTaken _,
          LoopEvent.Overridden _,
          LoopEvent.Observed _,
          LoopEvent.ObserveFailed _,
          LoopEvent.WorkReported _,
          LoopEvent.Stopped _ -> {}
    }
  }

  /// Writes all metrics in the Prometheus text format.
  synchronized void write(OutputStream out) throws IOException {
    seen = look();
    for (var name : seen.capacity.asMap().keySet()) {
      if (resources.add(name)) {
        gauge(
            "microscale.utilisation.ratio",
            "Used by running replicas now, by capacity.",
            Tags.of("resource", name),
            s -> ratio(name));
      }
    }
    if (!jvmBound) {
      // Only when somebody asks: they cost start-up time and memory.
      jvmBound = true;
      new JvmMemoryMetrics().bindTo(registry);
      new JvmThreadMetrics().bindTo(registry);
      new ProcessorMetrics().bindTo(registry);
      new UptimeMetrics().bindTo(registry);
    }
    registry.scrape(out, CONTENT_TYPE);
  }

  private void bind(ServiceSpec spec) {
    var id = spec.id();
    var tags = Tags.of("service", id.value());
    if (!spec.remainder()) {
      reaction(id);
      gauge(
          "microscale.demand.replicas",
          "What the last reading calls for, without headroom.",
          tags,
          s -> decided(s, id, d -> d.claim().demand()));
      gauge(
          "microscale.reading.age.seconds",
          "Age of the last reading with a value; NaN without one.",
          tags,
          s -> age(s, id));
      counter(
          "microscale.unserved.replica.seconds",
          "Demand without a ready replica, over time.",
          tags,
          s -> s.figures.service(id).unservedReplicaSeconds());
      counter(
          "microscale.demand.replica.seconds",
          "Demand over time.",
          tags,
          s -> s.figures.service(id).demandReplicaSeconds());
    }
    gauge(
        "microscale.claim.replicas",
        "Replicas the service should ideally have.",
        tags,
        s -> decided(s, id, d -> d.claim().replicas()));
    gauge(
        "microscale.granted.replicas",
        "Replicas the service is granted.",
        tags,
        s -> decided(s, id, d -> d.grant().granted()));
    for (var state : ReplicaState.values()) {
      gauge(
          "microscale.replicas",
          "Replicas by state; running is ready.",
          tags.and("state", Json.camel(state)),
          s -> count(s, id, state));
    }
  }

  private Timer reaction(ServiceId service) {
    return reactions.computeIfAbsent(
        service,
        id ->
            Timer.builder("microscale.reaction")
                .description(
                    "From the demand being known to the replica that answers it being ready.")
                .tag("service", id.value())
                .serviceLevelObjectives(REACTION)
                .register(registry));
  }

  private void gauge(String name, String description, Tags tags, ToDoubleFunction<Seen> value) {
    Gauge.builder(name, this, m -> value.applyAsDouble(m.seen))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void counter(String name, String description, Tags tags, ToDoubleFunction<Seen> value) {
    FunctionCounter.builder(name, this, m -> value.applyAsDouble(m.seen))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private <T> void total(String name, String description, T of, ToDoubleFunction<T> value) {
    FunctionCounter.builder(name, of, value).description(description).register(registry);
  }

  private Seen look() {
    var status = engine.status();
    var now = clock.instant();
    return new Seen(
        now,
        status,
        Frame.byService(status.decisions()),
        figures.snapshot(now),
        status.snapshot().map(s -> s.capacity()).orElse(Resources.NONE));
  }

  private double ratio(String resource) {
    return figures.usedNow(resource) / seen.capacity.get(resource);
  }

  private static double decided(Seen seen, ServiceId service, ToDoubleFunction<Decision> value) {
    var decision = seen.decisions.get(service);
    return decision == null ? Double.NaN : value.applyAsDouble(decision);
  }

  private static double age(Seen seen, ServiceId service) {
    @Nullable Reading reading = seen.status.readings().get(service);
    return reading instanceof Reading.Value(_, var at)
        ? Math.max(0, Duration.between(at, seen.at).toNanos() / 1e9)
        : Double.NaN;
  }

  private static int count(Seen seen, ServiceId service, ReplicaState state) {
    var replicas = seen.status.snapshot().map(s -> s.of(service)).orElse(ServiceReplicas.NONE);
    return switch (state) {
      case STARTING -> replicas.starting();
      case RUNNING -> replicas.running();
      case PAUSED -> replicas.paused();
      case STOPPING -> replicas.stopping();
    };
  }

  private static Duration[] millis(long... values) {
    return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }

  private static Duration[] micros(long... values) {
    return Arrays.stream(values).mapToObj(v -> Duration.ofNanos(v * 1000)).toArray(Duration[]::new);
  }
}
