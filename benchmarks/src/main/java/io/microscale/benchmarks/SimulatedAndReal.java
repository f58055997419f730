package io.microscale.benchmarks;

import io.microscale.core.demand.Reading;
import io.microscale.core.demand.Trace;
import io.microscale.core.loop.LiveEngine;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Orchestrator;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.scaling.Headroom;
import io.microscale.orchestrators.process.ProcessOrchestrator;
import io.microscale.orchestrators.process.ProcessSettings;
import io.microscale.orchestrators.process.Readiness;
import io.microscale.orchestrators.process.Workload;
import io.microscale.simulator.cluster.ClusterSettings;
import io.microscale.simulator.cluster.SimulatedCluster;
import io.microscale.simulator.cluster.Simulation;
import io.microscale.simulator.cluster.SimulationSettings;
import io.microscale.simulator.cluster.Timing;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;

/// Runs the same demand twice: with real processes on this machine, and in the simulator with the
/// latencies that were measured meanwhile. Prints what went unserved and how much of the pool was
/// of use, of both.
///
/// Arguments: how many seconds (60) and the seed of the demand (1). Batch work sleeps, so that the
/// figures are of the engine and not of a machine that is too small.
public final class SimulatedAndReal {
  private static final ServiceId WEB = new ServiceId("web");
  private static final ServiceId BATCH = new ServiceId("batch");
  private static final int SLOTS = 10;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private SimulatedAndReal() {}

  public static void main(String[] args) throws IOException {
    int seconds = args.length > 0 ? Integer.parseInt(args[0]) : 60;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 1;
    var demand = demand(seconds, seed);
    var latencies = new MeasuredLatencies();
    System.out.printf(
        Locale.ROOT, "%d s, %d slots, seed %d, with processes ...%n", seconds, SLOTS, seed);
    var real = real(demand, latencies);
    var simulated = simulated(demand, latencies, seed);
    System.out.printf(Locale.ROOT, "measured: %s%n", latencies);
    print("real", real);
    print("simulated", simulated);
    System.out.printf(
        Locale.ROOT,
        "apart: %.2f points of unserved, %.2f points of utilisation%n",
        Math.abs(real.unservedPercent - simulated.unservedPercent),
        Math.abs(real.utilisationPercent - simulated.utilisationPercent));
  }

  private record Figures(double unservedPercent, double utilisationPercent) {}

  private static void print(String name, Figures figures) {
    System.out.printf(
        Locale.ROOT,
        "%-10s unserved %6.2f %%   useful utilisation %6.2f %%%n",
        name,
        figures.unservedPercent,
        figures.utilisationPercent);
  }

  /// Levels that hold for one to six seconds.
  private static Demand demand(int seconds, long seed) {
    var random = new SplittableRandom(seed);
    var replicas = new double[seconds];
    double level = 2;
    int left = 0;
    for (int second = 0; second < seconds; second++) {
      if (left-- == 0) {
        level = 1 + random.nextDouble() * (SLOTS - 1);
        left = random.nextInt(6);
      }
      replicas[second] = level;
    }
    return Demand.of("levels", replicas);
  }

  private static PoolSpec pool() {
    return PoolSpec.of(
        "simulated-and-real",
        List.of(
            ServiceSpec.named(WEB.value())
                .priority(100)
                .replicas(1, SLOTS)
                .headroom(new Headroom.Fixed(0, 0))
                .build(),
            ServiceSpec.named(BATCH.value())
                .replicas(0, SLOTS)
                .remainder()
                .reclaim(Reclaim.PAUSE, Reclaim.STOP)
                .build()));
  }

  // With processes.

  private static Figures real(Demand demand, MeasuredLatencies latencies) throws IOException {
    var folder = Files.createTempDirectory("simulated-and-real");
    var clock = InstantSource.system();
    var workloads =
        Map.of(
            WEB, ready("sleep 0.3; echo ready; exec sleep 1000"),
            BATCH, ready("echo ready; exec sleep 1000"));
    var settings =
        ProcessSettings.of("simulated-and-real", folder.resolve("state"), workloads).slots(SLOTS);
    try (var orchestrator = ProcessOrchestrator.open(settings, clock)) {
      try {
        return run(demand, latencies, orchestrator, clock);
      } finally {
        endAll(orchestrator, clock);
      }
    } finally {
      delete(folder);
    }
  }

