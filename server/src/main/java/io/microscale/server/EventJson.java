package io.microscale.server;

import static io.microscale.server.Json.camel;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.core.loop.LoopEvent;
import java.io.IOException;

/// The one JSON form of the engine's events, for the event stream and for recordings: one object a
/// line, with the version `v`, the `type` and everything that the event holds. [#parse] gives the
/// event back, to the nanosecond.
public final class EventJson {
  /// Goes up when a reader of the version before would misunderstand.
  public static final int VERSION = 1;

  private static final ObjectMapper TREES = new ObjectMapper(Json.FACTORY);

  private EventJson() {}

  /// The word in `type`.
  public static String type(LoopEvent event) {
    return switch (event) {
      case LoopEvent.Started _ -> "started";
      case LoopEvent.ReadingTaken _ -> "reading";
      case LoopEvent.Overridden _ -> "overridden";
      case LoopEvent.Observed _ -> "observed";
      case LoopEvent.ObserveFailed _ -> "blind";
      case LoopEvent.Passed _ -> "passed";
      case LoopEvent.ActionEnded _ -> "action";
      case LoopEvent.Reacted _ -> "reacted";
      case LoopEvent.WorkReported _ -> "work";
      case LoopEvent.Stopped _ -> "stopped";
    };
  }

  /// One line without its end, in UTF-8.
  public static byte[] bytes(LoopEvent event) {
    return Json.bytes(json -> write(json, event));
  }

  /// Writes one object and leaves the generator open.
  public static void write(JsonGenerator json, LoopEvent event) throws IOException {
    json.writeStartObject();
    json.writeNumberField("v", VERSION);
    json.writeStringField("type", type(event));
    Json.instant(json, "at", event.at());
    switch (event) {
      case LoopEvent.Started started -> {
        json.writeFieldName("pool");
        ModelJson.pool(json, started.pool());
        json.writeStringField("orchestrator", started.orchestrator());
        ModelJson.enums(json, "abilities", started.abilities());
        json.writeBooleanField("dryRun", started.dryRun());
      }
      case LoopEvent.ReadingTaken taken -> {
        json.writeStringField("service", taken.service().value());
        json.writeFieldName("reading");
        ModelJson.reading(json, taken.reading());
        json.writeFieldName("source");
        if (taken.source().isPresent()) {
          ModelJson.reading(json, taken.source().get());
        } else {
          json.writeNull();
        }
      }
      case LoopEvent.Overridden overridden -> {
        json.writeStringField("service", overridden.service().value());
        json.writeFieldName("override");
        ModelJson.override(json, overridden.override());
      }
      case LoopEvent.Observed observed -> observed(json, observed);
      case LoopEvent.ObserveFailed failed -> {
        json.writeStringField("kind", camel(failed.kind()));
        json.writeStringField("message", failed.message());
      }
      case LoopEvent.Passed passed -> passed(json, passed);
      case LoopEvent.ActionEnded ended -> {
        json.writeFieldName("action");
        ModelJson.action(json, ended.action());
        if (ended.failure().isPresent()) {
          json.writeObjectFieldStart("failure");
          json.writeStringField("kind", camel(ended.failure().get().kind()));
          json.writeStringField("message", ended.failure().get().message());
          json.writeEndObject();
        } else {
          json.writeNullField("failure");
        }
        Json.duration(json, "took", ended.took());
        json.writeBooleanField("givenUp", ended.givenUp());
      }
      case LoopEvent.Reacted reacted -> {
        json.writeStringField("service", reacted.service().value());
        json.writeStringField("replica", reacted.replica().value());
        Json.duration(json, "took", reacted.took());
      }
      case LoopEvent.WorkReported work -> {
        json.writeStringField("service", work.service().value());
        json.writeNumberField("done", work.done());
        json.writeNumberField("missed", work.missed());
        Json.duration(json, "lost", work.lost());
      }
      case LoopEvent.Stopped stopped -> json.writeStringField("reason", stopped.reason());
    }
    json.writeEndObject();
  }

  private static void observed(JsonGenerator json, LoopEvent.Observed observed) throws IOException {
    json.writeBooleanField("complete", observed.complete());
    json.writeArrayFieldStart("nodes");
    for (var node : observed.nodes()) {
      ModelJson.node(json, node);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("changed");
    for (var replica : observed.changed()) {
      ModelJson.replica(json, replica);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("gone");
    for (var gone : observed.gone()) {
      json.writeStartObject();
      json.writeStringField("service", gone.service().value());
      json.writeStringField("replica", gone.replica().value());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeObjectFieldStart("backoffs");
    var standings = observed.standings();
    for (var backoff : standings.backoffs().entrySet()) {
      json.writeFieldName(backoff.getKey().value());
      ModelJson.backoff(json, backoff.getValue());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("desired");
    for (var desired : standings.desired().entrySet()) {
      json.writeNumberField(desired.getKey().value(), desired.getValue());
    }
    json.writeEndObject();
    json.writeObjectFieldStart("barred");
    for (var barred : standings.barred().entrySet()) {
      json.writeArrayFieldStart(barred.getKey().value());
      for (var node : barred.getValue().stream().sorted().toList()) {
        json.writeString(node.value());
      }
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  private static void passed(JsonGenerator json, LoopEvent.Passed passed) throws IOException {
    Json.instant(json, "observed", passed.observed());
    json.writeNumberField("number", passed.number());
    ModelJson.enums(json, "triggers", passed.triggers());
    json.writeArrayFieldStart("decisions");
    for (var decision : passed.decisions()) {
      ModelJson.decision(json, decision);
    }
    json.writeEndArray();
    json.writeFieldName("plan");
    ModelJson.plan(json, passed.plan());
    Json.duration(json, "took", passed.took());
  }

  /// Reads what [#write] wrote.
  ///
  /// @throws IllegalArgumentException naming the place, the rule and the value if it is not such a
  ///   line, or of another version
  public static LoopEvent parse(String line) {
    try {
      return parse(TREES.readTree(line));
    } catch (IOException e) {
      throw new IllegalArgumentException("event: need one JSON object, got " + shortened(line), e);
    }
  }

  /// Reads what [#write] wrote, out of its tree.
  ///
  /// @throws IllegalArgumentException naming the place, the rule and the value if it is not such a
  ///   line, or of another version
  public static LoopEvent parse(JsonNode tree) {
    return ModelReader.event(new ModelReader("", tree));
  }

  private static String shortened(String line) {
    return line.length() <= 80 ? line : line.substring(0, 80) + "…";
  }
}
