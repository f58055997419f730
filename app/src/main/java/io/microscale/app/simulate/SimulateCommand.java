package io.microscale.app.simulate;

import io.microscale.app.CommandException;
import io.microscale.app.Configurations;
import io.microscale.app.Main;
import io.microscale.app.RunFiles;
import io.microscale.app.config.Quantity;
import io.microscale.app.replay.Replay;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.simulator.cluster.Faults;
import io.microscale.simulator.cluster.Latency;
import io.microscale.simulator.cluster.Simulation;
import io.microscale.simulator.policies.Policies;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.Policy;
import io.microscale.simulator.standard.StandardRun;
import io.microscale.simulator.standard.Terms;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Runs a configuration file, or one policy, on recorded demand, without a cluster.
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Runs the engine with a configuration file on a simulated cluster (-f), or one way to scale on"
          + " the standard pool (--policy), over recorded demand; tells how much demand went"
          + " unserved and how much batch work was done beside it.",
      "Or decides again what a real engine recorded (--replay): as it was configured, which must"
          + " come to the same, or with another file (-f), which tells what would have been decided.",
      "The same options give the same result, to the byte."
    },
    footer = {
      "",
      "Exit codes: 0 simulated, or decided again and the same; 1 failed, or not the same; 2 wrong use."
    })
public final class SimulateCommand implements Callable<Integer> {
  private static final String PAUSE = "pause";
  private static final int LONGEST_START = 3600;
  private static final int MOST_TRACES = 100;

