package io.microscale.app.compare;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.simulator.comparison.Cell;
import io.microscale.simulator.comparison.Chart;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.comparison.Findings.Row;
import io.microscale.simulator.comparison.Findings.Section;
import io.microscale.simulator.comparison.Progress;
import io.microscale.simulator.standard.Terms;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/// What the report's script draws: the chosen cells with a chart each, and the scores of all
/// settings. Charts are as fine as their number allows, so that a page stays small.
final class ReportData {
  /// The ways of choosing that the page can show, the more important first: if there are too many
  /// charts, those that come last have none.
  static final List<Way> WAYS = List.of(Way.SEARCHED, Way.USUAL);

  /// So large may the document be, and the charts in it; roughly so large is what else is in it.
  private static final int MOST_BYTES = 4_700_000;

  private static final int MOST_CHART_BYTES = 3_900_000;
  private static final int BYTES_PER_CELL = 130;
  private static final int BYTES_PER_SETTING = 40;
  private static final int LEAST_PARTS = 60;
  private static final int MOST_PARTS = 800;
  private static final int BYTES_PER_COUNT = 2;
  private static final int BYTES_PER_DEMAND = 6;
  private static final int BASE = 36;

  private final Findings findings;
  private final ObjectNode root = JsonNodeFactory.instance.objectNode();
  private final Map<String, Integer> settings = new LinkedHashMap<>();
  private final Map<Key, Integer> charts = new LinkedHashMap<>();

  private ReportData(Findings findings) {
    this.findings = findings;
  }

  /// Which run a chart is of.
  private record Key(Terms terms, String setting, int trace) {}

  static ObjectNode of(Findings findings, String focus, int threads, Progress progress)
      throws InterruptedException {
    var data = new ReportData(findings);
    data.root.put("focus", focus).put("limit", Cell.UNSERVED_AT_MOST_PERCENT);
    data.draw(threads, progress);
    data.describe();
    return data.root;
  }

  private void draw(int threads, Progress progress) throws InterruptedException {
    var runs = new ArrayList<Chart.Run>();
    long left = roomForCharts();
    for (var way : WAYS) {
      for (var section : findings.sections()) {
        for (var row : section.rows()) {
          left = choose(section, row, way, runs, left);
        }
      }
    }
    long each = left / Math.max(1, runs.size());
    int parts = LEAST_PARTS + Math.clamp(each / bytesPerPart(), 0, MOST_PARTS - LEAST_PARTS);
    var drawn = Chart.all(runs, parts, threads, progress);
    var all = root.putArray("charts");
    drawn.forEach(chart -> add(all.addObject(), chart));
    var traces = root.putArray("traces");
    for (var trace : findings.traces()) {
      var node = traces.addObject().put("name", trace.name()).put("seconds", trace.length());
      for (int i = 0; i < drawn.size(); i++) {
        if (runs.get(i).demand().equals(trace)) {
          numbers(node.putArray("least"), drawn.get(i).whole().demandLeast(), 1);
          numbers(node.putArray("most"), drawn.get(i).whole().demandMost(), 1);
          break;
        }
      }
    }
  }

  private long bytesPerPart() {
    return (isEndless() ? 3 : 4) * (long) BYTES_PER_COUNT;
  }

  /// Of both close looks.
  private long bytesPerSecond() {
    return 2 * (BYTES_PER_DEMAND + (isEndless() ? 2 : 3) * (long) BYTES_PER_COUNT);
  }

  private long roomForCharts() {
    long rest = 0;
    for (var section : findings.sections()) {
      for (var row : section.rows()) {
        rest += BYTES_PER_CELL * (long) WAYS.size() * findings.traces().size();
        rest += BYTES_PER_SETTING * (long) row.standing().tried().size();
      }
    }
    return Math.clamp(MOST_BYTES - rest, 0, MOST_CHART_BYTES);
  }

  /// Takes the cells of a row for which there is room, and says how much room is left.
  private long choose(Section section, Row row, Way way, List<Chart.Run> runs, long room) {
    long left = room;
    var cells = row.by(way).orElseThrow().cells();
    for (int trace = 0; trace < cells.size(); trace++) {
      var policy = cells.get(trace).policy();
      var run = new Chart.Run(findings.comparison(), policy, trace, section.terms());
      long least = LEAST_PARTS * bytesPerPart() + run.lookSeconds() * bytesPerSecond();
      var key = new Key(section.terms(), policy.name(), trace);
      if (!charts.containsKey(key) && least <= left) {
        charts.put(key, runs.size());
        runs.add(run);
        left -= least;
      }
    }
    return left;
  }

