package io.microscale.app.config;

import io.microscale.core.model.Fallback;
import io.microscale.core.model.Reclaim;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Standby;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads one service. Its rules are those of [ServiceSpec]; here are its keys and its defaults.
final class ServiceReader {
  /// With a fixed headroom room is held for as long as it costs to get it back (the break-even rule
  /// of ski rental, at most twice the cost of knowing the future): a stopped batch replica costs
  /// about this much work. A learned one knows itself when to give back.
  static final Duration HOLD = Duration.ofSeconds(5);

  static final double TOLERANCE = 0.1;

  private static final String NO_DEMAND = "need none: a remainder service follows no demand";
  private static final String ONLY_STOPS =
      "need none: this orchestrator can neither pause nor throttle";
  private static final List<Reclaim> STOP = List.of(Reclaim.STOP);
  private static final ServiceId UNNAMED = new ServiceId("unnamed");

  private final Section service;
  private final Optional<Resources> capacity;
  private final boolean slots;
  private final boolean onlyStops;
  private final long pausedCpu;

  /// @param capacity what the pool has, where that is known
  /// @param slots whether the pool counts in slots
  /// @param driver of its orchestrator
  ServiceReader(Section service, Optional<Resources> capacity, boolean slots, Driver<?> driver) {
    this.service = service;
    this.capacity = capacity;
    this.slots = slots;
    this.onlyStops = driver.onlyStops();
    this.pausedCpu = driver.pausedCpu();
  }

  ServiceSpec read() {
    var id = service.made("name", ServiceId::new);
    if (!service.has("name")) {
      service.missing("name", "need a name");
    }
    var flag = service.flag("remainder");
    boolean remainder = flag.orElse(false);
    if (remainder) {
      service.refuse(NO_DEMAND, "demand", "scaling", "headroom", "hold", "standby", "fallback");
    } else if (flag.isPresent() || !service.has("remainder")) {
      if (!service.has("demand")) {
        service.missing("demand", "need a demand, or remainder: true");
      }
      if (!service.has("scaling")) {
        service.missing("scaling", "need a scaling policy, to turn the demand into replicas");
      }
    }
    if (onlyStops) {
      service.refuse(ONLY_STOPS, "standby", "throttled");
      if (!service.choices("reclaim", Reclaim.class).orElse(STOP).equals(STOP)) {
        service.refuse(ONLY_STOPS, "reclaim");
      }
    }
    var resources = resources();
    var scaling = remainder ? new ScalingPolicy.RawReplicas() : scaling();
    var headroom = remainder ? Headroom.NONE : headroom();
    var throttled = service.section("throttled").map(ServiceReader::amounts);
    var fallback =
        remainder
            ? Optional.<Fallback>empty()
            : service.section("fallback").flatMap(this::fallback);
    var spec =
        service.build(
            id.orElse(UNNAMED).value(),
            () -> {
              int min = service.integer("min").orElse(0);
              int max = service.integer("max").orElseGet(() -> Math.max(min, fitting(resources)));
              var standby = remainder || onlyStops ? Standby.NONE : standby(max);
              return new ServiceSpec(
                  id.orElse(UNNAMED),
                  service.integer("priority").orElse(remainder ? -1 : 0),
                  min,
                  max,
                  service.number("weight").orElse(1.0),
                  resources,
                  remainder,
                  scaling,
                  headroom,
                  remainder
                      ? Duration.ZERO
                      : service
                          .duration("hold")
                          .orElse(headroom instanceof Headroom.Learned ? Duration.ZERO : HOLD),
                  onlyStops
                      ? STOP
                      : service
                          .choices("reclaim", Reclaim.class)
                          .orElse(ladder(remainder, standby)),
                  service.counts("throttled") && !onlyStops ? throttled : Optional.empty(),
                  whilePaused(resources),
                  standby,
                  service.duration("minRuntime").orElse(Duration.ZERO),
                  service.counts("fallback") ? fallback : Optional.empty());
            });
    return spec.orElseGet(
        () -> ServiceSpec.named(id.orElse(UNNAMED).value()).resources(resources).build());
  }

  /// Where pausing is a resize, a paused replica keeps a little of its processor.
  private Optional<Resources> whilePaused(Resources resources) {
    long kept = Math.min(pausedCpu, resources.get(Resources.CPU));
    return kept == 0
        ? Optional.empty()
        : Optional.of(resources.heldWhilePaused().plus(Resources.of(Map.of(Resources.CPU, kept))));
  }

  private Standby standby(int max) {
    if (!service.isText("standby")) {
      return Standby.of(service.integer("standby").orElse(0));
    }
    var text = service.text("standby").orElse("");
    if (!text.equals("auto")) {
      service.mistake("standby", "need a number of replicas or auto", "'" + text + "'");
    }
    return Standby.auto(max);
  }

  private static List<Reclaim> ladder(boolean remainder, Standby standby) {
    return remainder || !standby.isNone()
        ? List.of(Reclaim.PAUSE, Reclaim.STOP)
        : List.of(Reclaim.STOP);
  }

