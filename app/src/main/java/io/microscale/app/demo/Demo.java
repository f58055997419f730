package io.microscale.app.demo;

import io.microscale.app.CommandException;
import io.microscale.app.Main;
import io.microscale.app.MonotonicClock;
import io.microscale.app.record.Recorder;
import io.microscale.core.demand.Generator;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.scaling.Headroom;
import io.microscale.server.EventFeed;
import io.microscale.server.Figures;
import io.microscale.server.MicroscaleServer;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A running demo: a pool of slots on this host that "web" and "transcode" share, with the engine,
/// the users and the page. Closing it leaves no process behind.
final class Demo implements AutoCloseable {
  static final String POOL = "kittens";
  static final ServiceId WEB = new ServiceId("web");
  static final ServiceId TRANSCODE = new ServiceId("transcode");

  private static final double MOST_REQUESTS_A_SECOND = 200;
  private static final double MOST_A_REPLICA = 10;
  private static final Duration HOLD = Duration.ofSeconds(1);
  private static final Duration SETTLING = Duration.ofMillis(1500);
  private static final Duration IDLE = Duration.ofSeconds(2);

  private final Settings settings;
  private final MonotonicClock clock = new MonotonicClock();
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final FirstPass firstPass = new FirstPass();
  private final Play demand;
  private final EventFeed feed = new EventFeed();
  private final Workshop workshop;
  private final Traffic traffic;
  private final LiveEngine engine;
  private final MicroscaleServer server;
  private final Duration processorTimeAtStart;

  /// What to run.
  ///
  /// @param demandName as the user gave it
  /// @param recording where to write every event
  record Settings(
      Place workers,
      int slots,
      long seed,
      String demandName,
      Generator demand,
      Optional<Path> recording,
      ServerSettings server) {
    /// Requests a second that one replica takes: together no more than a small machine can answer.
    double perReplicaSecond() {
      return Math.min(MOST_A_REPLICA, MOST_REQUESTS_A_SECOND / slots);
    }
  }

  /// Where the workers are to run.
  interface Place {
    Workers open(Workshop workshop, int slots, MonotonicClock clock, Consumer<String> notices)
        throws IOException, InterruptedException;
  }

  /// When the first pass was made.
  private static final class FirstPass implements Consumer<LoopEvent> {
    private final CountDownLatch made = new CountDownLatch(1);
    private volatile Instant at = Instant.MAX;

    @Override
    public void accept(LoopEvent event) {
      if (event instanceof LoopEvent.Passed passed && passed.number() == 1) {
        at = passed.at();
        made.countDown();
      }
    }
  }

  /// Starts everything, the engine before what shows it.
  ///
  /// @param notices takes a line for people, without waiting
  /// @throws CommandException if something cannot be started; then nothing is left
  static Demo start(Settings settings, Consumer<String> notices) {
    return new Demo(settings, notices);
  }

