package io.microscale.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
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
import java.time.DateTimeException;
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
import java.util.TreeMap;
import java.util.function.Function;

/// Reads back what [ModelJson] and [EventJson] write, with the place in every complaint.
record ModelReader(String place, JsonNode node) {

  static LoopEvent event(ModelReader json) {
    if (json.at("v").integer() != EventJson.VERSION) {
      throw json.at("v").not("version " + EventJson.VERSION);
    }
    var at = json.at("at").instant();
    return switch (json.at("type").text()) {
      case "started" ->
          new LoopEvent.Started(
              at,
              json.at("pool").pool(),
              json.at("orchestrator").text(),
              json.at("abilities").constants(Ability.class),
              json.at("dryRun").bool());
      case "reading" ->
          new LoopEvent.ReadingTaken(
              at,
              json.service(),
              json.at("reading").reading(),
              json.at("source").optional(ModelReader::reading));
      case "overridden" ->
          new LoopEvent.Overridden(at, json.service(), json.at("override").override());
      case "observed" ->
          new LoopEvent.Observed(
              at,
              json.at("complete").bool(),
              json.at("nodes").list(ModelReader::machine),
              json.at("changed").list(ModelReader::replica),
              json.at("gone").list(gone -> new LoopEvent.Gone(gone.service(), gone.replicaId())),
              json.standings());
      case "blind" ->
          new LoopEvent.ObserveFailed(
              at,
              json.at("kind").constant(OrchestratorException.Kind.class),
              json.at("message").text());
      case "passed" ->
          new LoopEvent.Passed(
              at,
              json.at("observed").instant(),
              json.at("number").integer(),
              json.at("triggers").constants(Trigger.class),
              json.at("decisions").list(ModelReader::decision),
              json.at("plan").plan(),
              json.at("took").duration());
      case "action" ->
          new LoopEvent.ActionEnded(
              at,
              json.at("action").action(),
              json.at("failure").optional(ModelReader::failure),
              json.at("took").duration(),
              json.at("givenUp").bool());
      case "reacted" ->
          new LoopEvent.Reacted(at, json.service(), json.replicaId(), json.at("took").duration());
      case "work" ->
          new LoopEvent.WorkReported(
              at,
              json.service(),
              json.at("done").decimal(),
              json.at("missed").decimal(),
              json.at("lost").duration());
      case "stopped" -> new LoopEvent.Stopped(at, json.at("reason").text());
      default -> throw json.at("type").not("a type of event");
    };
  }

  private PoolSpec pool() {
    return new PoolSpec(
        at("name").text(),
        at("services").list(ModelReader::spec),
        at("stopsPerMinute")
            .optional(ModelReader::count)
            .map(OptionalInt::of)
            .orElse(OptionalInt.empty()),
        at("actionsInFlight").count(),
        at("actionDeadline").duration(),
        at("resync").duration());
  }

  private ServiceSpec spec() {
    return new ServiceSpec(
        new ServiceId(at("name").text()),
        at("priority").count(),
        at("min").count(),
        at("max").count(),
        at("weight").decimal(),
        at("resources").resources(),
        at("remainder").bool(),
        at("scaling").scaling(),
        at("headroom").headroom(),
        at("hold").duration(),
        at("reclaim").list(rung -> rung.constant(Reclaim.class)),
        at("throttled").optional(ModelReader::resources),
        at("whilePaused").ifGiven(ModelReader::resources),
        new Standby(at("standby").count(), at("standbyAsExpected").bool()),
        at("minRuntime").duration(),
        at("fallback")
            .optional(f -> new Fallback(f.at("after").duration(), f.at("replicas").count())));
  }

  private ScalingPolicy scaling() {
    return switch (at("kind").text()) {
      case "rawReplicas" -> new ScalingPolicy.RawReplicas();
      case "perReplicaTarget" -> new ScalingPolicy.PerReplicaTarget(at("target").decimal());
      case "targetUtilisation" ->
          new ScalingPolicy.TargetUtilisation(at("target").decimal(), at("tolerance").decimal());
      case "queueDrainTime" ->
          new ScalingPolicy.QueueDrainTime(at("ratePerReplica").decimal(), at("drain").duration());
      default -> throw at("kind").not("a scaling policy");
    };
  }

  private Headroom headroom() {
    return switch (at("kind").text()) {
      case "fixed" -> new Headroom.Fixed(at("percent").decimal(), at("replicas").count());
      case "learned" -> new Headroom.Learned(at("risk").decimal());
      default -> throw at("kind").not("a kind of headroom");
    };
  }

  private Reading reading() {
    var at = at("at").instant();
    return at("value")
        .optional(ModelReader::decimal)
        .<Reading>map(value -> new Reading.Value(value, at))
        .orElseGet(() -> new Reading.Missing(at("missing").text(), at));
  }

  private ManualOverride override() {
    return new ManualOverride(
        at("demand")
            .optional(ModelReader::decimal)
            .map(OptionalDouble::of)
            .orElse(OptionalDouble.empty()),
        at("spike").decimal(),
        at("spikeUntil").optional(ModelReader::instant).orElse(Instant.EPOCH),
        at("suspended").bool());
  }

  private Node machine() {
    return new Node(
        new NodeId(at("name").text()), at("capacity").resources(), at("schedulable").bool());
  }

  private Replica replica() {
    return new Replica(
        new ReplicaId(at("id").text()),
        service(),
        new NodeId(at("node").text()),
        at("state").constant(ReplicaState.class),
        at("resources").resources(),
        at("whilePaused").ifGiven(ModelReader::resources),
        at("started").instant(),
        at("savedAt").instant(),
        at("idle").bool());
  }

