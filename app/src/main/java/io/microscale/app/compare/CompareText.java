package io.microscale.app.compare;

import io.microscale.app.Table;
import io.microscale.simulator.comparison.Cell;
import io.microscale.simulator.comparison.Choice;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.comparison.Findings.Row;
import io.microscale.simulator.comparison.Findings.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import picocli.CommandLine.Help.Ansi;

/// What was found, for people who read text.
///
/// @param focus the policy that the others are compared with
/// @param leftOut whether settings were chosen by all traces but one too
record CompareText(Findings findings, String focus, boolean leftOut) {
  private static final String UNSAFE = "!";

  List<String> lines(Ansi ansi) {
    var lines = new ArrayList<String>();
    for (var section : findings.sections()) {
      lines.add("%s (%s)".formatted(section.terms().name(), Latencies.described(section.terms())));
      lines.addAll(table(section).lines(ansi));
      ahead(section, lines);
      lines.add("");
    }
    lines.add(
        "Useful utilisation in %: alone on a pool sized for the peak, and shared by " + focus);
    lines.addAll(utilisation().lines(ansi));
    lines.add("");
    lines.addAll(words());
    return lines;
  }

  private Table table(Section section) {
    var heads =
        new ArrayList<>(
            List.of(
                "policy",
                ">batch",
                ">worst",
                ">unserved ",
                ">usual: batch",
                ">unserved ",
                ">hindsight: batch",
                ">worst",
                ">unserved "));
    if (leftOut) {
      heads.addAll(List.of(">left out: batch", ">worst", ">unserved "));
    }
    heads.add("setting");
    var table = new Table(heads.toArray(String[]::new));
    section.ranked(Way.SEARCHED).forEach(row -> table.row(cells(row)));
    return table;
  }

  private String[] cells(Row row) {
    var searched = row.by(Way.SEARCHED).orElseThrow();
    var usual = row.by(Way.USUAL).orElseThrow();
    var cells = Stream.<String>builder();
    cells.add(row.name());
    figures(searched).forEach(cells);
    cells.add(percent(usual.meanBatch())).add(unserved(usual));
    figures(row.by(Way.HINDSIGHT).orElseThrow()).forEach(cells);
    row.by(Way.LEAVE_ONE_OUT).ifPresent(choice -> figures(choice).forEach(cells));
    cells.add(searched.setting().orElseThrow());
    return cells.build().toArray(String[]::new);
  }

  /// Batch on average and at worst, unserved at worst.
  private static Stream<String> figures(Choice choice) {
    return Stream.of(percent(choice.meanBatch()), percent(choice.worstBatch()), unserved(choice));
  }

  private static String unserved(Choice choice) {
    return format("%.3f", choice.worstUnserved()) + (choice.isSafe() ? " " : UNSAFE);
  }

  /// Where others give more batch work than the policy in focus.
  private void ahead(Section section, List<String> lines) {
    var own = section.row(focus).filter(row -> !row.isBound());
    if (own.isEmpty() || section.rows().size() < 2) {
      return;
    }
    if (!own.get().by(Way.SEARCHED).orElseThrow().isSafe()) {
      lines.add("No setting of %s is safe on all traces.".formatted(focus));
      return;
    }
    int most = 0;
    for (int trace = 0; trace < findings.traces().size(); trace++) {
      var ahead = section.ahead(focus, trace, Way.SEARCHED);
      if (ahead.isEmpty()) {
        most++;
      } else {
        lines.add(
            "%s: more batch work with %s"
                .formatted(findings.traces().get(trace).name(), String.join(", ", ahead)));
      }
    }
    lines.add(
        "%s gives the most batch work of all that are safe on %d of %d traces."
            .formatted(focus, most, findings.traces().size()));
  }

  private Table utilisation() {
    var heads = new ArrayList<>(List.of("trace", ">alone"));
    findings.sections().forEach(section -> heads.add(">" + section.terms().name()));
    var table = new Table(heads.toArray(String[]::new));
    for (int trace = 0; trace < findings.traces().size(); trace++) {
      var cells = new ArrayList<String>();
      cells.add(findings.traces().get(trace).name());
      cells.add(percent(Findings.aloneUtilisation(findings.traces().get(trace))));
      for (var section : findings.sections()) {
        var cell =
            section.row(focus).orElseThrow().by(Way.SEARCHED).orElseThrow().cells().get(trace);
        cells.add(shared(cell));
      }
      table.row(cells.toArray(String[]::new));
    }
    return table;
  }

  private static String shared(Cell cell) {
    return percent(cell.score().usefulUtilisationPercent()) + (cell.isSafe() ? "" : UNSAFE);
  }

  private List<String> words() {
    var words =
        new ArrayList<>(
            List.of(
                "batch: batch work in % of what a clairvoyant does, mean over the traces;"
                    + " worst: on the trace with the least",
                "unserved: demand without a ready replica in %%, on the trace with the most; %s is more than %s %%"
                    .formatted(UNSAFE, Cell.UNSERVED_AT_MOST_PERCENT),
                "first the one setting for all traces, safe on each, with the most batch work (searched);"
                    + " usual: as it comes; hindsight: the best setting for each trace, known beforehand"));
    if (leftOut) {
      words.add("left out: for each trace the setting that is best on all the others");
    }
    return words;
  }

  private static String percent(double value) {
    return format("%.1f", value);
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
