package io.microscale.app.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.Table;
import io.microscale.app.Times;
import io.microscale.core.loop.LoopEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Help.Ansi;

/// What came of a replay, for people and for programs.
public final class ReplayReport {
  private static final String OPEN_LOOP =
      "This is what would have been decided with what was seen: the world answered to the recorded"
          + " decisions, not to these.";

  private final List<Path> files;
  private final Findings findings;

  ReplayReport(List<Path> files, Findings findings) {
    this.files = List.copyOf(files);
    this.findings = findings;
  }

  /// Whether nothing came out otherwise that should have come out the same: 0, else 1. Other
  /// settings are meant to differ.
  public int exitCode() {
    return findings.otherSettings() || findings.different() == 0 ? 0 : 1;
  }

  public List<String> lines(Ansi ansi) {
    var lines = new ArrayList<String>();
    findings.cutOff().forEach(file -> lines.add(file + ": the last line is cut off and left out"));
    findings.shown().forEach(pass -> tell(pass, lines));
    if (findings.otherSettings()) {
      lines.addAll(table().lines(ansi));
    }
    lines.add(summary());
    findings.gaps().forEach(gap -> lines.add(tell(gap)));
    if (findings.moreGaps() > 0) {
      lines.add("and after %d more gaps".formatted(findings.moreGaps()));
    }
    if (findings.otherSettings()) {
      lines.add(OPEN_LOOP);
    }
    return lines.stream().map(Times::printable).toList();
  }

  private static void tell(Findings.Shown pass, List<String> lines) {
    lines.add("%s: pass %d at %s".formatted(pass.place(), pass.number(), pass.at()));
    pass.differences().forEach(difference -> lines.add("  " + difference));
  }

  private String summary() {
    var passes = counted(findings.passes(), "pass", "passes");
    var of = findings.started().map(ReplayReport::described).orElse("no run");
    var runs = findings.runs() > 1 ? " in %d runs, the last".formatted(findings.runs()) : "";
    var what =
        "%s in %s%s of %s decided again: ".formatted(passes, Times.span(findings.time()), runs, of);
    if (findings.different() == 0) {
      return what + "all the same";
    }
    return what
        + (findings.otherSettings()
            ? "%d differ, %d in what would have been done"
                .formatted(findings.different(), findings.differentActions())
            : "%d differ".formatted(findings.different()));
  }

  private static String described(LoopEvent.Started run) {
    return "pool %s on %s%s"
        .formatted(run.pool().name(), run.orchestrator(), run.dryRun() ? ", a dry run" : "");
  }

  private static String tell(Gap gap) {
    var told =
        "%s: %s, so what the engine remembered is not known from here on: of %s "
            .formatted(gap.place(), gap.why(), counted(gap.passes(), "pass", "passes"));
    return told
        + (gap.different() == 0
            ? "none differs"
            : "%d differ, the last one pass %d at %s"
                .formatted(gap.different(), gap.lastDifferent(), gap.lastDifferentAt()));
  }

  private static String counted(long count, String one, String many) {
    return count + " " + (count == 1 ? one : many);
  }

  private Table table() {
    var table =
        new Table(
            "service",
            ">claims differ",
            ">by",
            ">grants differ",
            ">by",
            ">granted replica-seconds",
            ">more",
            ">less");
    findings
        .services()
        .forEach(
            (service, tally) ->
                table.row(
                    service.value(),
                    Long.toString(tally.claims().different()),
                    by(tally.claims()),
                    Long.toString(tally.grants().different()),
                    by(tally.grants()),
                    seconds(tally.grants().recordedSeconds()),
                    seconds(tally.grants().aboveSeconds()),
                    seconds(tally.grants().belowSeconds())));
    return table;
  }

  private static String by(ServiceTally.Figure figure) {
    var below = "-" + figure.mostBelow();
    var above = "+" + figure.mostAbove();
    if (figure.mostBelow() == 0 || figure.mostAbove() == 0) {
      return figure.different() == 0 ? "" : figure.mostBelow() == 0 ? above : below;
    }
    return below + " to " + above;
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// One JSON document.
  public ObjectNode document() {
    var document = JsonNodeFactory.instance.objectNode();
    document.put("v", 1);
    var names = document.putArray("files");
    files.forEach(file -> names.add(file.toString()));
    document.put("settings", findings.otherSettings() ? "other" : "recorded");
    findings
        .started()
        .ifPresent(
            run ->
                document
                    .put("pool", run.pool().name())
                    .put("orchestrator", run.orchestrator())
                    .put("dryRun", run.dryRun()));
    document
        .put("runs", findings.runs())
        .put("passes", findings.passes())
        .put("seconds", findings.time().toNanos() / 1e9)
        .put("different", findings.different())
        .put("differentActions", findings.differentActions());
    var first = document.putArray("first");
    for (var pass : findings.shown()) {
      var object =
          first
              .addObject()
              .put("place", pass.place())
              .put("pass", pass.number())
              .put("at", pass.at().toString());
      var differences = object.putArray("differences");
      pass.differences()
          .forEach(
              d ->
                  differences
                      .addObject()
                      .put("where", d.where())
                      .put("recorded", d.recorded())
                      .put("again", d.again()));
    }
    var gaps = document.putArray("gaps");
    for (var gap : findings.gaps()) {
      gaps.addObject()
          .put("place", gap.place())
          .put("why", gap.why())
          .put("passes", gap.passes())
          .put("different", gap.different())
          .put("lastDifferent", gap.different() == 0 ? null : gap.lastDifferent());
    }
    document.put("moreGaps", findings.moreGaps());
    var cutOff = document.putArray("cutOff");
    findings.cutOff().forEach(file -> cutOff.add(file.toString()));
    var services = document.putArray("services");
    findings
        .services()
        .forEach(
            (service, tally) -> {
              var object = services.addObject().put("name", service.value());
              figure(object.putObject("claims"), tally.claims());
              figure(object.putObject("grants"), tally.grants());
            });
    return document;
  }

  private static void figure(ObjectNode object, ServiceTally.Figure figure) {
    object
        .put("different", figure.different())
        .put("mostAbove", figure.mostAbove())
        .put("mostBelow", figure.mostBelow())
        .put("recordedReplicaSeconds", figure.recordedSeconds())
        .put("moreReplicaSeconds", figure.aboveSeconds())
        .put("lessReplicaSeconds", figure.belowSeconds());
  }
}
