package io.microscale.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// What a running engine says of itself.
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description =
        "Shows what a running engine sees and does: services, nodes, the last plan, figures.")
final class StatusCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Mixin private EngineClient engine = new EngineClient();

  @Option(names = "--json", description = "Print the engine's own answer, one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    var answer = engine.get("/v1/status");
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.text());
    } else {
      new Page(answer.tree(), out, spec.commandLine().getColorScheme().ansi()).print();
    }
    return 0;
  }

  private record Page(JsonNode status, PrintWriter out, Ansi ansi) {
    void print() {
      var now = Instant.parse(status.path("at").asText());
      out.println(
          "pool %s on %s: %s, up %s, %d passes, %d actions in flight"
              .formatted(
                  text("pool"),
                  text("orchestrator"),
                  state(),
                  Times.span(Instant.parse(status.path("startedAt").asText()), now),
                  status.path("passes").asLong(),
                  status.path("actionsInFlight").asInt()));
      out.println();
      services().lines(ansi).forEach(out::println);
      out.println();
      nodes().lines(ansi).forEach(out::println);
      plan(status.path("lastPlan"), now);
      figures(status.path("figures"));
    }

    private String text(String field) {
      return Times.printable(status.path(field).asText());
    }

    private String state() {
      if (!status.path("blind").isNull()) {
        return ansi.string("@|red blind|@") + " (" + text("blind") + ")";
      }
      return status.path("ready").asBoolean()
          ? ansi.string("@|green ready|@")
          : ansi.string("@|yellow not ready|@");
    }

    private Table services() {
      var table =
          new Table(
              "SERVICE",
              ">PRIORITY",
              ">DEMAND",
              ">CLAIM",
              ">GRANTED",
              ">READY",
              ">STARTING",
              ">PAUSED",
              ">STOPPING",
              "WHY");
      for (var service : status.path("services")) {
        var replicas = service.path("replicas");
        var claim = service.path("claim");
        table.row(
            service.path("name").asText(),
            service.path("spec").path("priority").asText(),
            service.path("spec").path("remainder").asBoolean()
                ? "-"
                : Explained.number(claim.path("demand")),
            Explained.number(claim.path("replicas")),
            Explained.number(service.path("grant").path("granted")),
            replicas.path("running").asText(),
            replicas.path("starting").asText(),
            replicas.path("paused").asText(),
            replicas.path("stopping").asText(),
            why(service));
      }
      return table;
    }

    /// Of all reasons the one that limits the service now.
    private static String why(JsonNode service) {
      if (service.path("override").path("suspended").asBoolean()) {
        return "suspended by hand";
      }
      var backoff = service.path("backoff");
      if (!backoff.isNull()) {
        return backoff.path("reason").asText();
      }
      if (!service.path("waiting").isEmpty()) {
        return service.path("waiting").get(0).path("reason").asText();
      }
      var grant = service.path("grant");
      return grant.path("granted").asInt() == grant.path("claimed").asInt()
          ? service.path("claim").path("reason").asText()
          : grant.path("reason").asText();
    }

    private Table nodes() {
      var table = new Table("NODE", "CAPACITY", "HELD", "REPLICAS");
      for (var node : status.path("nodes")) {
        var replicas = new StringBuilder();
        node.path("services")
            .properties()
            .forEach(
                entry ->
                    replicas
                        .append(replicas.isEmpty() ? "" : ", ")
                        .append(entry.getKey())
                        .append(' ')
                        .append(
                            entry.getValue().path("starting").asInt()
                                + entry.getValue().path("running").asInt())
                        .append(
                            entry.getValue().path("paused").asInt() == 0
                                ? ""
                                : " + " + entry.getValue().path("paused").asInt() + " paused"));
        table.row(
            node.path("name").asText() + (node.path("schedulable").asBoolean() ? "" : " (drained)"),
            Explained.resources(node.path("capacity")),
            Explained.resources(node.path("held")),
            replicas.toString());
      }
      int more = status.path("nodesTotal").asInt() - status.path("nodes").size();
      if (more > 0) {
        table.row("and " + more + " more", "", "", "");
      }
      return table;
    }

    private void plan(JsonNode plan, Instant now) {
      if (plan.isNull() || plan.isMissingNode()) {
        return;
      }
      out.println();
      out.println(
          "last plan: pass %d, %s ago, decided in %s"
              .formatted(
                  plan.path("number").asLong(),
                  Times.span(Instant.parse(plan.path("at").asText()), now),
                  Explained.micros(plan.path("took").asText())));
      for (var step : plan.path("steps")) {
        out.println("  " + Explained.step(step));
      }
      int more = plan.path("stepsTotal").asInt() - plan.path("steps").size();
      if (more > 0) {
        out.println("  and " + more + " more");
      }
    }

    private void figures(JsonNode figures) {
      out.println();
      out.println("reaction     " + Explained.percentiles(figures.path("reactionMillis"), "ms"));
      out.println("decision     " + Explained.percentiles(figures.path("decisionMicros"), "µs"));
      out.println(
          "utilisation  %s %% (now %s %%), unserved %s %%"
              .formatted(
                  Explained.number(figures.path("utilisationPercent")),
                  Explained.number(figures.path("utilisationPercentNow")),
                  Explained.number(figures.path("unservedPercent"))));
      var actions = new StringBuilder();
      figures
          .path("actions")
          .properties()
          .forEach(
              entry ->
                  actions
                      .append(actions.isEmpty() ? "" : ", ")
                      .append(entry.getKey())
                      .append(' ')
                      .append(entry.getValue().path("accepted").asLong())
                      .append(
                          entry.getValue().path("failed").asLong() == 0
                              ? ""
                              : " (%d failed)"
                                  .formatted(entry.getValue().path("failed").asLong())));
      out.println("actions      " + actions);
    }
  }
}
