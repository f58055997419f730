package io.microscale.server.page;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.server.EventFeed;
import io.microscale.server.MicroscaleServer;
import io.microscale.server.ServerSettings;
import io.microscale.simulator.cluster.ClusterSettings;
import io.microscale.simulator.cluster.Latency;
import io.microscale.simulator.cluster.SimulatedCluster;
import io.microscale.simulator.cluster.Timing;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/// A real engine over a cluster in memory that lives in real time, with its server, for a browser
/// to look at.
final class Stage implements AutoCloseable {
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId BATCH = new ServiceId("batch");
  private static final Duration TICK = Duration.ofMillis(2);
  private static final Duration REPORT = Duration.ofMillis(250);

  private final PoolSpec pool;
  private final Optional<String> token;
  private final SimulatedCluster cluster;
  private final WithBackoffs orchestrator;
  private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
  private final long began = System.nanoTime();
  private final Instant beganAt;
  private Instant reportedAt;
  private double unitsDone;
  private int port;
  private Optional<LiveEngine> engine = Optional.empty();
  private Optional<MicroscaleServer> server = Optional.empty();

  /// @param port 0 for any that is free; later servers of this stage get the same
  Stage(PoolSpec pool, int nodes, int port, Optional<String> token) {
    this.pool = pool;
    this.port = port;
    this.token = token;
    var services = pool.services().stream().map(ServiceSpec::id).collect(Collectors.toSet());
    cluster =
        new SimulatedCluster(
            ClusterSettings.reliable(SimulatedCluster.nodes(nodes, Map.of("slots", 10L)), services)
                .timing(Timing.of(Latency.ofMillis(6, 14), Latency.ofMillis(4, 12))));
    beganAt = Instant.now().isAfter(cluster.instant()) ? Instant.now() : cluster.instant();
    reportedAt = beganAt;
    tick();
    orchestrator = new WithBackoffs(cluster.open());
    var _ = ticker.scheduleWithFixedDelay(this::tick, 0, TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// `web` over `batch` on 20 slots, open to all on loopback.
  static Stage open() {
    var stage = new Stage(webAndBatch(), 2, 0, Optional.empty());
    stage.start();
    return stage;
  }

  static PoolSpec webAndBatch() {
    return PoolSpec.of(
        "kittens",
        List.of(
            ServiceSpec.named("web")
                .priority(100)
                .replicas(1, 18)
                .scaling(new ScalingPolicy.PerReplicaTarget(50))
                .standby(2)
                .reclaim(Reclaim.PAUSE, Reclaim.STOP)
                .build(),
            ServiceSpec.named("batch")
                .priority(10)
                .replicas(0, 20)
                .remainder()
                .reclaim(Reclaim.PAUSE, Reclaim.STOP)
                .build()));
  }

  /// Starts an engine that finds what runs, and its server.
  void start() {
    var feed = new EventFeed();
    var running =
        LiveEngine.start(
            new LiveEngine.Settings(pool, "virtual", cluster, false),
            orchestrator,
            Map.of(),
            List.of(feed));
    engine = Optional.of(running);
    server =
        Optional.of(
            MicroscaleServer.start(
                new ServerSettings("127.0.0.1", port, token), running, feed, cluster));
    port = server.get().port();
  }

  /// Ends the engine and its server; replicas go on.
  void stop() {
    engine.ifPresent(LiveEngine::close);
    engine = Optional.empty();
    server.ifPresent(MicroscaleServer::close);
    server = Optional.empty();
  }

  @Override
  public void close() {
    stop();
    ticker.shutdownNow();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:%d/".formatted(port));
  }

  Engine engine() {
    return engine.orElseThrow();
  }

  Instant now() {
    return cluster.instant();
  }

  void demand(ServiceId service, double value) {
    engine().push(service, Reading.of(value, now()));
  }

  void missing(ServiceId service, String why) {
    engine().push(service, new Reading.Missing(why, now()));
  }

  void blind(boolean cut) {
    cluster.cut(cut);
  }

  void backoff(ServiceId service, Duration duration, String reason) {
    orchestrator.backoffs.put(service, new Backoff(now().plus(duration), reason));
  }

  void kill(Replica replica) {
    cluster.kill(replica.id());
  }

  /// What runs, whether the engine is there or not.
  Snapshot truth() {
    return cluster.truth();
  }

  long running(ServiceId service) {
    return truth().of(service).replicas().stream()
        .filter(r -> r.state() == ReplicaState.RUNNING)
        .count();
  }

  private void tick() {
    var now = beganAt.plusNanos(System.nanoTime() - began);
    cluster.advance(Duration.between(cluster.instant(), now));
    if (now.isBefore(reportedAt.plus(REPORT))) {
      return;
    }
    unitsDone += running(BATCH) * Duration.between(reportedAt, now).toNanos() / 1e9;
    reportedAt = now;
    engine.ifPresent(running -> running.reportWork(BATCH, unitsDone, 0, Duration.ZERO));
  }

  /// An orchestrator that says of services, as a test wants, that they keep crashing.
  private static final class WithBackoffs implements Orchestrator {
    final Map<ServiceId, Backoff> backoffs = new ConcurrentHashMap<>();
    private final Orchestrator inner;

    WithBackoffs(Orchestrator inner) {
      this.inner = inner;
    }

    @Override
    public Set<Ability> abilities() {
      return inner.abilities();
    }

    @Override
    public Snapshot observe() {
      var seen = inner.observe();
      return backoffs.isEmpty()
          ? seen
          : Snapshot.of(seen.at(), seen.nodes(), seen.replicas(), Standings.of(backoffs));
    }

    @Override
    public void perform(Action action) {
      inner.perform(action);
    }

    @Override
    public Watch watch(Runnable changed) {
      return inner.watch(changed);
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