  private Standings standings() {
    return new Standings(
        at("backoffs")
            .services(one -> new Backoff(one.at("until").instant(), one.at("reason").text())),
        at("desired").services(one -> (int) one.integer()),
        at("barred").services(nodes -> Set.copyOf(nodes.list(node -> new NodeId(node.text())))));
  }

  private <T> Map<ServiceId, T> services(Function<ModelReader, T> read) {
    var services = new TreeMap<ServiceId, T>();
    for (var name : names()) {
      services.put(new ServiceId(name), read.apply(at(name)));
    }
    return services;
  }

  private Decision decision() {
    return new Decision(
        at("claim").claim(),
        at("grant").grant(),
        at("starting").count(),
        at("running").count(),
        at("paused").count(),
        at("stopping").count());
  }

  private Claim claim() {
    return new Claim(
        service(),
        at("demand").decimal(),
        at("replicas").count(),
        at("standby").count(),
        at("basis").constant(Claim.Basis.class),
        at("reason").text());
  }

  private Grant grant() {
    return new Grant(service(), at("claimed").count(), at("granted").count(), at("reason").text());
  }

  private Plan plan() {
    return new Plan(
        at("steps")
            .list(
                step ->
                    new Step(
                        step.at("action").action(),
                        step.at("inFavourOf").optional(s -> new ServiceId(s.text())),
                        step.at("reason").text())),
        at("waiting")
            .list(
                w ->
                    new Waiting(
                        w.service(),
                        w.at("replicas").count(),
                        w.at("reason").text(),
                        w.at("until").optional(ModelReader::instant))));
  }

  private Action action() {
    return switch (at("verb").text()) {
      case "start" ->
          new Action.Start(
              service(), replicaId(), new NodeId(at("node").text()), at("resources").resources());
      case "stop" -> new Action.Stop(service(), replicaId());
      case "pause" -> new Action.Pause(service(), replicaId());
      case "resume" -> new Action.Resume(service(), replicaId());
      case "resize" -> new Action.Resize(service(), replicaId(), at("resources").resources());
      case "scale" ->
          new Action.Scale(
              service(),
              (int) at("replicas").integer(),
              at("victims")
                  .ifGiven(v -> v.list(victim -> new ReplicaId(victim.text())))
                  .orElse(List.of()));
      default -> throw at("verb").not("a verb");
    };
  }

  private LoopEvent.Failure failure() {
    return new LoopEvent.Failure(
        at("kind").constant(OrchestratorException.Kind.class), at("message").text());
  }

  private Resources resources() {
    var amounts = new TreeMap<String, Long>();
    for (var name : names()) {
      amounts.put(name, at(name).integer());
    }
    return Resources.of(amounts);
  }

  private ServiceId service() {
    return new ServiceId(at("service").text());
  }

  private ReplicaId replicaId() {
    return new ReplicaId(at("replica").text());
  }

  ModelReader at(String field) {
    var value = node.get(field);
    return new ModelReader(
        place.isEmpty() ? field : place + "." + field,
        value == null ? MissingNode.getInstance() : value);
  }

  private List<String> names() {
    if (!node.isObject()) {
      throw not("an object");
    }
    var names = new ArrayList<String>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private <T> List<T> list(Function<ModelReader, T> item) {
    if (!node.isArray()) {
      throw not("a list");
    }
    var items = new ArrayList<T>(node.size());
    for (int i = 0; i < node.size(); i++) {
      items.add(item.apply(new ModelReader(place + "[" + i + "]", node.get(i))));
    }
    return List.copyOf(items);
  }

  private <T> Optional<T> optional(Function<ModelReader, T> value) {
    return node.isNull() ? Optional.empty() : Optional.of(value.apply(this));
  }

  /// What is left out where there is none of it.
  private <T> Optional<T> ifGiven(Function<ModelReader, T> value) {
    return node.isMissingNode() ? Optional.empty() : Optional.of(value.apply(this));
  }

  private <E extends Enum<E>> Set<E> constants(Class<E> type) {
    var constants = EnumSet.noneOf(type);
    constants.addAll(list(item -> item.constant(type)));
    return constants;
  }

  private <E extends Enum<E>> E constant(Class<E> type) {
    String word = text();
    for (E constant : type.getEnumConstants()) {
      if (Json.camel(constant).equals(word)) {
        return constant;
      }
    }
    throw not("one of " + EnumSet.allOf(type).stream().map(Json::camel).toList());
  }

  private String text() {
    if (!node.isTextual()) {
      throw not("a text");
    }
    return node.textValue();
  }

  private boolean bool() {
    if (!node.isBoolean()) {
      throw not("true or false");
    }
    return node.booleanValue();
  }

  private long integer() {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw not("a whole number");
    }
    return node.longValue();
  }

  private int count() {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw not("a whole number");
    }
    return node.intValue();
  }

  private double decimal() {
    if (!node.isNumber()) {
      throw not("a number");
    }
    return node.doubleValue();
  }

  private Instant instant() {
    try {
      return Instant.parse(text());
    } catch (DateTimeException e) {
      throw not("an instant as 2026-01-31T12:00:00.000000000Z");
    }
  }

  private Duration duration() {
    try {
      return Duration.parse(text());
    } catch (DateTimeException e) {
      throw not("a duration as PT0.015S");
    }
  }

  private IllegalArgumentException not(String rule) {
    String value = node.isMissingNode() ? "nothing" : node.toString();
    return new IllegalArgumentException(
        "%s: need %s, got %s"
            .formatted(place, rule, value.length() <= 80 ? value : value.substring(0, 80) + "…"));
  }
}
