package io.microscale.server;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.microscale.core.loop.Engine;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is served where, who may call it, and how errors look.
final class Routes {
  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
  private static final List<HandlerType> CHANGES =
      List.of(HandlerType.POST, HandlerType.PUT, HandlerType.DELETE, HandlerType.PATCH);

  private final Engine engine;
  private final Access access;
  private final Follower follower;
  private final StaticFiles files = new StaticFiles();
  private final List<Route> routes;

  /// @param path as in the OpenAPI description
  /// @param open whether callers without the token are let in
  record Route(HandlerType method, String path, boolean open, Handler handler) {
    /// As the router wants it: the one file of the page may lie in folders.
    private String pattern() {
      return path.equals("/{file}") ? "/<file>" : path;
    }

    private boolean matches(String given) {
      return given.matches(path.replaceAll("\\{[a-z]+}", "[^/]+"));
    }
  }

  Routes(Engine engine, Calls calls, Access access, Follower follower) {
    this.engine = engine;
    this.access = access;
    this.follower = follower;
    routes =
        List.of(
            closed(HandlerType.GET, "/v1/status", calls::status),
            closed(HandlerType.GET, "/v1/services/{name}", calls::service),
            closed(HandlerType.GET, "/v1/services/{name}/explain", calls::explain),
            closed(HandlerType.PUT, "/v1/services/{name}/demand", calls::pushDemand),
            closed(HandlerType.PUT, "/v1/services/{name}/override/demand", calls::overrideDemand),
            closed(HandlerType.DELETE, "/v1/services/{name}/override/demand", calls::followSource),
            closed(HandlerType.POST, "/v1/services/{name}/spike", calls::spike),
            closed(HandlerType.PUT, "/v1/services/{name}/suspended", calls::suspend),
            closed(HandlerType.GET, "/v1/history", calls::history),
            closed(HandlerType.GET, "/v1/events", calls::events),
            closed(HandlerType.POST, "/v1/session", this::openSession),
            closed(HandlerType.DELETE, "/v1/session", this::closeSession),
            closed(HandlerType.GET, "/metrics", this::metrics),
            open("/healthz", call -> health(call, 200, "alive", null)),
            open("/readyz", this::ready),
            open("/openapi.yaml", files::answerDescription),
            open("/", call -> file(call, "")),
            open("/lib/uplot/{file}", call -> file(call, "lib/uplot/" + call.pathParam("file"))),
            open("/{file}", call -> file(call, call.pathParam("file"))));
  }

  List<Route> all() {
    return routes;
  }

  void register(RoutesConfig config) {
    config.before(
        call -> {
          Access.secure(call);
          if (call.method().equals(HandlerType.HEAD)) {
            // The router answers it without the handler of GET, and so without that one's check.
            access.check(call, false);
          }
        });
    for (var route : routes) {
      config.addHttpHandler(
          route.method,
          route.pattern(),
          call -> {
            access.check(call, route.open);
            route.handler.handle(call);
          });
    }
    for (var method : CHANGES) {
      config.addHttpHandler(
          method,
          "/<anything>",
          call -> {
            access.check(call, false);
            throw nothingHere(call);
          });
    }
    config.exception(Refusal.class, Routes::answer);
    config.exception(
        HttpResponseException.class,
        (e, call) ->
            answer(
                new Refusal(e.getStatus(), "request", String.valueOf(e.getMessage()), null), call));
    config.exception(
        IllegalArgumentException.class,
        (e, call) -> answer(Refusal.bad("request", String.valueOf(e.getMessage()), null), call));
    config.exception(
        Exception.class,
        (e, call) -> {
          LOG.error("{} {}", call.method(), call.endpoint().path, e);
          answer(
              new Refusal(500, "server", "an error of the server; its log says more", null), call);
        });
  }

  private static Route closed(HandlerType method, String path, Handler handler) {
    return new Route(method, path, false, handler);
  }

  private static Route open(String path, Handler handler) {
    return new Route(HandlerType.GET, path, true, handler);
  }

  private static void answer(Refusal refusal, Context call) {
    call.status(refusal.status())
        .contentType("application/json")
        .header("Cache-Control", "no-store")
        .result(refusal.json());
  }

  private Refusal nothingHere(Context call) {
    var allowed = new TreeSet<String>();
    for (var route : routes) {
      if (!route.path.endsWith("{file}") && route.matches(call.path())) {
        allowed.add(route.method.name());
      }
    }
    if (allowed.isEmpty()) {
      return new Refusal(
          404, "path", "need a path of /openapi.yaml or a file of the page", call.path());
    }
    call.header("Allow", String.join(", ", allowed));
    return new Refusal(
        405, "method", "need " + String.join(" or ", allowed), call.req().getMethod());
  }

  private void file(Context call, String path) throws IOException {
    if (!files.answer(call, path)) {
      throw nothingHere(call);
    }
  }

  private void openSession(Context call) {
    if (!access.hasToken(call)) {
      throw new Refusal(
          401, "header.Authorization", "need 'Bearer' and the token of this server", null);
    }
    call.header("Set-Cookie", access.openSession(call.req().getLocalPort()));
    Calls.answer(call, json -> session(json, true));
  }

  private void closeSession(Context call) {
    call.header("Set-Cookie", access.closeSession(call.req().getLocalPort()));
    Calls.answer(call, json -> session(json, false));
  }

  private static void session(JsonGenerator json, boolean open) throws IOException {
    json.writeStartObject();
    json.writeBooleanField("open", open);
    json.writeEndObject();
  }

  private void metrics(Context call) throws IOException {
    call.contentType(Metrics.CONTENT_TYPE).header("Cache-Control", "no-store");
    var out = new ByteArrayOutputStream();
    follower.metrics().write(out);
    call.result(out.toByteArray());
  }

  private void ready(Context call) {
    var status = engine.status();
    if (StatusJson.isReady(status)) {
      health(call, 200, "ready", null);
      return;
    }
    var reason = status.blind().orElse("the orchestrator has not answered yet");
    health(call, 503, "not ready", access.isAllowed(call) ? reason : null);
  }

  private static void health(Context call, int code, String status, @Nullable String reason) {
    call.status(code);
    Calls.answer(
        call,
        json -> {
          json.writeStartObject();
          json.writeStringField("status", status);
          json.writeStringField("reason", reason);
          json.writeEndObject();
        });
  }
}
