package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Decision;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceReplicas;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// One point of the chart. Counts are replicas, services in the order of the pool.
///
/// @param resource what the chart is drawn in
/// @param capacity of that resource
/// @param used of that resource, by running replicas
/// @param unserved demand without a ready replica, in replicas
record Frame(
    Instant at,
    long passes,
    int actionsInFlight,
    boolean blind,
    String resource,
    double capacity,
    double used,
    double unserved,
    List<Point> services) {

  record Point(
      String name,
      OptionalDouble reading,
      double demand,
      int claim,
      int granted,
      int starting,
      int running,
      int paused,
      int stopping) {}

  static Frame of(EngineStatus status, Instant at, Figures figures) {
    var capacity = figures.capacityNow();
    var resource = resource(status.pool(), capacity);
    var decisions = byService(status.decisions());
    var points = new ArrayList<Point>(status.pool().services().size());
    double unserved = 0;
    for (var spec : status.pool().services()) {
      var replicas = status.snapshot().map(s -> s.of(spec.id())).orElse(ServiceReplicas.NONE);
      var decision = decisions.get(spec.id());
      double demand = spec.remainder() || decision == null ? 0 : decision.claim().demand();
      unserved += Math.max(0, demand - replicas.running());
      points.add(
          new Point(
              spec.id().value(),
              status.readings().get(spec.id()) instanceof Reading.Value(double value, _)
                  ? OptionalDouble.of(value)
                  : OptionalDouble.empty(),
              demand,
              decision == null ? 0 : decision.claim().replicas(),
              decision == null ? 0 : decision.grant().granted(),
              replicas.starting(),
              replicas.running(),
              replicas.paused(),
              replicas.stopping()));
    }
    return new Frame(
        at,
        status.passes(),
        status.actionsInFlight(),
        status.blind().isPresent(),
        resource,
        capacity.get(resource),
        figures.usedNow(resource),
        unserved,
        points);
  }

  static Map<ServiceId, Decision> byService(List<Decision> decisions) {
    var map = HashMap.<ServiceId, Decision>newHashMap(decisions.size());
    decisions.forEach(decision -> map.put(decision.service(), decision));
    return map;
  }

  /// The resource that is scarcest by the sizes of the services; `slots` where the pool counts in
  /// slots.
  static String resource(PoolSpec pool, Resources capacity) {
    if (capacity.get(Resources.SLOTS) > 0) {
      return Resources.SLOTS;
    }
    var weights = new HashMap<String, Double>();
    for (var spec : pool.services()) {
      spec.resources()
          .asMap()
          .forEach(
              (name, amount) ->
                  weights.merge(
                      name, (double) amount / Math.max(1, capacity.get(name)), Double::sum));
    }
    return weights.entrySet().stream()
        .filter(e -> capacity.isZero() || capacity.get(e.getKey()) > 0)
        .max(Map.Entry.<String, Double>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .map(Map.Entry::getKey)
        .orElse(Resources.SLOTS);
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    Json.instant(json, "at", at);
    json.writeNumberField("t", at.toEpochMilli());
    json.writeNumberField("passes", passes);
    json.writeNumberField("actionsInFlight", actionsInFlight);
    json.writeBooleanField("blind", blind);
    json.writeNumberField("capacity", capacity);
    json.writeNumberField("used", used);
    json.writeNumberField("unserved", Json.rounded(unserved, 3));
    json.writeArrayFieldStart("services");
    for (var point : services) {
      json.writeStartObject();
      json.writeStringField("name", point.name);
      Json.number(json, "reading", point.reading);
      json.writeNumberField("demand", Json.rounded(point.demand, 3));
      json.writeNumberField("claim", point.claim);
      json.writeNumberField("granted", point.granted);
      json.writeNumberField("starting", point.starting);
      json.writeNumberField("running", point.running);
      json.writeNumberField("paused", point.paused);
      json.writeNumberField("stopping", point.stopping);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
