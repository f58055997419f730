package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.microscale.core.demand.Reading;
import io.microscale.core.model.ServiceId;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Why a service had what it had at a time, as JSON.
final class ExplanationJson {
  private ExplanationJson() {}

  static void write(JsonGenerator json, ServiceId service, Instant at, DecisionHistory.Found found)
      throws IOException {
    var entry = found.entry();
    json.writeStartObject();
    json.writeNumberField("v", EventJson.VERSION);
    json.writeStringField("service", service.value());
    Json.instant(json, "at", at);
    json.writeNumberField("pass", entry.pass());
    Json.instant(json, "decidedAt", entry.at());
    Json.instant(json, "lastDecidedAt", entry.lastAt());
    json.writeNumberField("passes", entry.passes());
    var replacedAt = found.replacedAt();
    if (replacedAt == null) {
      json.writeNullField("replacedAt");
    } else {
      Json.instant(json, "replacedAt", replacedAt);
    }
    reading(json, "reading", entry.reading());
    reading(json, "lastReading", entry.lastReading());
    json.writeFieldName("decision");
    ModelJson.decision(json, entry.decision());
    json.writeFieldName("override");
    ModelJson.override(json, StatusJson.inForce(entry.override(), entry.at()));
    ModelJson.steps(json, entry.steps());
    ModelJson.waiting(json, entry.waiting());
    json.writeArrayFieldStart("inFlight");
    for (var action : entry.inFlight()) {
      ModelJson.action(json, action);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void reading(JsonGenerator json, String field, @Nullable Reading reading)
      throws IOException {
    json.writeFieldName(field);
    if (reading == null) {
      json.writeNull();
    } else {
      ModelJson.reading(json, reading);
    }
  }
}