  private static Workload ready(String script) {
    return Workload.of("sh", "-c", script)
        .readiness(Readiness.OutputLine.containing("ready", Duration.ofSeconds(10)));
  }

  private static Figures run(
      Demand demand, MeasuredLatencies latencies, Orchestrator orchestrator, InstantSource clock) {
    try (var engine =
        LiveEngine.start(
            new LiveEngine.Settings(pool(), "process", clock, false),
            orchestrator,
            Map.of(),
            List.of(latencies))) {
      // Batch fills the pool before the demand begins.
      await(clock, () -> orchestrator.observe().of(BATCH).running() >= SLOTS - 1);
      var began = clock.instant();
      var generator = new Trace(points(demand), 1, false);
      double served = 0;
      double worked = 0;
      double demanded = 0;
      int sent = -1;
      var last = began;
      while (true) {
        var now = clock.instant();
        var elapsed = Duration.between(began, now);
        double gap = Duration.between(last, now).toNanos() / 1e9;
        last = now;
        if (elapsed.toSeconds() >= demand.length()) {
          break;
        }
        var seen = orchestrator.observe();
        double present = generator.valueAt(elapsed);
        demanded += present * gap;
        served += Math.min(present, seen.of(WEB).running()) * gap;
        worked += seen.of(BATCH).running() * gap;
        if (elapsed.toSeconds() > sent) {
          sent = (int) elapsed.toSeconds();
          engine.push(WEB, Reading.of(present, now));
        }
        LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
      }
      double all = Duration.between(began, last).toNanos() / 1e9 * SLOTS;
      return new Figures(100 * (demanded - served) / demanded, 100 * (served + worked) / all);
    }
  }

  private static List<Trace.Point> points(Demand demand) {
    var points = new ArrayList<Trace.Point>(demand.length());
    for (int second = 0; second < demand.length(); second++) {
      points.add(new Trace.Point(second, demand.at(second)));
    }
    return points;
  }

  private static void endAll(Orchestrator orchestrator, InstantSource clock) {
    await(
        clock,
        () -> {
          for (var replica : orchestrator.observe().replicas()) {
            try {
              orchestrator.perform(new Action.Stop(replica.service(), replica.id()));
            } catch (OrchestratorException _) {
              // Asked again in a moment.
            }
          }
          return orchestrator.observe().replicas().isEmpty();
        });
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(InstantSource clock, Condition condition) {
    Instant until = clock.instant().plus(PATIENCE);
    while (!condition.holds()) {
      if (clock.instant().isAfter(until)) {
        throw new IllegalStateException("not within " + PATIENCE);
      }
      LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (var walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (var path : all) {
      Files.deleteIfExists(path);
    }
  }

  // In the simulator.

  private static Figures simulated(Demand demand, MeasuredLatencies latencies, long seed) {
    var cluster =
        ClusterSettings.reliable(
                SimulatedCluster.nodes(1, Map.of(Resources.SLOTS, (long) SLOTS)),
                SimulatedCluster.services(WEB.value(), BATCH.value()))
            .seed(seed)
            .abilities(EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.QUEUES_WHEN_FULL)))
            .timing(
                Timing.NONE
                    .starting(Map.of(WEB, latencies.start(WEB), BATCH, latencies.start(BATCH)))
                    .stopping(latencies.stop())
                    .answering(latencies.answers()));
    var score =
        Simulation.run(
                new SimulationSettings(
                    pool(),
                    cluster,
                    Map.of(WEB, demand),
                    Duration.ZERO,
                    Map.of(),
                    Duration.ofMinutes(1),
                    new Terms(SLOTS, 1, false, 0, 0)))
            .score();
    return new Figures(score.unservedPercent(), score.usefulUtilisationPercent());
  }
}
