package io.microscale.server;

import static io.microscale.server.Json.camel;

import com.fasterxml.jackson.core.JsonGenerator;
import io.microscale.core.allocation.Grant;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.Backoff;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.planning.Plan;
import io.microscale.core.planning.Step;
import io.microscale.core.planning.Waiting;
import io.microscale.core.scaling.Claim;
import io.microscale.core.scaling.Headroom;
import io.microscale.core.scaling.ScalingPolicy;
import java.io.IOException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/// Writes the parts that events and answers share; [ModelReader] reads them back.
final class ModelJson {
  private ModelJson() {}

  static void enums(JsonGenerator json, String field, Collection<? extends Enum<?>> constants)
      throws IOException {
    json.writeArrayFieldStart(field);
    for (var constant : constants.stream().sorted().toList()) {
      json.writeString(camel(constant));
    }
    json.writeEndArray();
  }

  static void resources(JsonGenerator json, String field, Resources resources) throws IOException {
    json.writeObjectFieldStart(field);
    for (var amount : resources.asMap().entrySet()) {
      json.writeNumberField(amount.getKey(), amount.getValue());
    }
    json.writeEndObject();
  }

  static void pool(JsonGenerator json, PoolSpec pool) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", pool.name());
    json.writeArrayFieldStart("services");
    for (var service : pool.services()) {
      service(json, service);
    }
    json.writeEndArray();
    if (pool.stopsPerMinute().isPresent()) {
      json.writeNumberField("stopsPerMinute", pool.stopsPerMinute().getAsInt());
    } else {
      json.writeNullField("stopsPerMinute");
    }
    json.writeNumberField("actionsInFlight", pool.actionsInFlight());
    Json.duration(json, "actionDeadline", pool.actionDeadline());
    Json.duration(json, "resync", pool.resync());
    json.writeEndObject();
  }

  static void service(JsonGenerator json, ServiceSpec spec) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", spec.id().value());
    json.writeNumberField("priority", spec.priority());
    json.writeNumberField("min", spec.min());
    json.writeNumberField("max", spec.max());
    json.writeNumberField("weight", spec.weight());
    resources(json, "resources", spec.resources());
    json.writeBooleanField("remainder", spec.remainder());
    json.writeFieldName("scaling");
    scaling(json, spec.scaling());
    json.writeFieldName("headroom");
    headroom(json, spec.headroom());
    Json.duration(json, "hold", spec.hold());
    enums(json, "reclaim", spec.reclaim());
    if (spec.throttled().isPresent()) {
      resources(json, "throttled", spec.throttled().get());
    } else {
      json.writeNullField("throttled");
    }
    if (spec.whilePaused().isPresent()) {
      resources(json, "whilePaused", spec.whilePaused().get());
    }
    json.writeNumberField("standby", spec.standby().most());
    json.writeBooleanField("standbyAsExpected", spec.standby().expected());
    Json.duration(json, "minRuntime", spec.minRuntime());
    if (spec.fallback().isPresent()) {
      json.writeObjectFieldStart("fallback");
      Json.duration(json, "after", spec.fallback().get().after());
      json.writeNumberField("replicas", spec.fallback().get().replicas());
      json.writeEndObject();
    } else {
      json.writeNullField("fallback");
    }
    json.writeEndObject();
  }

  private static void scaling(JsonGenerator json, ScalingPolicy policy) throws IOException {
    json.writeStartObject();
    switch (policy) {
      case ScalingPolicy.RawReplicas() -> json.writeStringField("kind", "rawReplicas");
      case ScalingPolicy.PerReplicaTarget(double target) -> {
        json.writeStringField("kind", "perReplicaTarget");
        json.writeNumberField("target", target);
      }
      case ScalingPolicy.TargetUtilisation(double target, double tolerance) -> {
        json.writeStringField("kind", "targetUtilisation");
        json.writeNumberField("target", target);
        json.writeNumberField("tolerance", tolerance);
      }
      case ScalingPolicy.QueueDrainTime(double rate, var drain) -> {
        json.writeStringField("kind", "queueDrainTime");
        json.writeNumberField("ratePerReplica", rate);
        Json.duration(json, "drain", drain);
      }
    }
    json.writeEndObject();
  }

  private static void headroom(JsonGenerator json, Headroom headroom) throws IOException {
    json.writeStartObject();
    switch (headroom) {
      case Headroom.Fixed(double percent, int extra) -> {
        json.writeStringField("kind", "fixed");
        json.writeNumberField("percent", percent);
        json.writeNumberField("replicas", extra);
      }
      case Headroom.Learned(double risk) -> {
        json.writeStringField("kind", "learned");
        json.writeNumberField("risk", risk);
      }
    }
    json.writeEndObject();
  }

  static void reading(JsonGenerator json, Reading reading) throws IOException {
    json.writeStartObject();
    switch (reading) {
      case Reading.Value(double value, _) -> {
        json.writeNumberField("value", value);
        json.writeNullField("missing");
      }
      case Reading.Missing(String why, _) -> {
        json.writeNullField("value");
        json.writeStringField("missing", why);
      }
    }
    Json.instant(json, "at", reading.at());
    json.writeEndObject();
  }

  static void override(JsonGenerator json, ManualOverride override) throws IOException {
    json.writeStartObject();
    Json.number(json, "demand", override.demand());
    json.writeNumberField("spike", override.spike());
    if (override.spikeUntil().equals(Instant.EPOCH)) {
      json.writeNullField("spikeUntil");
    } else {
      Json.instant(json, "spikeUntil", override.spikeUntil());
    }
    json.writeBooleanField("suspended", override.suspended());
    json.writeEndObject();
  }

  static void node(JsonGenerator json, Node node) throws IOException {
    json.writeStartObject();
    json.writeStringField("name", node.id().value());
    resources(json, "capacity", node.capacity());
    json.writeBooleanField("schedulable", node.schedulable());
    json.writeEndObject();
  }

  static void replica(JsonGenerator json, Replica replica) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", replica.id().value());
    json.writeStringField("service", replica.service().value());
    json.writeStringField("node", replica.node().value());
    json.writeStringField("state", camel(replica.state()));
    resources(json, "resources", replica.resources());
    if (replica.whilePaused().isPresent()) {
      resources(json, "whilePaused", replica.whilePaused().get());
    }
    Json.instant(json, "started", replica.started());
    Json.instant(json, "savedAt", replica.savedAt());
    json.writeBooleanField("idle", replica.idle());
    json.writeEndObject();
  }

  static void backoff(JsonGenerator json, Backoff backoff) throws IOException {
    json.writeStartObject();
    Json.instant(json, "until", backoff.until());
    json.writeStringField("reason", backoff.reason());
    json.writeEndObject();
  }

  static void decision(JsonGenerator json, Decision decision) throws IOException {
    json.writeStartObject();
    json.writeFieldName("claim");
    claim(json, decision.claim());
    json.writeFieldName("grant");
    grant(json, decision.grant());
    json.writeNumberField("starting", decision.starting());
    json.writeNumberField("running", decision.running());
    json.writeNumberField("paused", decision.paused());
    json.writeNumberField("stopping", decision.stopping());
    json.writeEndObject();
  }

  static void claim(JsonGenerator json, Claim claim) throws IOException {
    json.writeStartObject();
    json.writeStringField("service", claim.service().value());
    json.writeNumberField("demand", claim.demand());
    json.writeNumberField("replicas", claim.replicas());
    json.writeNumberField("standby", claim.standby());
    json.writeStringField("basis", camel(claim.basis()));
    json.writeStringField("reason", claim.reason());
    json.writeEndObject();
  }

  static void grant(JsonGenerator json, Grant grant) throws IOException {
    json.writeStartObject();
    json.writeStringField("service", grant.service().value());
    json.writeNumberField("claimed", grant.claimed());
    json.writeNumberField("granted", grant.granted());
    json.writeStringField("reason", grant.reason());
    json.writeEndObject();
  }

  static void plan(JsonGenerator json, Plan plan) throws IOException {
    json.writeStartObject();
    steps(json, plan.steps());
    waiting(json, plan.waiting());
    json.writeEndObject();
  }

  static void steps(JsonGenerator json, List<Step> steps) throws IOException {
    json.writeArrayFieldStart("steps");
    for (var step : steps) {
      json.writeStartObject();
      json.writeFieldName("action");
      action(json, step.action());
      json.writeStringField("inFavourOf", step.inFavourOf().map(ServiceId::value).orElse(null));
      json.writeStringField("reason", step.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void waiting(JsonGenerator json, List<Waiting> all) throws IOException {
    json.writeArrayFieldStart("waiting");
    for (var waiting : all) {
      json.writeStartObject();
      json.writeStringField("service", waiting.service().value());
      json.writeNumberField("replicas", waiting.replicas());
      json.writeStringField("reason", waiting.reason());
      if (waiting.until().isPresent()) {
        Json.instant(json, "until", waiting.until().get());
      } else {
        json.writeNullField("until");
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  static void action(JsonGenerator json, Action action) throws IOException {
    json.writeStartObject();
    json.writeStringField("verb", action.verb());
    json.writeStringField("service", action.service().value());
    if (action instanceof Action.OfReplica one) {
      json.writeStringField("replica", one.replica().value());
    }
    switch (action) {
      case Action.Start start -> {
        json.writeStringField("node", start.node().value());
        resources(json, "resources", start.resources());
      }
      case Action.Resize resize -> resources(json, "resources", resize.resources());
      case Action.Scale scale -> {
        json.writeNumberField("replicas", scale.replicas());
        if (!scale.victims().isEmpty()) {
          json.writeArrayFieldStart("victims");
          for (var victim : scale.victims()) {
            json.writeString(victim.value());
          }
          json.writeEndArray();
        }
      }
      case Action.Stop _, Action.Pause _, Action.Resume _ -> {}
    }
    json.writeEndObject();
  }
}
