package io.microscale.app.simulate;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.DemandConfig;
import io.microscale.app.config.OrchestratorConfig;
import io.microscale.app.config.Quantity;
import io.microscale.core.demand.Generator;
import io.microscale.core.model.Node;
import io.microscale.core.model.NodeId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.scaling.ScalingPolicy;
import io.microscale.simulator.cluster.ClusterSettings;
import io.microscale.simulator.cluster.Faults;
import io.microscale.simulator.cluster.Latency;
import io.microscale.simulator.cluster.SimulationSettings;
import io.microscale.simulator.cluster.Timing;
import io.microscale.simulator.cluster.Work;
import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Makes a simulation of what a configuration file says and the command line adds.
final class SimulatedPool {
  private static final int MOST_NODES = 10_000;
  private static final Duration WARM_UP = Duration.ofMinutes(10);

  private final Configuration configuration;
  private final Options options;

  /// What the file cannot say.
  ///
  /// @param traces the demand of services, in replicas; the others follow what the file plays
  /// @param backlog of the one remainder service, unless endless
  /// @param duration how long the file's demand is played; the traces tell otherwise
  /// @param node what one node has, in a pool that does not count in slots
  /// @param terms the costs, the slots aside
  /// @param starts from a start to being ready, by service; empty for all others
  /// @param answers from asking to the answer, by verb
  record Options(
      Map<ServiceId, Demand> traces,
      Backlog backlog,
      OptionalInt duration,
      Optional<Resources> node,
      int nodes,
      Terms terms,
      Map<Optional<ServiceId>, Latency> starts,
      Optional<Latency> stop,
      Map<String, Latency> answers,
      Optional<Duration> checkpoints,
      Faults faults,
      Duration readingAge,
      long seed) {}

  private SimulatedPool(Configuration configuration, Options options) {
    this.configuration = configuration;
    this.options = options;
  }

  /// Makes it.
  ///
  /// @throws IllegalArgumentException naming the option, the rule and the value that breaks it
  static SimulationSettings of(Configuration configuration, Options options) {
    return new SimulatedPool(configuration, options).settings();
  }

