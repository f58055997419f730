package io.microscale.server;

import io.javalin.http.Context;
import io.microscale.core.demand.Reading;
import io.microscale.core.loop.Engine;
import io.microscale.core.loop.ManualOverride;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/// The calls under `/v1`: what is and why, and what is set by hand.
final class Calls {
  private static final Duration AHEAD_AT_MOST = Duration.ofSeconds(5);
  private static final Duration OLD_AT_MOST = Duration.ofMinutes(5);
  private static final double SPIKE_SECONDS_AT_MOST = 3600;
  private static final String INSTANT = "need an instant as 2026-01-31T12:00:00Z";

  private final Engine engine;
  private final InstantSource clock;
  private final Follower follower;
  private final Broadcast broadcast;
  private final Hand hand;
  private final String run;

  Calls(
      Engine engine,
      InstantSource clock,
      Follower follower,
      Broadcast broadcast,
      Hand hand,
      String run) {
    this.engine = engine;
    this.clock = clock;
    this.follower = follower;
    this.broadcast = broadcast;
    this.hand = hand;
    this.run = run;
  }

  void status(Context call) {
    // Before the status is taken, so that what happens in between is sent twice rather than never.
    var lastEventId = broadcast.lastId();
    var status = StatusJson.of(engine.status(), clock.instant(), follower.figures());
    answer(
        call,
        json -> status.write(json, run, lastEventId, follower.lastPass(), follower.lastPlan()));
  }

  void service(Context call) {
    var spec = spec(call);
    var status = StatusJson.of(engine.status(), clock.instant(), follower.figures());
    answer(call, json -> status.writeService(json, spec));
  }

  void explain(Context call) {
    var spec = spec(call);
    var now = clock.instant();
    var asked = call.queryParam("at");
    var at = asked == null ? now : instant("query.at", asked);
    if (at.isAfter(now)) {
      throw Refusal.bad(
          "query.at",
          "need a time that is not in the future (now it is %s)".formatted(Json.text(now)),
          asked);
    }
    var found =
        follower
            .decisions()
            .at(spec.id(), at)
            .orElseThrow(() -> new Refusal(404, "query.at", notKept(spec.id()), Json.text(at)));
    answer(call, json -> ExplanationJson.write(json, spec.id(), at, found));
  }

  private String notKept(ServiceId service) {
    return follower
        .decisions()
        .oldest(service)
        .map(
            oldest ->
                "need a time from %s on, the oldest decision that is kept"
                    .formatted(Json.text(oldest)))
        .orElse("need a pass to have been made");
  }

  void history(Context call) {
    var now = clock.instant();
    var sinceText = call.queryParam("since");
    var since = sinceText == null ? Instant.EPOCH : instant("query.since", sinceText);
    if (since.isAfter(now)) {
      throw Refusal.bad("query.since", "need a time that is not in the future", sinceText);
    }
    var stepText = call.queryParam("step");
    var step = stepText == null ? Duration.ZERO : step(stepText, since);
    answer(call, json -> follower.chart().write(json, run, since, step));
  }

  private Duration step(String text, Instant since) {
    Duration step;
    try {
      step = Duration.parse(text);
    } catch (DateTimeException e) {
      throw Refusal.bad("query.step", "need a duration as PT0.5S", text);
    }
    if (step.compareTo(ChartHistory.SAMPLE) < 0
        || step.compareTo(Duration.ofHours(1)) > 0
        || step.toNanos() % ChartHistory.SAMPLE.toNanos() != 0) {
      throw Refusal.bad("query.step", "need PT0.25S to PT1H, a multiple of PT0.25S", text);
    }
    var shortest = follower.chart().shortestStep(since);
    if (step.compareTo(shortest) < 0) {
      throw Refusal.bad(
          "query.step",
          "need at least %s for that much time (or a later since)".formatted(shortest),
          text);
    }
    return step;
  }

