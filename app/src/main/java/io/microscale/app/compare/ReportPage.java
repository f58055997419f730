package io.microscale.app.compare;

import static io.microscale.app.bench.Page.escaped;

import com.fasterxml.jackson.databind.JsonNode;
import io.microscale.simulator.comparison.Cell;
import io.microscale.simulator.comparison.Choice;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.comparison.Findings.Row;
import io.microscale.simulator.comparison.Findings.Section;
import io.microscale.simulator.comparison.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What was found as a page that needs nothing but itself: charts of any cell, what each policy can
/// reach at which price, and the tables, which need no script.
final class ReportPage {
  private static final Pattern PLACE = Pattern.compile("@([A-Z]+)@");

  private final Findings findings;
  private final String focus;

  private ReportPage(Findings findings, String focus) {
    this.findings = findings;
    this.focus = focus;
  }

  /// Makes the runs that are drawn once more, and writes the page.
  ///
  /// @param focus the policy that the others are compared with
  /// @param threads how many runs are made at the same time, at least 1
  static String of(Findings findings, String focus, int threads, Progress progress)
      throws InterruptedException {
    var data = ReportData.of(findings, focus, threads, progress);
    return new ReportPage(findings, focus).html(data);
  }

  private String html(JsonNode data) {
    var parts =
        Map.of(
            "STYLE", resource("report.css"),
            "SCRIPT", resource("report.js"),
            "LIMIT", Double.toString(Cell.UNSERVED_AT_MOST_PERCENT),
            "TRACES", traces(),
            "BACKLOG", escaped(findings.comparison().backlog().name()),
            "UTILISATION", utilisation(),
            "TABLES", tables(),
            // No text in it can end the element that holds it.
            "DATA", data.toString().replace("<", "\\u003c"));
    // In one pass: what is filled in is not looked at again.
    return PLACE
        .matcher(resource("report.html"))
        .replaceAll(place -> Matcher.quoteReplacement(parts.getOrDefault(place.group(1), "")));
  }

  private String traces() {
    int count = findings.traces().size();
    long seconds = findings.traces().stream().mapToLong(trace -> trace.length()).sum();
    return String.format(
        Locale.ROOT, "%d %s, %.1f hours", count, count == 1 ? "trace" : "traces", seconds / 3600.0);
  }

  private String utilisation() {
    var html = new StringBuilder();
    open(html, "Useful utilisation in percent, trace by trace");
    head(html, "trace", "alone, sized for its peak");
    findings.sections().forEach(s -> head(html, "shared by " + focus + ", " + s.terms().name()));
    html.append("</tr></thead><tbody>\n");
    for (int trace = 0; trace < findings.traces().size(); trace++) {
      row(html, findings.traces().get(trace).name(), false);
      number(html, "%.1f", Findings.aloneUtilisation(findings.traces().get(trace)));
      for (var section : findings.sections()) {
        var cell =
            section.row(focus).orElseThrow().by(Way.SEARCHED).orElseThrow().cells().get(trace);
        figure(html, "%.1f", cell.score().usefulUtilisationPercent(), cell.isSafe());
      }
      html.append("</tr>\n");
    }
    return close(html);
  }

  private String tables() {
    var html = new StringBuilder();
    findings.sections().forEach(section -> table(html, section));
    return html.toString();
  }

  private void table(StringBuilder html, Section section) {
    boolean leftOut = section.rows().getFirst().by(Way.LEAVE_ONE_OUT).isPresent();
    html.append(
        "<h3>%s: %s</h3>%n"
            .formatted(
                escaped(section.terms().name()), escaped(Latencies.described(section.terms()))));
    open(html, "Policies under " + section.terms().name() + ", the best first");
    head(
        html,
        "policy",
        "batch, mean",
        "batch, worst",
        "unserved, worst",
        "usual: batch, mean",
        "usual: unserved, worst",
        "hindsight: batch, mean",
        "hindsight: batch, worst",
        "hindsight: unserved, worst");
    if (leftOut) {
      head(html, "left out: batch, mean", "left out: batch, worst", "left out: unserved, worst");
    }
    html.append("<th scope=\"col\">setting</th></tr></thead><tbody>\n");
    for (var row : section.ranked(Way.SEARCHED)) {
      cells(html, row);
    }
    html.append(close(new StringBuilder()));
  }

  private void cells(StringBuilder html, Row row) {
    row(html, row.name(), row.name().equals(focus));
    var searched = row.by(Way.SEARCHED).orElseThrow();
    number(html, "%.1f", searched.meanBatch());
    number(html, "%.1f", searched.worstBatch());
    unserved(html, searched);
    var usual = row.by(Way.USUAL).orElseThrow();
    number(html, "%.1f", usual.meanBatch());
    unserved(html, usual);
    var hindsight = row.by(Way.HINDSIGHT).orElseThrow();
    number(html, "%.1f", hindsight.meanBatch());
    number(html, "%.1f", hindsight.worstBatch());
    unserved(html, hindsight);
    row.by(Way.LEAVE_ONE_OUT)
        .ifPresent(
            choice -> {
              number(html, "%.1f", choice.meanBatch());
              number(html, "%.1f", choice.worstBatch());
              unserved(html, choice);
            });
    html.append("<td class=\"setting\">%s</td></tr>%n".formatted(escaped(setting(searched))));
  }

  private static String setting(Choice choice) {
    return choice.setting().orElseThrow();
  }

  private static void unserved(StringBuilder html, Choice choice) {
    figure(html, "%.3f", choice.worstUnserved(), choice.isSafe());
  }

  private static void open(StringBuilder html, String caption) {
    html.append(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%1$s\"><table><caption>%1$s</caption><thead><tr>"
            .formatted(escaped(caption)));
  }

  private static void head(StringBuilder html, String... heads) {
    for (var head : heads) {
      html.append("<th scope=\"col\">%s</th>".formatted(escaped(head)));
    }
  }

  private static void row(StringBuilder html, String name, boolean isFocus) {
    html.append(
        "<tr%s><th scope=\"row\">%s</th>"
            .formatted(isFocus ? " class=\"focus\"" : "", escaped(name)));
  }

  private static void number(StringBuilder html, String format, double value) {
    figure(html, format, value, true);
  }

  private static void figure(StringBuilder html, String format, double value, boolean isSafe) {
    html.append(isSafe ? "<td class=\"number\">" : "<td class=\"number unsafe\">")
        .append(String.format(Locale.ROOT, format, value))
        .append(isSafe ? "</td>" : "<span class=\"hidden\"> (not safe)</span></td>");
  }

  private static String close(StringBuilder html) {
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String resource(String name) {
    try (var text = ReportPage.class.getResourceAsStream(name)) {
      if (text == null) {
        throw new IllegalStateException("the program is incomplete: no " + name);
      }
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("the program is damaged: " + name + " cannot be read", e);
    }
  }
}