  private Demo(Settings settings, Consumer<String> notices) {
    this.settings = settings;
    boolean started = false;
    try {
      workshop = Workshop.open(System.getenv());
      parts.push(workshop);
      demand = new Play(settings.demand.source());
      var observers = new ArrayList<Consumer<LoopEvent>>();
      traffic =
          new Traffic(WEB, TRANSCODE, settings.perReplicaSecond(), settings.seed, workshop, clock);
      observers.add(traffic);
      observers.add(demand);
      observers.add(firstPass);
      observers.add(feed);
      if (settings.recording.isPresent()) {
        observers.add(recorder(settings.recording.get(), notices));
      }
      var workers = settings.workers.open(workshop, settings.slots, clock, notices);
      parts.push(workers);
      engine =
          LiveEngine.start(
              new LiveEngine.Settings(pool(), workers.kind(), clock, false),
              workers.orchestrator(),
              Map.of(WEB, demand),
              observers);
      parts.push(engine);
      traffic.start(engine);
      parts.push(traffic);
      processorTimeAtStart = EngineUsage.processorTime();
      server = MicroscaleServer.start(settings.server, engine, feed, clock);
      // Last in, first out: those who watch see the last event, and then the workers end.
      parts.remove(engine);
      parts.remove(traffic);
      parts.push(server);
      parts.push(engine);
      parts.push(traffic);
      started = true;
    } catch (IOException | UncheckedIOException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    } catch (OrchestratorException e) {
      throw CommandException.failed("the workers cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CommandException.failed("interrupted");
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private PoolSpec pool() {
    int slots = settings.slots;
    var web =
        ServiceSpec.named(WEB.value())
            .priority(100)
            .replicas(1, slots)
            .headroom(new Headroom.Fixed(0, 1))
            .hold(HOLD)
            .reclaim(Reclaim.PAUSE, Reclaim.STOP)
            .standby(
                slots - 1) // all of them: a process that waits costs the demo nothing but memory
            .build();
    var transcode =
        ServiceSpec.named(TRANSCODE.value())
            .priority(10)
            .replicas(0, slots)
            .remainder()
            .reclaim(Reclaim.PAUSE, Reclaim.STOP)
            .build();
    return PoolSpec.of(POOL, List.of(web, transcode));
  }

  private Recorder recorder(Path file, Consumer<String> problems) {
    try {
      var recorder = new Recorder(file, Recorder.Bounds.DEFAULT, Main.version(), problems);
      parts.push(recorder);
      return recorder;
    } catch (IOException e) {
      throw CommandException.failed(
          "--record: %s cannot be written: %s".formatted(file, e.getMessage()));
    }
  }

  /// Where the page is.
  URI uri() {
    return server.uri();
  }

  Settings settings() {
    return settings;
  }

  EngineStatus status() {
    return engine.status();
  }

  Figures.Snapshot figures() {
    return server.figures().snapshot(clock.instant());
  }

  Traffic.Totals work() {
    return traffic.totals();
  }

  /// Ends the requests and sums up.
  ///
  /// @param withIdle whether to measure, for some seconds more, what the engine uses when nothing
  ///   happens
  Summary finish(boolean withIdle) throws InterruptedException {
    var end = clock.instant();
    var figures = server.figures().snapshot(end);
    var memory = EngineUsage.memory();
    var used = EngineUsage.processorTime().minus(processorTimeAtStart);
    firstPass.made.await(1, TimeUnit.SECONDS);
    double cpuPercent = percent(used, Duration.between(firstPass.at, end));
    traffic.close();
    long lost = feed.lost() + traffic.lost();
    var idle = withIdle ? OptionalDouble.of(idleCpuPercent()) : OptionalDouble.empty();
    double startMillis = Duration.between(EngineUsage.startedAt(), firstPass.at).toNanos() / 1e6;
    var answers = traffic.answerMicros();
    boolean any = answers.getTotalCount() > 0;
    return new Summary(
        new Summary.Asked(
            settings.seed, settings.slots, settings.demandName, settings.perReplicaSecond()),
        WEB,
        TRANSCODE,
        figures,
        traffic.totals(),
        new Figures.Percentiles(
            answers.getTotalCount(),
            any ? answers.getValueAtPercentile(50) / 1e3 : 0,
            any ? answers.getValueAtPercentile(90) / 1e3 : 0,
            any ? answers.getValueAtPercentile(99) / 1e3 : 0,
            any ? answers.getMaxValue() / 1e3 : 0),
        new Summary.Used(startMillis, memory, cpuPercent, idle, lost));
  }

  private double idleCpuPercent() throws InterruptedException {
    demand.freeze(clock.instant());
    EngineUsage.exactProcessorTime();
    TimeUnit.NANOSECONDS.sleep(SETTLING.toNanos());
    var began = clock.instant();
    var before = EngineUsage.exactProcessorTime();
    TimeUnit.NANOSECONDS.sleep(IDLE.toNanos());
    var used = EngineUsage.exactProcessorTime().minus(before);
    return percent(used, Duration.between(began, clock.instant()));
  }

  private static double percent(Duration part, Duration whole) {
    return whole.isPositive() ? 100.0 * part.toNanos() / whole.toNanos() : 0;
  }

  /// Ends the engine, then every worker, then removes all files.
  @Override
  public void close() {
    for (var part = parts.poll(); part != null; part = parts.poll()) {
      try {
        part.close();
      } catch (Exception e) {
        // The others are to be closed all the same.
        System.getLogger("microscale").log(System.Logger.Level.WARNING, "while closing", e);
      }
    }
  }
}
