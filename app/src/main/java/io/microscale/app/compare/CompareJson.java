package io.microscale.app.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.simulator.comparison.Cell;
import io.microscale.simulator.comparison.Choice;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.comparison.Findings.Row;
import io.microscale.simulator.standard.Score;
import io.microscale.simulator.standard.Terms;
import java.math.BigDecimal;
import java.math.RoundingMode;

/// What was found as one JSON document: the traces, the terms, one summary for each policy, terms
/// and way of choosing a setting, and one cell for each of those and each trace. The same
/// comparison gives the same bytes.
final class CompareJson {
  private static final int DIGITS = 6;

  private final Findings findings;
  private final ObjectNode root = JsonNodeFactory.instance.objectNode();

  private CompareJson(Findings findings) {
    this.findings = findings;
  }

  static ObjectNode of(Findings findings) {
    var document = new CompareJson(findings);
    document.write();
    return document.root;
  }

  private void write() {
    root.put("v", 1);
    root.put("unservedAtMostPercent", Cell.UNSERVED_AT_MOST_PERCENT);
    root.put("backlog", findings.comparison().backlog().name());
    var traces = root.putArray("traces");
    for (var trace : findings.traces()) {
      number(
          traces
              .addObject()
              .put("name", trace.name())
              .put("seconds", trace.length())
              .put("peak", trace.peak()),
          "aloneUtilisationPercent",
          Findings.aloneUtilisation(trace));
    }
    var terms = root.putArray("terms");
    findings.sections().forEach(section -> describe(section.terms(), terms.addObject()));
    var summaries = root.putArray("policies");
    var cells = root.putArray("cells");
    for (var section : findings.sections()) {
      for (var row : section.rows()) {
        for (var way : Way.values()) {
          row.by(way)
              .ifPresent(
                  choice -> {
                    summarise(named(summaries, section.terms(), row, way), row, choice);
                    addCells(cells, section.terms(), row, way, choice);
                  });
        }
      }
    }
  }

  private static void describe(Terms terms, ObjectNode node) {
    node.put("latency", Latencies.name(terms))
        .put("slots", terms.slots())
        .put("startLatencySeconds", terms.startLatency())
        .put("pauses", terms.pauses())
        .put("stopLosesSlotSeconds", terms.stopLoses())
        .put("batchStartCostsSlotSeconds", terms.batchStartCosts());
  }

  private static ObjectNode named(ArrayNode nodes, Terms terms, Row row, Way way) {
    return nodes
        .addObject()
        .put("policy", row.name())
        .put("latency", Latencies.name(terms))
        .put("choice", way.key());
  }

  private static void summarise(ObjectNode node, Row row, Choice choice) {
    node.put("bound", row.isBound())
        .put("settingsTried", row.standing().tried().size())
        .put("setting", choice.setting().orElse(null))
        .put("safe", choice.isSafe());
    number(node, "meanBatchOfClairvoyantPercent", choice.meanBatch());
    number(node, "worstBatchOfClairvoyantPercent", choice.worstBatch());
    number(node, "meanUnservedPercent", choice.mean(Score::unservedPercent));
    number(node, "worstUnservedPercent", choice.worstUnserved());
    number(node, "meanUsefulUtilisationPercent", choice.mean(Score::usefulUtilisationPercent));
    number(
        node,
        "worstUsefulUtilisationPercent",
        choice.cells().stream()
            .mapToDouble(cell -> cell.score().usefulUtilisationPercent())
            .min()
            .orElseThrow());
  }

  private void addCells(ArrayNode nodes, Terms terms, Row row, Way way, Choice choice) {
    for (int trace = 0; trace < choice.cells().size(); trace++) {
      var cell = choice.cells().get(trace);
      var node =
          named(nodes, terms, row, way)
              .put("trace", findings.traces().get(trace).name())
              .put("setting", cell.policy().name())
              .put("safe", cell.isSafe());
      var score = cell.score();
      number(node, "unservedPercent", score.unservedPercent());
      number(node, "batchOfClairvoyantPercent", score.batchOfClairvoyantPercent());
      number(node, "usefulUtilisationPercent", score.usefulUtilisationPercent());
      node.put("violationSeconds", score.violationSeconds());
      number(node, "batchLostSeconds", score.batchLostSeconds());
      number(node, "startsPerHour", score.startsPerHour());
    }
  }

  private static void number(ObjectNode node, String name, double value) {
    node.put(
        name, BigDecimal.valueOf(value).setScale(DIGITS, RoundingMode.HALF_EVEN).doubleValue());
  }
}
