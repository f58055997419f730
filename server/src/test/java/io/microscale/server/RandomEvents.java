package io.microscale.server;

import io.microscale.core.allocation.Grant;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.loop.Trigger;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.Fallback;
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
import io.microscale.core.model.Standby;
import io.microscale.core.model.Standings;
import io.microscale.core.orchestrator.Ability;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.planning.Waiting;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;

/// Events of every kind with everything in them, out of one seed.
final class RandomEvents {
  private static final String[] TEXTS = {
    "plain", "", "quote \" and \\ slash", "line\nbreak\tand \u0007 bell", "ünï €uro 🐱", "</script>"
  };

  private final SplittableRandom random;

  RandomEvents(long seed) {
    random = new SplittableRandom(seed);
  }

  LoopEvent next() {
    var at = instant();
    return switch (random.nextInt(10)) {
      case 0 ->
          new LoopEvent.Started(at, pool(), text(), some(Ability.class), random.nextBoolean());
      case 1 -> new LoopEvent.ReadingTaken(at, service(), reading(), maybe(this::reading));
      case 2 -> new LoopEvent.Overridden(at, service(), override());
      case 3 ->
          new LoopEvent.Observed(
              at,
              random.nextBoolean(),
              list(this::node),
              list(this::replica),
              list(() -> new LoopEvent.Gone(service(), replicaId())),
              new Standings(
                  perService(() -> new Backoff(instant(), text())),
                  perService(() -> random.nextInt(100)),
                  perService(() -> Set.copyOf(list(this::nodeId)))));
      case 4 -> new LoopEvent.ObserveFailed(at, one(OrchestratorException.Kind.class), text());
      case 5 ->
          new LoopEvent.Passed(
              at,
              instant(),
              random.nextLong(Long.MAX_VALUE),
              some(Trigger.class),
              list(this::decision),
              new Plan(list(this::step), list(this::waiting)),
              duration());
      case 6 ->
          new LoopEvent.ActionEnded(
              at,
              action(),
              maybe(() -> new LoopEvent.Failure(one(OrchestratorException.Kind.class), text())),
              duration(),
              random.nextBoolean());
      case 7 -> new LoopEvent.Reacted(at, service(), replicaId(), duration());
      case 8 -> new LoopEvent.WorkReported(at, service(), amount(), amount(), duration());
      default -> new LoopEvent.Stopped(at, text());
    };
  }

