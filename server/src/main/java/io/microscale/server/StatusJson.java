package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceReplicas;
import io.microscale.core.model.ServiceSpec;
import io.microscale.core.model.Snapshot;
import io.microscale.core.planning.Waiting;
import java.io.IOException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is, as JSON: the answers of `/v1/status` and of one service.
///
/// @param figures as of now
record StatusJson(
    EngineStatus status,
    Instant now,
    Figures.Snapshot figures,
    Map<ServiceId, Decision> decisions) {
  private static final int NODES = 200;
  private static final int REPLICAS = 1_000;
  private static final int STEPS = 100;
  private static final List<String> VERBS = List.of("start", "stop", "pause", "resume", "resize");

  static StatusJson of(EngineStatus status, Instant now, Figures figures) {
    return new StatusJson(status, now, figures.snapshot(now), Frame.byService(status.decisions()));
  }

  static boolean isReady(EngineStatus status) {
    return status.snapshot().isPresent() && status.blind().isEmpty();
  }

  void write(
      JsonGenerator json,
      String run,
      String lastEventId,
      LoopEvent.@Nullable Passed lastPass,
      LoopEvent.@Nullable Passed lastPlan)
      throws IOException {
    var capacity = status.snapshot().map(Snapshot::capacity).orElse(Resources.NONE);
    var resource = Frame.resource(status.pool(), capacity);
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    Json.instant(json, "at", now);
    Json.instant(json, "startedAt", status.startedAt());
    json.writeStringField("run", run);
    json.writeStringField("lastEventId", lastEventId);
    json.writeStringField("pool", status.pool().name());
    json.writeStringField("orchestrator", status.orchestrator());
    ModelJson.enums(json, "abilities", status.abilities());
    json.writeBooleanField("ready", isReady(status));
    json.writeStringField("blind", status.blind().orElse(null));
    json.writeNumberField("passes", status.passes());
    json.writeNumberField("actionsInFlight", status.actionsInFlight());
    json.writeObjectFieldStart("chart");
    json.writeStringField("resource", resource);
    json.writeNumberField("capacity", capacity.get(resource));
    json.writeEndObject();
    ModelJson.resources(json, "capacity", capacity);
    ModelJson.resources(json, "used", used(capacity));
    nodes(json, status);
    json.writeArrayFieldStart("services");
    for (var spec : status.pool().services()) {
      service(json, spec, resource);
    }
    json.writeEndArray();
    json.writeFieldName("lastPass");
    pass(json, lastPass);
    json.writeFieldName("lastPlan");
    pass(json, lastPlan);
    json.writeFieldName("figures");
    figures(json, figures);
    json.writeEndObject();
  }

  void writeService(JsonGenerator json, ServiceSpec spec) throws IOException {
    var replicas = replicas(spec.id()).replicas();
    var capacity = status.snapshot().map(Snapshot::capacity).orElse(Resources.NONE);
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    Json.instant(json, "at", now);
    json.writeFieldName("service");
    service(json, spec, Frame.resource(status.pool(), capacity));
    json.writeArrayFieldStart("replicas");
    for (var replica : replicas.subList(0, Math.min(REPLICAS, replicas.size()))) {
      ModelJson.replica(json, replica);
    }
    json.writeEndArray();
    json.writeNumberField("replicasTotal", replicas.size());
    json.writeEndObject();
  }

  /// The event `nodes`.
  static void writeNodes(JsonGenerator json, EngineStatus status, Instant now) throws IOException {
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    Json.instant(json, "at", now);
    nodes(json, status);
    json.writeEndObject();
  }

  private ServiceReplicas replicas(ServiceId service) {
    return status.snapshot().map(s -> s.of(service)).orElse(ServiceReplicas.NONE);
  }

  private Resources used(Resources capacity) {
    var used = new TreeMap<String, Long>();
    for (var name : capacity.asMap().keySet()) {
      long sum = 0;
      for (var spec : status.pool().services()) {
        for (var replica : replicas(spec.id()).replicas()) {
          sum += replica.state() == ReplicaState.RUNNING ? replica.resources().get(name) : 0;
        }
      }
      used.put(name, sum);
    }
    return Resources.of(used);
  }

  private void service(JsonGenerator json, ServiceSpec spec, String resource) throws IOException {
    var id = spec.id();
    var decision = decisions.get(id);
    var measured = figures.service(id);
    json.writeStartObject();
    json.writeStringField("name", id.value());
    json.writeFieldName("spec");
    ModelJson.service(json, spec);
    json.writeNumberField("perReplica", spec.resources().get(resource));
    json.writeFieldName("reading");
    var reading = status.readings().get(id);
    if (reading == null) {
      json.writeNull();
    } else {
      ModelJson.reading(json, reading);
    }
    json.writeFieldName("claim");
    if (decision == null) {
      json.writeNull();
    } else {
      ModelJson.claim(json, decision.claim());
    }
    json.writeFieldName("grant");
    if (decision == null) {
      json.writeNull();
    } else {
      ModelJson.grant(json, decision.grant());
    }
    json.writeFieldName("replicas");
    var replicas = replicas(id);
    counts(json, replicas.starting(), replicas.running(), replicas.paused(), replicas.stopping());
    json.writeFieldName("backoff");
    var backoff = status.snapshot().map(s -> s.backoffs().get(id)).orElse(null);
    if (backoff == null) {
      json.writeNull();
    } else {
      ModelJson.backoff(json, backoff);
    }
    json.writeFieldName("override");
    ModelJson.override(
        json, inForce(status.overrides().getOrDefault(id, ManualOverride.NONE), now));
    ModelJson.waiting(json, waitingOf(id));
    json.writeFieldName("work");
    work(json, measured.work());
    json.writeFieldName("reactionMillis");
    percentiles(json, measured.reactionMillis());
    json.writeFieldName("actions");
    actions(json, measured.actions());
    json.writeEndObject();
  }

  private List<Waiting> waitingOf(ServiceId service) {
    return status.plan().waiting().stream().filter(w -> w.service().equals(service)).toList();
  }

  /// A spike that is over is none.
  static ManualOverride inForce(ManualOverride override, Instant now) {
    return override.spikeUntil().isAfter(now) ? override : override.withSpike(0, Instant.EPOCH);
  }

  private static void counts(
      JsonGenerator json, int starting, int running, int paused, int stopping) throws IOException {
    json.writeStartObject();
    json.writeNumberField("starting", starting);
    json.writeNumberField("running", running);
    json.writeNumberField("paused", paused);
    json.writeNumberField("stopping", stopping);
    json.writeEndObject();
  }

  /// For each of the first nodes, by its index, how many replicas of each service are in which
  /// state.
  private static Map<Integer, Map<ServiceId, Map<ReplicaState, Integer>>> countsByNode(
      EngineStatus status, int nodes) {
    var onNode = new HashMap<Integer, Map<ServiceId, Map<ReplicaState, Integer>>>();
    if (status.snapshot().isEmpty()) {
      return onNode;
    }
    var snapshot = status.snapshot().get();
    for (var replica : snapshot.replicas()) {
      int node = snapshot.indexOf(replica.node());
      if (node >= 0 && node < nodes) {
        onNode
            .computeIfAbsent(node, _ -> new TreeMap<>())
            .computeIfAbsent(replica.service(), _ -> new EnumMap<>(ReplicaState.class))
            .merge(replica.state(), 1, Integer::sum);
      }
    }
    return onNode;
  }

  private static void nodes(JsonGenerator json, EngineStatus status) throws IOException {
    var nodes = status.snapshot().map(Snapshot::nodes).orElse(List.of());
    int shown = Math.min(NODES, nodes.size());
    var onNode = countsByNode(status, shown);
    json.writeArrayFieldStart("nodes");
    for (int n = 0; n < shown; n++) {
      json.writeStartObject();
      json.writeStringField("name", nodes.get(n).id().value());
      json.writeBooleanField("schedulable", nodes.get(n).schedulable());
      ModelJson.resources(json, "capacity", nodes.get(n).capacity());
      ModelJson.resources(json, "held", status.snapshot().orElseThrow().held(n));
      json.writeObjectFieldStart("services");
      for (var entry : onNode.getOrDefault(n, Map.of()).entrySet()) {
        json.writeFieldName(entry.getKey().value());
        var states = entry.getValue();
        counts(
            json,
            states.getOrDefault(ReplicaState.STARTING, 0),
            states.getOrDefault(ReplicaState.RUNNING, 0),
            states.getOrDefault(ReplicaState.PAUSED, 0),
            states.getOrDefault(ReplicaState.STOPPING, 0));
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberField("nodesTotal", nodes.size());
  }

  private static void pass(JsonGenerator json, LoopEvent.@Nullable Passed pass) throws IOException {
    if (pass == null) {
      json.writeNull();
      return;
    }
    var steps = pass.plan().steps();
    json.writeStartObject();
    json.writeNumberField("number", pass.number());
    Json.instant(json, "at", pass.at());
    ModelJson.enums(json, "triggers", pass.triggers());
    Json.duration(json, "took", pass.took());
    ModelJson.steps(json, steps.subList(0, Math.min(STEPS, steps.size())));
    json.writeNumberField("stepsTotal", steps.size());
    ModelJson.waiting(json, pass.plan().waiting());
    json.writeEndObject();
  }

  private static void work(JsonGenerator json, LoopEvent.@Nullable WorkReported work)
      throws IOException {
    if (work == null) {
      json.writeNull();
      return;
    }
    json.writeStartObject();
    json.writeNumberField("done", work.done());
    json.writeNumberField("missed", work.missed());
    Json.duration(json, "lost", work.lost());
    Json.instant(json, "at", work.at());
    json.writeEndObject();
  }

  private static void percentiles(JsonGenerator json, Figures.Percentiles of) throws IOException {
    json.writeStartObject();
    json.writeNumberField("count", of.count());
    percentile(json, "p50", of, of.p50());
    percentile(json, "p90", of, of.p90());
    percentile(json, "p99", of, of.p99());
    percentile(json, "max", of, of.max());
    json.writeEndObject();
  }

  private static void percentile(
      JsonGenerator json, String name, Figures.Percentiles of, double value) throws IOException {
    if (of.count() == 0) {
      json.writeNullField(name);
    } else {
      json.writeNumberField(name, Json.rounded(value, 3));
    }
  }

  private static void actions(JsonGenerator json, Map<String, Figures.ActionCount> actions)
      throws IOException {
    json.writeStartObject();
    for (var verb : VERBS) {
      var count = actions.getOrDefault(verb, Figures.ActionCount.NONE);
      json.writeObjectFieldStart(verb);
      json.writeNumberField("accepted", count.accepted());
      json.writeNumberField("failed", count.failed());
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /// The object `figures` and the event of that name.
  static void figures(JsonGenerator json, Figures.Snapshot figures) throws IOException {
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    Json.instant(json, "at", figures.at());
    Json.duration(json, "measuredFor", figures.measuredFor());
    json.writeNumberField("passes", figures.passes());
    json.writeFieldName("reactionMillis");
    percentiles(json, figures.reactionMillis());
    json.writeFieldName("decisionMicros");
    percentiles(json, figures.decisionMicros());
    Json.number(json, "utilisationPercent", figures.utilisationPercent());
    Json.number(json, "utilisationPercentNow", figures.utilisationPercentNow());
    json.writeObjectFieldStart("utilisationPercentByResource");
    for (var entry : figures.utilisationPercentByResource().entrySet()) {
      json.writeNumberField(entry.getKey(), Json.rounded(entry.getValue(), 3));
    }
    json.writeEndObject();
    Json.number(json, "unservedPercent", figures.unservedPercent());
    json.writeNumberField("unservedReplicasNow", Json.rounded(figures.unservedReplicasNow(), 3));
    json.writeFieldName("actions");
    actions(json, figures.actions());
    json.writeEndObject();
  }
}
