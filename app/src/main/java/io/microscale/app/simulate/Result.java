package io.microscale.app.simulate;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.Table;
import io.microscale.simulator.cluster.Outcome;
import io.microscale.simulator.standard.Score;
import io.microscale.simulator.standard.Terms;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Help.Ansi;

/// What a simulation came to, for people and as JSON. The same simulation gives the same bytes.
///
/// @param what the policy with its setting, or the configuration file
/// @param trace the name of the demand
/// @param outcome what the engine did; empty where a policy ran by itself
record Result(
    String what,
    String trace,
    int seconds,
    long seed,
    Terms terms,
    Score score,
    Optional<Outcome> outcome) {
  private static final int DIGITS = 6;

  /// The result as a table, and one of the services where an engine ran.
  List<String> lines(Ansi ansi) {
    var lines = new ArrayList<String>();
    lines.add(
        "%s on %s: %d s, %d slots, %s"
            .formatted(what, trace, seconds, terms.slots(), terms.name()));
    lines.add("");
    lines.addAll(
        new Table(
                ">unserved",
                ">batch of clairvoyant",
                ">useful utilisation",
                ">violations",
                ">batch lost",
                ">starts/h")
            .row(
                percent(score.unservedPercent(), 3),
                percent(score.batchOfClairvoyantPercent(), 1),
                percent(score.usefulUtilisationPercent(), 1),
                score.violationSeconds() + " s",
                whole(score.batchLostSeconds()) + " s",
                whole(score.startsPerHour()))
            .lines(ansi));
    outcome.ifPresent(
        all -> {
          lines.add("");
          lines.addAll(services(all).lines(ansi));
          lines.add("");
          lines.add("%d passes; asked for: %s".formatted(all.passes(), actions(all)));
        });
    return lines;
  }

  private static Table services(Outcome outcome) {
    var table = new Table("service", ">demand", ">unserved", ">work done", ">work lost", ">starts");
    outcome
        .services()
        .forEach(
            (service, share) ->
                table.row(
                    service.value(),
                    seconds(share.demanded()),
                    seconds(share.unserved()),
                    seconds(share.done()),
                    seconds(share.lost()),
                    Long.toString(share.starts())));
    return table;
  }

  private static String actions(Outcome outcome) {
    var words = new ArrayList<String>();
    outcome.actions().forEach((verb, count) -> words.add(count + " " + verb));
    return words.isEmpty() ? "nothing" : String.join(", ", words);
  }

  private static String percent(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f %%", value);
  }

  private static String whole(double value) {
    return String.format(Locale.ROOT, "%.0f", value);
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.1f s", value);
  }

  /// The result as one JSON document.
  ObjectNode json() {
    var root = JsonNodeFactory.instance.objectNode();
    root.put("v", 1)
        .put("simulated", what)
        .put("trace", trace)
        .put("seconds", seconds)
        .put("seed", seed);
    var under = root.putObject("terms");
    under
        .put("name", terms.name())
        .put("slots", terms.slots())
        .put("startLatencySeconds", terms.startLatency())
        .put("pauses", terms.pauses());
    number(under, "stopLosesSeconds", terms.stopLoses());
    number(under, "batchStartCostsSeconds", terms.batchStartCosts());
    var scored = root.putObject("score");
    number(scored, "unservedPercent", score.unservedPercent());
    number(scored, "batchOfClairvoyantPercent", score.batchOfClairvoyantPercent());
    number(scored, "usefulUtilisationPercent", score.usefulUtilisationPercent());
    scored.put("violationSeconds", score.violationSeconds());
    number(scored, "batchLostSeconds", score.batchLostSeconds());
    number(scored, "startsPerHour", score.startsPerHour());
    number(scored, "batchDoneSeconds", score.batchDone());
    number(scored, "clairvoyantBatchSeconds", score.clairvoyantBatch());
    outcome.ifPresent(all -> engine(root, all));
    return root;
  }

  private static void engine(ObjectNode root, Outcome outcome) {
    var services = root.putObject("services");
    outcome
        .services()
        .forEach(
            (service, share) -> {
              var its = services.putObject(service.value());
              number(its, "demandSeconds", share.demanded());
              number(its, "unservedSeconds", share.unserved());
              number(its, "workDoneSeconds", share.done());
              number(its, "workLostSeconds", share.lost());
              its.put("starts", share.starts());
            });
    root.put("passes", outcome.passes());
    var actions = root.putObject("actions");
    outcome.actions().forEach(actions::put);
    root.put("refusedForRoom", outcome.refusedForRoom());
  }

  private static void number(ObjectNode node, String key, double value) {
    node.put(
        key,
        BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_EVEN).stripTrailingZeros());
  }
}