  private void add(ObjectNode node, Chart chart) {
    var whole = chart.whole();
    node.put("ready", digits(whole.count(), part -> (int) Math.round(whole.readyMean()[part])))
        .put("held", digits(whole.count(), part -> whole.heldMost()[part]))
        .put(
            "unserved", digits(whole.count(), part -> (int) Math.ceil(whole.unservedMost()[part])));
    if (!isEndless()) {
      node.put("batch", digits(whole.count(), part -> whole.batchMost()[part]));
    }
    add(node.putObject("steepest"), chart.steepest());
    chart.worst().ifPresent(worst -> add(node.putObject("worst"), worst));
  }

  private void add(ObjectNode node, Chart.Seconds seconds) {
    node.put("from", seconds.from())
        .put("ready", digits(seconds.count(), second -> seconds.ready()[second]))
        .put("held", digits(seconds.count(), second -> seconds.held()[second]));
    if (!isEndless()) {
      node.put("batch", digits(seconds.count(), second -> seconds.batch()[second]));
    }
    numbers(node.putArray("demand"), seconds.demand(), 2);
  }

  /// Endless batch work is in all slots that the service does not hold, which needs no saying.
  private boolean isEndless() {
    return Double.isInfinite(findings.comparison().backlog().total());
  }

  private void describe() {
    var ways = root.putArray("ways");
    WAYS.forEach(way -> ways.add(way.key()));
    var terms = root.putArray("terms");
    var policies = root.putArray("policies");
    findings.sections().getFirst().rows().forEach(row -> policies.add(row.name()));
    for (var section : findings.sections()) {
      var node =
          terms
              .addObject()
              .put("name", section.terms().name())
              .put("title", Latencies.described(section.terms()))
              .put("slots", section.terms().slots());
      var rows = node.putArray("rows");
      section.rows().forEach(row -> describe(rows.addObject(), section.terms(), row));
    }
    var names = root.putArray("settings");
    settings.keySet().forEach(names::add);
  }

  private void describe(ObjectNode node, Terms terms, Row row) {
    for (var way : WAYS) {
      var cells = node.putArray(way.key());
      var chosen = row.by(way).orElseThrow().cells();
      for (int trace = 0; trace < chosen.size(); trace++) {
        var cell = chosen.get(trace);
        var score = cell.score();
        cells
            .addObject()
            .put("setting", setting(cell))
            .put("chart", charts.getOrDefault(new Key(terms, cell.policy().name(), trace), -1))
            .put("unserved", rounded(score.unservedPercent(), 4))
            .put("batch", rounded(score.batchOfClairvoyantPercent(), 2))
            .put("useful", rounded(score.usefulUtilisationPercent(), 2))
            .put("violations", score.violationSeconds())
            .put("lost", rounded(score.batchLostSeconds(), 0))
            .put("starts", rounded(score.startsPerHour(), 1));
      }
    }
    var frontier = node.putObject("frontier");
    var setting = frontier.putArray("setting");
    var unserved = frontier.putArray("unserved");
    var batch = frontier.putArray("batch");
    for (var tried : row.standing().tried()) {
      setting.add(setting(tried.cells().getFirst()));
      unserved.add(rounded(tried.worstUnserved(), 4));
      batch.add(rounded(tried.meanBatch(), 2));
    }
  }

  private int setting(Cell cell) {
    return settings.computeIfAbsent(cell.policy().name(), _ -> settings.size());
  }

  /// Counts as two digits to the base 36 each; the largest that fits stands for all above it.
  private static String digits(int count, IntUnaryOperator value) {
    var text = new StringBuilder(2 * count);
    for (int i = 0; i < count; i++) {
      int clamped = Math.clamp(value.applyAsInt(i), 0, BASE * BASE - 1);
      text.append(Character.forDigit(clamped / BASE, BASE))
          .append(Character.forDigit(clamped % BASE, BASE));
    }
    return text.toString();
  }

  private static void numbers(ArrayNode node, double[] values, int digits) {
    for (double value : values) {
      node.add(rounded(value, digits));
    }
  }

  /// Written without needless digits: 3 and not 3.0.
  private static BigDecimal rounded(double value, int digits) {
    var rounded = BigDecimal.valueOf(value).setScale(digits, RoundingMode.HALF_EVEN);
    return rounded.signum() == 0
        ? BigDecimal.ZERO
        : rounded.stripTrailingZeros().setScale(Math.max(0, rounded.stripTrailingZeros().scale()));
  }
}