  /// The options of a simulation of a configuration file.
  private static final List<String> OF_FILES =
      List.of(
          "--start-latency",
          "--stop-latency",
          "--answer-latency",
          "--checkpoint",
          "--failing",
          "--failed-starts",
          "--lost-events",
          "--reading-age",
          "--node",
          "--nodes",
          "--duration");

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The configuration file to simulate.")
  private @Nullable Path file;

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      description = "The way to scale, by its name or by its name with a setting: see compare.")
  private @Nullable String policy;

  @Option(
      names = "--replay",
      arity = "1..*",
      paramLabel = "FILE.jsonl",
      description = {
        "What run --record wrote, several files in the order in which they were written. Of a single"
            + " one the files before it (FILE.jsonl.1, …) are read too, back to the beginning of its"
            + " run."
      })
  private List<Path> replays = new ArrayList<>();

  @Option(
      names = "--trace",
      paramLabel = "[SERVICE=]FILE.csv",
      description = {
        "Demand in replicas, lines 't_s,demand'; of the first service that follows a demand unless"
            + " one is named.",
        "Services of a file without one follow the demand that the file plays, if any."
      })
  private List<String> traces = new ArrayList<>();

  @Option(
      names = "--latency",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Seconds from asking for a replica to its serving; a stop then loses 5 s of batch work and"
            + " a batch start costs 1 s (default: ${DEFAULT-VALUE}).",
        "pause: pause and standby, ready at once, nothing lost."
      })
  private String latency = "";

  @Option(
      names = "--backlog",
      paramLabel = "FOLDER",
      description =
          "Batch work that arrives as recorded there and may run out (default: endless). With -f: of"
              + " its one remainder service.")
  private @Nullable Path backlog;

  @Option(
      names = "--start-latency",
      paramLabel = "[SERVICE=]TIME",
      description = {
        "With -f: from a start to the replica being ready: 800ms, 200ms..2s for anything between,"
            + " 800ms/3s for a log-normal median/p99, file:PATH for measured durations, one a line,"
            + " or what bench reaction --json wrote."
      })
  private List<String> startLatencies = new ArrayList<>();

  @Option(
      names = "--stop-latency",
      paramLabel = "TIME",
      description = "With -f: from a stop to the replica being gone (default: at once).")
  private @Nullable String stopLatency;

  @Option(
      names = "--answer-latency",
      paramLabel = "VERB=TIME",
      description =
          "With -f: how long the orchestrator takes to answer start, stop, pause, resume, resize or"
              + " scale (default: at once).")
  private List<String> answerLatencies = new ArrayList<>();

  @Option(
      names = "--checkpoint",
      paramLabel = "TIME",
      description =
          "With -f: batch work is saved this often, and a stop loses what was done since.")
  private @Nullable String checkpoint;

  @Option(
      names = "--failing",
      paramLabel = "FRACTION",
      description = "With -f: how many actions the orchestrator refuses (default: 0).")
  private double failing;

  @Option(
      names = "--failed-starts",
      paramLabel = "FRACTION",
      description = "With -f: how many starts end before they are ready (default: 0).")
  private double failedStarts;

  @Option(
      names = "--lost-events",
      paramLabel = "FRACTION",
      description = "With -f: how many changes the engine is not told of (default: 0).")
  private double lostEvents;

  @Option(
      names = "--reading-age",
      paramLabel = "TIME",
      defaultValue = "1s",
      description =
          "With -f: how old a demand is when the engine gets to know it (default:"
              + " ${DEFAULT-VALUE}).")
  private String readingAge = "";

  @Option(
      names = "--node",
      paramLabel = "AMOUNTS",
      description = "With -f: what one node has, such as cpu=8,memory=32Gi, if not slots.")
  private @Nullable String node;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1",
      description = "With -f: how many nodes there are (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      description = "With -f: how long demand of the file is played (default: 1h, or as a trace).")
  private @Nullable String duration;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What all chance follows from (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "STEPS.csv",
      description = {
        "Write a line for each second, from which the result can be computed again:",
        StepsCsv.HEADER
      })
  private @Nullable Path out;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    if (!replays.isEmpty()) {
      return replay();
    }
    if ((file == null) == (policy == null)) {
      throw CommandException.wrongUse(
          "need one of -f FILE, --policy NAME and --replay FILE.jsonl, got %s"
              .formatted(file == null ? "none" : "two"));
    }
    var terms = terms();
    long begun = System.nanoTime();
    Result result;
    try (var steps = new Steps(out, spec.commandLine().getErr())) {
      result = file == null ? standard(terms, steps) : simulated(file, terms, steps);
    } catch (UncheckedIOException e) {
      throw CommandException.failed("--out: %s: %s".formatted(out, e.getMessage()));
    }
    var line = spec.commandLine();
    line.getErr()
        .println(
            "microscale: simulated %d s in %.2f s"
                .formatted(result.seconds(), (System.nanoTime() - begun) / 1e9));
    if (json) {
      line.getOut().println(result.json().toPrettyString());
    } else {
      result.lines(line.getColorScheme().ansi()).forEach(line.getOut()::println);
    }
    line.getOut().flush();
    return 0;
  }

  private Terms terms() {
    if (latency.equals(PAUSE)) {
      return Terms.pausing();
    }
    int seconds;
    try {
      seconds = Integer.parseInt(latency);
    } catch (NumberFormatException _) {
      seconds = -1;
    }
    if (seconds < 0 || seconds > LONGEST_START) {
      throw CommandException.wrongUse(
          "--latency: need whole seconds from 0 to %d or '%s', got '%s'"
              .formatted(LONGEST_START, PAUSE, latency));
    }
    return Terms.stopping(seconds);
  }

  // A recording.

  private int replay() {
    refuse(
        Stream.concat(
            Stream.of("--policy", "--trace", "--latency", "--seed", "--out"), OF_FILES.stream()),
        "not with --replay");
    var settings =
        Optional.ofNullable(file).map(f -> Configurations.valid(spec.commandLine(), f).pool());
    var report = Replay.of(replays, settings);
    var line = spec.commandLine();
    if (json) {
      line.getOut().println(report.document().toPrettyString());
    } else {
      report.lines(line.getColorScheme().ansi()).forEach(line.getOut()::println);
    }
    line.getOut().flush();
    return report.exitCode();
  }

  private void refuse(Stream<String> names, String why) {
    var given =
        names
            .filter(name -> spec.commandLine().getParseResult().hasMatchedOption(name))
            .collect(Collectors.joining(", "));
    if (!given.isEmpty()) {
      throw CommandException.wrongUse("%s: %s".formatted(given, why));
    }
  }

  // A policy on the standard pool.

  private Result standard(Terms terms, Steps steps) {
    refuse(OF_FILES.stream(), "need -f FILE");
    var chosen = policy();
    if (traces.size() != 1 || traces.getFirst().contains("=")) {
      throw CommandException.wrongUse(
          "--trace: need one FILE.csv with --policy, got %s".formatted(traces));
    }
    var demand = RunFiles.trace(Path.of(traces.getFirst()));
    steps.of(demand.length());
    var score = StandardRun.run(chosen, demand, terms, RunFiles.backlog(backlog), steps);
    return new Result(
        chosen.name(), demand.name(), demand.length(), seed, terms, score, Optional.empty());
  }

  private Policy policy() {
    var families = Policies.all();
    for (var family : families) {
      if (family.name().equals(policy)) {
        return family.usual();
      }
      for (var setting : family.settings()) {
        if (setting.name().equals(policy)) {
          return setting;
        }
      }
    }
    throw CommandException.wrongUse(
        "--policy: need one of %s, or one of their settings, got '%s'"
            .formatted(
                families.stream().map(f -> f.name()).collect(Collectors.joining(", ")), policy));
  }

  // A configuration on a simulated cluster.

  private Result simulated(Path file, Terms terms, Steps steps) {
    var configuration = Configurations.valid(spec.commandLine(), file);
    var first =
        configuration.pool().services().stream()
            .filter(s -> !s.remainder())
            .findFirst()
            .map(ServiceSpec::id);
    var options =
        new SimulatedPool.Options(
            traces(first),
            RunFiles.backlog(backlog),
            wholeSeconds(),
            option("--node", node, SimulatedPool::resources),
            nodes,
            terms,
            startLatencies(),
            option("--stop-latency", stopLatency, LatencyText::parse),
            answerLatencies(),
            option("--checkpoint", checkpoint, SimulateCommand::duration),
            valid(
                "--failing, --failed-starts, --lost-events",
                () ->
                    Faults.ofActions(failing, 0)
                        .and(Faults.ofStarts(failedStarts))
                        .and(Faults.ofNotices(lostEvents))),
            valid("--reading-age", () -> duration(readingAge)),
            seed);
    var settings = valid("", () -> SimulatedPool.of(configuration, options));
    steps.of(settings.seconds());
    var outcome = Simulation.run(settings, steps, _ -> {});
    var trace =
        settings.demands().values().stream()
            .map(Demand::name)
            .sorted()
            .collect(Collectors.joining(", "));
    return new Result(
        file.toString(),
        trace,
        settings.seconds(),
        seed,
        settings.terms(),
        outcome.score(),
        Optional.of(outcome));
  }

  private Map<ServiceId, Demand> traces(Optional<ServiceId> first) {
    if (traces.size() > MOST_TRACES) {
      throw CommandException.wrongUse(
          "--trace: need at most %d, got %d".formatted(MOST_TRACES, traces.size()));
    }
    var byService = new LinkedHashMap<ServiceId, Demand>();
    for (var text : traces) {
      int equals = text.indexOf('=');
      var service =
          equals < 0
              ? first.orElseThrow(
                  () ->
                      CommandException.wrongUse(
                          "--trace: need a service that follows a demand, got none in the file"))
              : valid("--trace", () -> new ServiceId(text.substring(0, equals)));
      if (byService.put(service, RunFiles.trace(Path.of(text.substring(equals + 1)))) != null) {
        throw CommandException.wrongUse(
            "--trace: need one for each service, got two for '%s'".formatted(service));
      }
    }
    return byService;
  }

  private OptionalInt wholeSeconds() {
    var length = option("--duration", duration, SimulateCommand::duration);
    if (length.isPresent() && (length.get().toSeconds() < 1 || length.get().toDays() > 57)) {
      throw CommandException.wrongUse("--duration: need 1s to 57 days, got " + duration);
    }
    return length.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) length.get().toSeconds());
  }

  private Map<Optional<ServiceId>, Latency> startLatencies() {
    var all = new HashMap<Optional<ServiceId>, Latency>();
    for (var text : startLatencies) {
      int equals = text.indexOf('=');
      valid(
          "--start-latency",
          () ->
              all.put(
                  equals < 0
                      ? Optional.empty()
                      : Optional.of(new ServiceId(text.substring(0, equals))),
                  LatencyText.parse(text.substring(equals + 1))));
    }
    return all;
  }

  private Map<String, Latency> answerLatencies() {
    var verbs = List.of("start", "stop", "pause", "resume", "resize", "scale");
    var all = new HashMap<String, Latency>();
    for (var text : answerLatencies) {
      int equals = text.indexOf('=');
      var verb = text.substring(0, Math.max(0, equals));
      if (!verbs.contains(verb)) {
        throw CommandException.wrongUse(
            "--answer-latency: need VERB=TIME with one of %s, got '%s'".formatted(verbs, text));
      }
      valid("--answer-latency", () -> all.put(verb, LatencyText.parse(text.substring(equals + 1))));
    }
    return all;
  }

  private static Duration duration(String text) {
    try {
      return Quantity.duration(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("%s, got '%s'".formatted(Quantity.DURATION, text), e);
    }
  }

  private static <T> Optional<T> option(
      String name, @Nullable String text, Function<String, T> read) {
    return text == null ? Optional.empty() : Optional.of(valid(name, () -> read.apply(text)));
  }

  private static <T> T valid(String option, Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse(
          option.isEmpty() ? String.valueOf(e.getMessage()) : option + ": " + e.getMessage());
    }
  }
}
