package io.microscale.app;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Why a service has, or had, what it has.
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Says why a service has, or had at some time, as many replicas as it has.")
final class ExplainCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Mixin private EngineClient engine = new EngineClient();

  @Parameters(paramLabel = "SERVICE", description = "The name of the service.")
  private String service = "";

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description =
          "A moment in the past: 2026-01-31T03:12:00Z, 2026-01-31T03:12 or 03:12 (here),"
              + " '5m ago'; now if left out.")
  private String at = "";

  @Option(names = "--json", description = "Print the engine's own answer, one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    var answer = engine.get("/v1/services/" + encoded(service) + "/explain" + query());
    var out = spec.commandLine().getOut();
    if (json) {
      out.println(answer.text());
    } else {
      words(answer.tree(), Instant.now(), ZoneId.systemDefault()).forEach(out::println);
    }
    return 0;
  }

  private String query() {
    if (at.isEmpty()) {
      return "";
    }
    try {
      return "?at=" + encoded(Times.past(at, Instant.now(), ZoneId.systemDefault()).toString());
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse("--at: " + e.getMessage());
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /// The way from the demand to the plan, in the order in which it was decided.
  static List<String> words(JsonNode explained, Instant now, ZoneId zone) {
    var words = new ArrayList<String>();
    var decision = explained.path("decision");
    var claim = decision.path("claim");
    var grant = decision.path("grant");
    words.add(
        "%s at %s: %s of %s claimed replicas granted"
            .formatted(
                explained.path("service").asText(),
                time(explained.path("at"), now, zone),
                grant.path("granted").asText(),
                grant.path("claimed").asText()));
    words.add(
        "decided by  pass %d at %s%s, %s"
            .formatted(
                explained.path("pass").asLong(),
                time(explained.path("decidedAt"), now, zone),
                explained.path("passes").asLong() > 1
                    ? " and %d more that decided the same"
                        .formatted(explained.path("passes").asLong() - 1)
                    : "",
                explained.path("replacedAt").isNull()
                    ? "still in force"
                    : "in force until " + time(explained.path("replacedAt"), now, zone)));
    words.add("demand      " + reading(explained, now, zone));
    hand(explained.path("override"), now, zone, words);
    words.add(
        "claim       %s: %s"
            .formatted(claim.path("replicas").asText(), claim.path("reason").asText()));
    words.add(
        "grant       %s: %s"
            .formatted(grant.path("granted").asText(), grant.path("reason").asText()));
    words.add("there was   " + Explained.replicas(decision));
    each("plan        ", explained.path("steps"), words, Explained::step);
    each(
        "waits       ",
        explained.path("waiting"),
        words,
        waiting ->
            "%s: %s%s"
                .formatted(
                    waiting.path("replicas").asText(),
                    waiting.path("reason").asText(),
                    waiting.path("until").isNull()
                        ? ""
                        : ", until " + time(waiting.path("until"), now, zone)));
    each("in flight   ", explained.path("inFlight"), words, Explained::action);
    return words.stream().map(Times::printable).toList();
  }

  private static String reading(JsonNode explained, Instant now, ZoneId zone) {
    var reading =
        explained.path("lastReading").isNull()
            ? explained.path("reading")
            : explained.path("lastReading");
    if (reading.isNull() || reading.isMissingNode()) {
      return explained.path("decision").path("claim").path("basis").asText().equals("remainder")
          ? "follows none"
          : "none is known";
    }
    var when = time(reading.path("at"), now, zone);
    return reading.path("missing").isNull()
        ? "%s, read at %s".formatted(Explained.number(reading.path("value")), when)
        : "unknown since %s: %s".formatted(when, reading.path("missing").asText());
  }

  private static void hand(JsonNode override, Instant now, ZoneId zone, List<String> words) {
    if (override.path("suspended").asBoolean()) {
      words.add("by hand     suspended");
    }
    if (!override.path("demand").isNull()) {
      words.add("by hand     demand set to " + Explained.number(override.path("demand")));
    }
    if (override.path("spike").asDouble() > 0) {
      words.add(
          "by hand     %s more until %s"
              .formatted(
                  Explained.number(override.path("spike")),
                  time(override.path("spikeUntil"), now, zone)));
    }
  }

  private static void each(
      String label, JsonNode items, List<String> words, Function<JsonNode, String> inWords) {
    var margin = label;
    for (var item : items) {
      words.add(margin + inWords.apply(item));
      margin = " ".repeat(label.length());
    }
  }

  private static String time(JsonNode instant, Instant now, ZoneId zone) {
    return instant.isTextual() ? Times.local(Instant.parse(instant.textValue()), now, zone) : "-";
  }
}