  void pushDemand(Context call) throws IOException {
    var spec = following(call);
    var body = Body.of(call, Set.of("value", "at"));
    var now = clock.instant();
    double value = body.amount("value");
    var at = body.has("at") ? instant("body.at", body.text("at")) : now;
    if (at.isAfter(now.plus(AHEAD_AT_MOST))) {
      throw Refusal.bad(
          "body.at",
          "need at most %d s ahead of now (%s)"
              .formatted(AHEAD_AT_MOST.toSeconds(), Json.text(now)),
          body.text("at"));
    }
    if (at.isBefore(now.minus(OLD_AT_MOST))) {
      throw Refusal.bad(
          "body.at",
          "need at most %d s old (now it is %s)".formatted(OLD_AT_MOST.toSeconds(), Json.text(now)),
          body.text("at"));
    }
    engine.push(spec.id(), new Reading.Value(value, at));
    answer(
        call,
        json -> {
          json.writeStartObject();
          json.writeStringField("service", spec.id().value());
          json.writeNumberField("value", value);
          Json.instant(json, "at", at);
          json.writeEndObject();
        });
  }

  void overrideDemand(Context call) throws IOException {
    var spec = following(call);
    double value = Body.of(call, Set.of("value")).amount("value");
    change(call, spec, override -> override.withDemand(OptionalDouble.of(value)));
  }

  void followSource(Context call) {
    change(call, spec(call), override -> override.withDemand(OptionalDouble.empty()));
  }

  void spike(Context call) throws IOException {
    var spec = following(call);
    var body = Body.of(call, Set.of("amount", "seconds"));
    double amount = body.amount("amount");
    double seconds = body.positive("seconds", SPIKE_SECONDS_AT_MOST);
    var until = clock.instant().plusNanos((long) (seconds * 1e9));
    change(call, spec, override -> override.withSpike(amount, until));
  }

  void suspend(Context call) throws IOException {
    var spec = spec(call);
    boolean suspended = Body.of(call, Set.of("suspended")).flag("suspended");
    change(call, spec, override -> override.withSuspended(suspended));
  }

  private void change(Context call, ServiceSpec spec, UnaryOperator<ManualOverride> change) {
    var now = hand.change(spec.id(), change);
    answer(call, json -> ModelJson.override(json, StatusJson.inForce(now, clock.instant())));
  }

  /// The stream of events; returns when the client has gone.
  void events(Context call) throws IOException {
    var typesText = call.queryParam("types");
    var types = typesText == null ? EnumSet.allOf(StreamType.class) : StreamType.parse(typesText);
    var header = call.header("Last-Event-ID");
    var client =
        broadcast.join(types, header == null ? call.queryParam("after") : header, () -> cut(call));
    try {
      call.contentType("text/event-stream; charset=utf-8")
          .header("Cache-Control", "no-store")
          .header("X-Accel-Buffering", "no");
      client.run(call.res().getOutputStream());
    } finally {
      broadcast.leave(client);
    }
  }

  private static void cut(Context call) {
    ServletContextRequest.getServletContextRequest(call.req())
        .getConnectionMetaData()
        .getConnection()
        .getEndPoint()
        .close();
  }

  private ServiceSpec spec(Context call) {
    var name = call.pathParam("name");
    var services = engine.status().pool().services();
    for (var spec : services) {
      if (spec.id().value().equals(name)) {
        return spec;
      }
    }
    throw new Refusal(
        404,
        "path.name",
        "need a service of the pool (%s)"
            .formatted(
                String.join(", ", services.stream().limit(20).map(s -> s.id().value()).toList())),
        name);
  }

  private ServiceSpec following(Context call) {
    var spec = spec(call);
    if (spec.remainder()) {
      throw Refusal.bad(
          "path.name",
          "need a service that follows a demand, not one that takes the remainder",
          spec.id().value());
    }
    return spec;
  }

  private static Instant instant(String place, String text) {
    try {
      var instant = Instant.parse(text);
      // Beyond these, arithmetic on times would overflow.
      if (instant.isAfter(Instant.EPOCH) && instant.getEpochSecond() < 253_402_300_800L) {
        return instant;
      }
    } catch (DateTimeException e) {
      throw Refusal.bad(place, INSTANT, text);
    }
    throw Refusal.bad(place, INSTANT, text);
  }

  static void answer(Context call, Json.Content content) {
    call.contentType("application/json")
        .header("Cache-Control", "no-store")
        .result(Json.bytes(content));
  }
}