  private SimulationSettings settings() {
    var pool = configuration.pool();
    var first =
        pool.services().stream()
            .filter(s -> !s.remainder())
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "services: need one that follows a demand, got none"));
    var nodes = nodes();
    var services = pool.services().stream().map(ServiceSpec::id).collect(Collectors.toSet());
    options.traces.keySet().forEach(service -> require(service, "--trace"));
    options
        .starts
        .keySet()
        .forEach(service -> service.ifPresent(s -> require(s, "--start-latency")));
    var cluster =
        ClusterSettings.reliable(nodes, services).seed(options.seed).faults(options.faults);
    if (configuration.orchestrator() instanceof OrchestratorConfig.Swarm) {
      cluster = cluster.scaling(first.resources());
      requireOneSize();
    } else {
      cluster =
          cluster.abilities(
              EnumSet.complementOf(EnumSet.of(Ability.SCALES, Ability.QUEUES_WHEN_FULL)));
    }
    cluster = cluster.timing(timing());
    for (var spec : pool.services()) {
      if (spec.remainder()) {
        cluster = cluster.work(spec.id(), work());
      }
    }
    int slots = capacityFor(first, nodes);
    var terms = options.terms;
    return new SimulationSettings(
        pool,
        cluster,
        demands(),
        options.readingAge,
        backlogs(),
        WARM_UP,
        new Terms(
            slots,
            terms.startLatency(),
            terms.pauses(),
            terms.stopLoses(),
            terms.batchStartCosts()));
  }

  private void require(ServiceId service, String option) {
    if (configuration.pool().services().stream().noneMatch(s -> s.id().equals(service))) {
      throw new IllegalArgumentException(
          "%s: need a service of the file, got '%s'".formatted(option, service));
    }
  }

  /// A swarm starts what it likes where it likes, so the simulation needs one size for all.
  private void requireOneSize() {
    var sizes =
        configuration.pool().services().stream().map(ServiceSpec::resources).distinct().toList();
    if (sizes.size() > 1) {
      throw new IllegalArgumentException(
          "services: need equal resources to simulate a swarm, got " + sizes);
    }
  }

  private List<Node> nodes() {
    if (options.nodes < 1 || options.nodes > MOST_NODES) {
      throw new IllegalArgumentException(
          "--nodes: need 1 to %d, got %d".formatted(MOST_NODES, options.nodes));
    }
    if (configuration.slots().isPresent() && options.node.isPresent()) {
      throw new IllegalArgumentException(
          "--node: need a file without pool.capacity.slots, got " + options.node.get());
    }
    if (configuration.slots().isEmpty() && options.node.isEmpty()) {
      throw new IllegalArgumentException(
          "--node: need what a node has, such as cpu=8,memory=32Gi, for a pool without slots, got none");
    }
    var nodes = new ArrayList<Node>();
    for (int i = 0; i < options.nodes; i++) {
      nodes.add(
          new Node(
              new NodeId("node-" + (i + 1)),
              options.node.orElseGet(() -> slotsOf(options.nodes, nodes.size())),
              true));
    }
    return nodes;
  }

  /// The slots of one of several nodes; the first ones have one more where they do not divide.
  private Resources slotsOf(int nodes, int index) {
    long slots = configuration.slots().orElseThrow().get(Resources.SLOTS);
    return Resources.slots(slots / nodes + (index < slots % nodes ? 1 : 0));
  }

  private Map<ServiceId, Backlog> backlogs() {
    if (Double.isInfinite(options.backlog.total())) {
      return Map.of();
    }
    var remainders =
        configuration.pool().services().stream()
            .filter(ServiceSpec::remainder)
            .map(ServiceSpec::id)
            .toList();
    if (remainders.size() != 1) {
      throw new IllegalArgumentException(
          "--backlog: need one remainder service, got " + remainders);
    }
    return Map.of(remainders.getFirst(), options.backlog);
  }

  private static int capacityFor(ServiceSpec spec, List<Node> nodes) {
    int slots = SimulationSettings.capacityFor(spec, nodes);
    if (slots < 1) {
      throw new IllegalArgumentException(
          "%s: need room for one replica of %s on some node, got %s"
              .formatted(spec.id(), spec.resources(), nodes.getFirst().capacity()));
    }
    return slots;
  }

  private Timing timing() {
    var terms = options.terms;
    var starts = new HashMap<ServiceId, Latency>();
    var all = Optional.ofNullable(options.starts.get(Optional.<ServiceId>empty()));
    for (var spec : configuration.pool().services()) {
      var standard =
          spec.remainder()
              ? Latency.none()
              : Latency.constant(Duration.ofSeconds(terms.startLatency()));
      starts.put(
          spec.id(), options.starts.getOrDefault(Optional.of(spec.id()), all.orElse(standard)));
    }
    return Timing.NONE
        .starting(starts)
        .stopping(options.stop.orElse(Latency.none()))
        .answering(options.answers);
  }

  private Work work() {
    var terms = options.terms;
    return new Work(
        seconds(terms.batchStartCosts()),
        options
            .checkpoints
            .<Work.Loss>map(Work.Loss.SinceCheckpoint::new)
            .orElseGet(() -> new Work.Loss.Fixed(seconds(terms.stopLoses()))));
  }

  private static Duration seconds(double seconds) {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private Map<ServiceId, Demand> demands() {
    var demands = new TreeMap<>(options.traces);
    int longest = options.traces.values().stream().mapToInt(Demand::length).max().orElse(0);
    int length = options.duration.orElse(longest == 0 ? 3600 : longest);
    for (var spec : configuration.pool().services()) {
      if (!spec.remainder() && !demands.containsKey(spec.id())) {
        demands.put(spec.id(), played(spec, length));
      }
    }
    return demands;
  }

  /// The demand that the file makes up or plays, second by second, in replicas.
  private Demand played(ServiceSpec spec, int length) {
    if (!(configuration.demands().get(spec.id())
        instanceof DemandConfig.Generated(Generator generator))) {
      throw new IllegalArgumentException(
          "--trace: need %s=FILE.csv, since the file plays no demand of it, got none"
              .formatted(spec.id()));
    }
    double unit =
        switch (spec.scaling()) {
          case ScalingPolicy.RawReplicas _ -> 1;
          case ScalingPolicy.PerReplicaTarget(double target) -> target;
          case ScalingPolicy.TargetUtilisation _, ScalingPolicy.QueueDrainTime _ ->
              throw new IllegalArgumentException(
                  "--trace: need %s=FILE.csv, in replicas, for a service scaled by utilisation or queue, got none"
                      .formatted(spec.id()));
        };
    var replicas = new double[length];
    for (int second = 0; second < length; second++) {
      replicas[second] = generator.valueAt(Duration.ofSeconds(second)) / unit;
    }
    return Demand.of(spec.id().value(), replicas);
  }

  /// Reads what a node has: `cpu=8,memory=32Gi,gpu=2`.
  ///
  /// @throws IllegalArgumentException naming the rule and the value that breaks it
  static Resources resources(String text) {
    var amounts = new TreeMap<String, Long>();
    for (var part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(
            "need name=amount such as cpu=8,memory=32Gi, got '%s'".formatted(part));
      }
      var name = part.substring(0, equals).strip();
      var amount = part.substring(equals + 1).strip();
      try {
        amounts.put(
            name,
            name.equals(Resources.CPU) ? Quantity.milliCores(amount) : Quantity.bytes(amount));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException(
            "%s: %s, got '%s'"
                .formatted(
                    name, name.equals(Resources.CPU) ? Quantity.CPU : Quantity.BYTES, amount),
            e);
      }
    }
    return Resources.of(amounts);
  }
}
