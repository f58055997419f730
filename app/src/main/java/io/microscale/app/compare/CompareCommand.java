package io.microscale.app.compare;

import io.microscale.app.CommandException;
import io.microscale.app.Main;
import io.microscale.app.RunFiles;
import io.microscale.app.Terminal;
import io.microscale.simulator.comparison.Choice.Way;
import io.microscale.simulator.comparison.Comparison;
import io.microscale.simulator.comparison.Findings;
import io.microscale.simulator.policies.Policies;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Family;
import io.microscale.simulator.standard.Terms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Compares all policies on traces of demand.
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Compares ways to scale: how much batch work each leaves room for on the same traces of demand,"
          + " while hardly any of that demand goes unserved.",
      "Every policy is given its best setting: all its settings are tried, and the one that is safe on"
          + " every trace and gives the most batch work counts."
    },
    footer = {"", "Exit codes: 0 compared, 1 failed, 2 wrong use."})
public final class CompareCommand implements Callable<Integer> {
  private static final String FOCUS = "microscale";

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--traces",
      required = true,
      paramLabel = "PLACE",
      description =
          "A folder of CSV files, or one file: t_s,demand, with demand in replicas, as on a pool of"
              + " 100 slots.")
  private Path traces = Path.of("");

  @Option(
      names = "--latency",
      paramLabel = "LIST",
      defaultValue = "1,pause,5,30,120",
      description =
          "Seconds from asking for a replica to its serving, where room is made by stopping batch"
              + " work; pause: by pausing it, with replicas that stand by"
              + " (default: ${DEFAULT-VALUE}).")
  private String latency = "";

  @Option(
      names = "--policies",
      paramLabel = "LIST",
      description = "Which to compare, by name (default: all).")
  private @Nullable String policies;

  @Option(
      names = "--backlog",
      paramLabel = "DIR",
      description =
          "Batch jobs of the Azure VM trace, as in examples/traces/azure-vm-batch, instead of work"
              + " without end; scaled to what the service leaves room for.")
  private @Nullable Path backlog;

  @Option(
      names = "--leave-one-out",
      description =
          "Also choose each setting by all traces but one and judge it on that one, for each trace.")
  private boolean leaveOneOut;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Write a page with charts: one HTML file that needs nothing else.")
  private @Nullable Path report;

  @Override
  public Integer call() {
    var terms = terms();
    var families = families();
    requireFolderOfReport();
    var demands = RunFiles.traces(traces);
    if (leaveOneOut && demands.size() < 2) {
      throw CommandException.wrongUse("--leave-one-out: need at least 2 traces, got 1");
    }
    var batchWork = RunFiles.backlog(backlog);
    warnOfPeaks(demands, terms);
    try {
      compare(new Comparison(families, demands, terms, batchWork));
      return 0;
    } catch (InterruptedException e) {
      throw CommandException.failed("interrupted before everything was compared");
    }
  }

  private void compare(Comparison comparison) throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    long began = System.nanoTime();
    Findings findings;
    try (var progress = progress("runs")) {
      findings = Findings.of(comparison, comparison.run(threads, progress), ways());
    }
    tellTime(comparison, System.nanoTime() - began);
    var focus = focus(comparison.families());
    if (report != null) {
      try (var progress = progress("charts")) {
        write(report, ReportPage.of(findings, focus, threads, progress));
      }
    }
    var line = spec.commandLine();
    if (json) {
      line.getOut().println(CompareJson.of(findings).toPrettyString());
    } else {
      new CompareText(findings, focus, leaveOneOut)
          .lines(line.getColorScheme().ansi())
          .forEach(line.getOut()::println);
    }
    line.getOut().flush();
  }

  private void tellTime(Comparison comparison, long nanos) {
    spec.commandLine()
        .getErr()
        .println(
            String.format(
                Locale.ROOT,
                "microscale: compared %d policies on %d %s in %d runs, %.1f s",
                comparison.families().size(),
                comparison.traces().size(),
                comparison.traces().size() == 1 ? "trace" : "traces",
                comparison.runs(),
                nanos / 1e9));
  }

  private RunProgress progress(String what) {
    return new RunProgress(spec.commandLine().getErr(), Terminal.look(System.getenv()), what);
  }

  private List<Way> ways() {
    return Arrays.stream(Way.values())
        .filter(way -> leaveOneOut || way != Way.LEAVE_ONE_OUT)
        .toList();
  }

  /// The policy that the others are compared with: ours, else the first that can be run.
  private static String focus(List<Family> families) {
    return families.stream()
        .min(
            Comparator.comparing((Family family) -> !family.name().equals(FOCUS))
                .thenComparing(Findings::isBound))
        .orElseThrow()
        .name();
  }

  private List<Terms> terms() {
    try {
      return Latencies.parse(latency);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse("--latency: " + e.getMessage());
    }
  }

  private List<Family> families() {
    var all = Policies.all();
    if (policies == null) {
      return all;
    }
    Map<String, Family> byName =
        all.stream().collect(Collectors.toMap(Family::name, Function.identity()));
    return Arrays.stream(policies.split(",", -1))
        .map(String::strip)
        .distinct()
        .map(
            name -> {
              var family = byName.get(name);
              if (family == null) {
                throw CommandException.wrongUse(
                    "--policies: need some of %s, got '%s'"
                        .formatted(
                            all.stream().map(Family::name).collect(Collectors.joining(", ")),
                            name));
              }
              return family;
            })
        .toList();
  }

  /// Whoever waited for the runs must not hear after them that there is no such folder.
  private void requireFolderOfReport() {
    if (report == null) {
      return;
    }
    var folder = report.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(report)) {
      throw CommandException.wrongUse(
          "--report: need a file in a folder that exists, got '" + report + "'");
    }
  }

  private void warnOfPeaks(List<Demand> demands, List<Terms> terms) {
    int slots = terms.getFirst().slots();
    for (var demand : demands) {
      if (demand.peak() > slots) {
        spec.commandLine()
            .getErr()
            .println(
                "warning: %s: its peak of %s is more than the pool's %d slots; nobody can serve what is above"
                    .formatted(demand.name(), demand.peak(), slots));
      }
    }
  }

  private static void write(Path file, String page) {
    try {
      Files.writeString(file, page);
    } catch (IOException e) {
      throw CommandException.failed(file + ": " + CommandException.reason(e));
    }
  }
}