  private Resources resources() {
    var given = service.section("resources").flatMap(s -> s.flawless(ServiceReader::amounts));
    if (!service.has("resources") && !slots) {
      service.missing("resources", "need resources, since the pool does not count in slots");
    }
    var resources = given.filter(amounts -> !amounts.isZero()).orElse(Resources.slots(1));
    if (given.isPresent() && given.get().isZero()) {
      service.mistake("resources", "need some of at least one", "nothing");
    }
    if (given.isPresent() && !given.get().isZero()) {
      capacity
          .filter(has -> !resources.fitsIn(has))
          .ifPresent(
              has ->
                  service.warn(
                      "resources",
                      "no replica fits on any node, which has " + has,
                      resources.toString()));
    }
    return resources;
  }

  private static Resources amounts(Section section) {
    var amounts = new HashMap<String, Long>();
    section
        .section("other")
        .ifPresent(
            other -> {
              amounts.putAll(other.allCounts());
              other.refuse(
                  "need a name other than cpu, memory and slots, which are keys of their own",
                  "cpu",
                  "memory",
                  "slots");
            });
    section.milliCores("cpu").ifPresent(cpu -> amounts.put(Resources.CPU, cpu));
    section.bytes("memory").ifPresent(memory -> amounts.put(Resources.MEMORY, memory));
    section.integer("slots").ifPresent(slots -> amounts.put(Resources.SLOTS, (long) slots));
    section.finish();
    return section.build("resources", () -> Resources.of(amounts)).orElse(Resources.NONE);
  }

  /// As many replicas as the pool could hold if it ran nothing else.
  private int fitting(Resources resources) {
    if (capacity.isEmpty()) {
      service.missing("max", "need max: what the pool has is known only when it runs");
      return 1;
    }
    double share = resources.dominantShare(capacity.get());
    return share > 0 && share <= 1 ? (int) Math.min(1_000_000, Math.floor(1 / share + 1e-9)) : 1;
  }

  private ScalingPolicy scaling() {
    return service
        .section("scaling")
        .<ScalingPolicy>flatMap(ServiceReader::scaling)
        .orElse(new ScalingPolicy.RawReplicas());
  }

  private static Optional<? extends ScalingPolicy> scaling(Section scaling) {
    var kinds = List.of("targetPerReplica", "drainTime", "targetUtilisation", "replicas");
    var given = kinds.stream().filter(scaling::has).toList();
    if (given.size() != 1) {
      scaling.has("ratePerReplica");
      scaling.has("tolerance");
      scaling.finish();
      scaling.mistakeHere(
          "need exactly one of " + String.join(", ", kinds),
          given.isEmpty() ? "none" : String.join(" and ", given));
      return Optional.empty();
    }
    var policy =
        switch (given.getFirst()) {
          case "targetPerReplica" ->
              scaling.build(
                  "scaling",
                  () ->
                      new ScalingPolicy.PerReplicaTarget(
                          scaling.number("targetPerReplica").orElse(1.0)));
          case "drainTime" -> drainTime(scaling);
          case "targetUtilisation" ->
              scaling.build(
                  "scaling",
                  () ->
                      new ScalingPolicy.TargetUtilisation(
                          scaling.number("targetUtilisation").orElse(1.0),
                          scaling.number("tolerance").orElse(TOLERANCE)));
          default -> {
            scaling.section("replicas").ifPresent(Section::finish);
            yield Optional.of(new ScalingPolicy.RawReplicas());
          }
        };
    scaling.finish();
    return policy;
  }

  private static Optional<ScalingPolicy.QueueDrainTime> drainTime(Section scaling) {
    if (!scaling.has("ratePerReplica")) {
      scaling.missing("ratePerReplica", "need how many items a second one replica works off");
    }
    return scaling.build(
        "scaling",
        () ->
            new ScalingPolicy.QueueDrainTime(
                scaling.number("ratePerReplica").orElse(1.0),
                scaling.duration("drainTime").orElse(Duration.ofSeconds(1))));
  }

  private Headroom headroom() {
    if (service.isText("headroom")) {
      var word = service.text("headroom").orElse("");
      if (!word.equals("learned")) {
        service.mistake(
            "headroom", "need learned, {risk: …} or {percent: …, replicas: …}", "'" + word + "'");
      }
      return Headroom.Learned.DEFAULT;
    }
    return service
        .section("headroom")
        .flatMap(ServiceReader::headroom)
        .orElse(Headroom.Learned.DEFAULT);
  }

  private static Optional<Headroom> headroom(Section headroom) {
    boolean learned = headroom.has("risk");
    if (learned) {
      headroom.refuse("need none beside risk: that much is learned", "percent", "replicas");
    }
    var made =
        headroom.<Headroom>build(
            "headroom",
            () ->
                learned
                    ? new Headroom.Learned(headroom.number("risk").orElse(0.001))
                    : new Headroom.Fixed(
                        headroom.number("percent").orElse(0.0),
                        headroom.integer("replicas").orElse(0)));
    headroom.finish();
    return made;
  }

  private Optional<Fallback> fallback(Section fallback) {
    for (var key : List.of("after", "replicas")) {
      if (!fallback.has(key)) {
        fallback.missing(key, "need both after and replicas");
      }
    }
    var read =
        fallback.build(
            "fallback",
            () ->
                new Fallback(
                    fallback.duration("after").orElse(Duration.ofSeconds(1)),
                    fallback.integer("replicas").orElse(0)));
    fallback.finish();
    return read;
  }
}