  private PoolSpec pool() {
    var services = new ArrayList<ServiceSpec>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      services.add(spec("service-" + i));
    }
    return new PoolSpec(
        "pool-" + random.nextInt(9),
        services,
        random.nextBoolean() ? OptionalInt.of(random.nextInt(100)) : OptionalInt.empty(),
        1 + random.nextInt(100),
        duration().plusNanos(1),
        duration().plusNanos(1));
  }

  private ServiceSpec spec(String name) {
    boolean throttles = random.nextBoolean();
    boolean pauses = random.nextBoolean();
    var ladder = new ArrayList<Reclaim>();
    if (throttles) {
      ladder.add(Reclaim.THROTTLE);
    }
    if (pauses) {
      ladder.add(Reclaim.PAUSE);
    }
    ladder.add(Reclaim.STOP);
    int max = random.nextInt(1000);
    boolean remainder = random.nextInt(4) == 0;
    return new ServiceSpec(
        new ServiceId(name),
        random.nextInt(100) * (remainder ? 0 : 1) - (remainder ? 1000 : 0),
        random.nextInt(max + 1),
        max,
        amount() + 0.001,
        Resources.of(Map.of("cpu", 1L + random.nextInt(4000), "gpu", (long) random.nextInt(2))),
        remainder,
        scaling(),
        random.nextBoolean()
            ? new Headroom.Fixed(random.nextDouble() * 100, random.nextInt(5))
            : new Headroom.Learned(0.0001 + random.nextDouble() * 0.09),
        duration(),
        ladder,
        throttles ? Optional.of(Resources.of(Map.of("cpu", 1L))) : Optional.empty(),
        pauses && random.nextBoolean()
            ? Optional.of(Resources.of(Map.of("cpu", 1L)))
            : Optional.empty(),
        pauses ? new Standby(random.nextInt(max + 1), random.nextBoolean()) : Standby.NONE,
        duration(),
        maybe(() -> new Fallback(duration().plusNanos(1), random.nextInt(max + 1))));
  }

  private ScalingPolicy scaling() {
    return switch (random.nextInt(4)) {
      case 0 -> new ScalingPolicy.RawReplicas();
      case 1 -> new ScalingPolicy.PerReplicaTarget(amount() + 0.1);
      case 2 -> new ScalingPolicy.TargetUtilisation(0.01 + random.nextDouble() * 0.9, 0.1);
      default -> new ScalingPolicy.QueueDrainTime(amount() + 0.1, duration().plusNanos(1));
    };
  }

  private Reading reading() {
    return random.nextBoolean()
        ? new Reading.Value(amount(), instant())
        : new Reading.Missing(text(), instant());
  }

  private ManualOverride override() {
    if (random.nextInt(3) == 0) {
      return ManualOverride.NONE;
    }
    return new ManualOverride(
        random.nextBoolean() ? OptionalDouble.of(amount()) : OptionalDouble.empty(),
        amount(),
        random.nextBoolean() ? instant() : Instant.EPOCH,
        random.nextBoolean());
  }

  private Node node() {
    return new Node(nodeId(), resources(), random.nextBoolean());
  }

  private Replica replica() {
    return new Replica(
        replicaId(),
        service(),
        nodeId(),
        one(ReplicaState.class),
        resources(),
        maybe(this::resources),
        instant(),
        instant(),
        random.nextBoolean());
  }

  private <T> Map<ServiceId, T> perService(Supplier<T> value) {
    var all = new TreeMap<ServiceId, T>();
    list(this::service).forEach(service -> all.put(service, value.get()));
    return all;
  }

  private Decision decision() {
    var service = service();
    return new Decision(
        new Claim(
            service,
            amount(),
            random.nextInt(99),
            random.nextInt(9),
            one(Claim.Basis.class),
            text()),
        new Grant(service, random.nextInt(99), random.nextInt(99), text()),
        random.nextInt(9),
        random.nextInt(9),
        random.nextInt(9),
        random.nextInt(9));
  }

  private Step step() {
    return new Step(action(), maybe(this::service), text());
  }

  private Waiting waiting() {
    return new Waiting(service(), random.nextInt(9), text(), maybe(this::instant));
  }

  private Action action() {
    return switch (random.nextInt(6)) {
      case 0 -> new Action.Start(service(), replicaId(), nodeId(), resources());
      case 1 -> new Action.Stop(service(), replicaId());
      case 2 -> new Action.Pause(service(), replicaId());
      case 3 -> new Action.Resume(service(), replicaId());
      case 4 -> new Action.Scale(service(), random.nextInt(1000), list(this::replicaId));
      default -> new Action.Resize(service(), replicaId(), resources());
    };
  }

  private Resources resources() {
    return Resources.of(
        random.nextBoolean()
            ? Map.of("slots", (long) random.nextInt(9))
            : Map.of("cpu", 500L, "memory", random.nextLong(1L << 50)));
  }

  private ServiceId service() {
    return new ServiceId("service-" + random.nextInt(20));
  }

  private ReplicaId replicaId() {
    return new ReplicaId("replica \"%d\" ü".formatted(random.nextInt(99)));
  }

  private NodeId nodeId() {
    return new NodeId("node/" + random.nextInt(9));
  }

  private double amount() {
    return random.nextInt(3) == 0 ? random.nextInt(1000) : random.nextDouble() * 1e6;
  }

  private String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  private Instant instant() {
    return Instant.ofEpochSecond(random.nextLong(1, 4_000_000_000L), random.nextInt(1_000_000_000));
  }

  private Duration duration() {
    return Duration.ofNanos(random.nextLong(1L << random.nextInt(1, 50)));
  }

  private <T> Optional<T> maybe(Supplier<T> value) {
    return random.nextBoolean() ? Optional.of(value.get()) : Optional.empty();
  }

  private <T> List<T> list(Supplier<T> item) {
    var items = new ArrayList<T>();
    for (int i = random.nextInt(4); i > 0; i--) {
      items.add(item.get());
    }
    return items;
  }

  private <E extends Enum<E>> E one(Class<E> type) {
    var constants = type.getEnumConstants();
    return constants[random.nextInt(constants.length)];
  }

  private <E extends Enum<E>> Set<E> some(Class<E> type) {
    var set = EnumSet.noneOf(type);
    for (var constant : type.getEnumConstants()) {
      if (random.nextBoolean()) {
        set.add(constant);
      }
    }
    return set;
  }
}
