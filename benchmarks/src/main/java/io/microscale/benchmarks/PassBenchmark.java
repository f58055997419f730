package io.microscale.benchmarks;

import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Pass;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Ability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// One whole pass on a large pool: claims, allocation, plan.
///
/// Nine of ten services follow a demand, at ten priorities; every tenth takes the remainder. Nodes
/// are full.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgs = {"-Xms6g", "-Xmx6g", "-XX:+UseParallelGC"})
public class PassBenchmark {
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

  /// Services x nodes x replicas.
  @Param({"1000x1000x50000", "10000x10000x500000", "10000x10000x1000000"})
  public String size = "";

  private Pass.Input steady;
  private Pass.Input shifted;
  private Replica one;

  public PassBenchmark() {
    var empty = Snapshot.of(NOW, List.of(), List.of());
    var nothing = PoolSpec.of("p", List.of(ServiceSpec.named("s").build()));
    steady = input(nothing, empty, Map.of(), Pass.Memory.of("r"));
    shifted = steady;
    one =
        Replica.of(
            new ReplicaId("r"),
            new ServiceId("s"),
            new NodeId("n"),
            ReplicaState.RUNNING,
            Resources.NONE,
            NOW);
  }

  private static Pass.Input input(
      PoolSpec pool, Snapshot snapshot, Map<ServiceId, Reading> readings, Pass.Memory memory) {
    return new Pass.Input(
        pool,
        snapshot,
        readings,
        Map.of(),
        EnumSet.of(Ability.PAUSES, Ability.PICKS_VICTIMS, Ability.READS_OWN_WRITES),
        memory,
        NOW);
  }

  @Setup
  public void fill() {
    var parts = size.split("x", 3);
    int services = Integer.parseInt(parts[0]);
    int nodes = Integer.parseInt(parts[1]);
    int replicas = Integer.parseInt(parts[2]);
    int perService = replicas / services;
    int perNode = replicas / nodes;
    var need = Resources.cpuAndMemory(1000, 4L << 30);
    var random = new SplittableRandom(1);

    var specs = new ArrayList<ServiceSpec>();
    for (int i = 0; i < services; i++) {
      boolean remainder = i % 10 == 0;
      var spec =
          ServiceSpec.named("s" + i)
              .priority(remainder ? 0 : 10 + i % 10)
              .replicas(0, 2 * perService)
              .resources(need)
              .reclaim(Reclaim.PAUSE, Reclaim.STOP);
      specs.add((remainder ? spec.remainder() : spec).build());
    }
    var machines = new ArrayList<Node>();
    for (int i = 0; i < nodes; i++) {
      machines.add(Node.of("n" + i, need.times(perNode)));
    }
    var all = new ArrayList<Replica>(replicas);
    for (int i = 0; i < replicas; i++) {
      // Each service on a stretch of nodes, so that every node has many services.
      int service = i % services;
      all.add(
          Replica.of(
              new ReplicaId("r" + i),
              new ServiceId("s" + service),
              new NodeId("n" + (i / services * 7919L + service) % nodes),
              ReplicaState.RUNNING,
              need,
              NOW.minusSeconds(random.nextInt(10_000))));
    }
    one = all.getFirst();
    var pool =
        new PoolSpec(
            "p", specs, OptionalInt.empty(), 1024, Duration.ofSeconds(30), Duration.ofSeconds(10));
    var snapshot = Snapshot.of(NOW, machines, all);
    var readings = readings(pool, perService, 0);
    var memory = Pass.decide(input(pool, snapshot, readings, Pass.Memory.of("r"))).memory();
    steady = input(pool, snapshot, readings, memory);
    shifted = input(pool, snapshot, readings(pool, perService, services / 100), memory);
  }

  /// The present demand, but for `risen` services that want one replica more.
  private static Map<ServiceId, Reading> readings(PoolSpec pool, int perService, int risen) {
    var readings = new HashMap<ServiceId, Reading>();
    int left = risen;
    for (var spec : pool.services()) {
      if (!spec.remainder()) {
        readings.put(spec.id(), new Reading.Value(perService + (left-- > 0 ? 1 : 0), NOW));
      }
    }
    return readings;
  }

  /// Nothing has changed.
  @Benchmark
  public Pass.Result steady() {
    return Pass.decide(steady);
  }

  /// One in a hundred services wants one replica more; the batch work has to make room.
  @Benchmark
  public Pass.Result onePercentRises() {
    return Pass.decide(shifted);
  }

  /// What it costs to take in that one replica has changed.
  @Benchmark
  public Snapshot oneReplicaChanges() {
    return steady.snapshot().edit().put(one.in(ReplicaState.PAUSED)).at(NOW);
  }
}
