package io.microscale.app.bench.startup;

import io.microscale.app.CommandException;
import io.microscale.app.Main;
import io.microscale.app.StopSignal;
import io.microscale.app.Table;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Quiet;
import io.microscale.app.engine.Engines;
import io.microscale.orchestrators.docker.engine.EngineAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Compares how long a process, containers and virtual machines take to start.
@Command(
    name = "startup",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "How long from asked-for to the workload saying READY: as a process, as a container of runc,"
          + " crun, Docker, Podman or Swarm, and in virtual machines.",
      "Waits until the machine is quiet before it measures; skips with a reason what is not there;"
          + " removes all that it starts.",
      "Kernel and disk of the virtual machines are made from Debian packages, once, and kept in"
          + " $XDG_CACHE_HOME/microscale/bench."
    },
    footer = {
      "",
      "Kinds: process, crun, runc, podman-host, podman-none, podman-bridge, docker-host,"
          + " docker-none, docker-bridge, swarm, vm-micro, vm-debian; podman, docker and vm mean"
          + " all of theirs.",
      "Exit codes: 0 measured, 1 something asked for was not, 2 wrong use."
    })
public final class StartupCommand implements Callable<Integer> {
  private static final int MOST_RUNS = 1000;
  private static final int MOST_SECONDS = 3600;

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--runs",
      paramLabel = "N",
      defaultValue = "20",
      description = "Runs of each kind but virtual machines (default: ${DEFAULT-VALUE}).")
  private int runs;

  @Option(
      names = "--vm-runs",
      paramLabel = "N",
      defaultValue = "5",
      description = "Runs of each kind of virtual machine (default: ${DEFAULT-VALUE}).")
  private int vmRuns;

  @Option(
      names = "--only",
      paramLabel = "KIND",
      split = ",",
      description = "Measure these alone; with commas, or more than once.")
  private List<String> only = List.of();

  @Option(
      names = "--skip",
      paramLabel = "KIND",
      split = ",",
      description = "Measure all but these.")
  private List<String> skip = List.of();

  @Option(
      names = "--docker",
      paramLabel = "HOST",
      description = "Docker's API (default: DOCKER_HOST, or its usual socket).")
  private @Nullable String docker;

  @Option(
      names = "--podman",
      paramLabel = "HOST",
      description = "Podman's API (default: CONTAINER_HOST, or its usual socket).")
  private @Nullable String podman;

  @Option(
      names = "--swarm",
      paramLabel = "HOST",
      description = "A manager of a swarm, on this machine (default: as for Docker).")
  private @Nullable String swarm;

  @Option(
      names = "--image",
      paramLabel = "NAME",
      description = {
        "An image that the engines have, with /bin/sh and sleep in it",
        "(default: one that is made of busybox and removed at the end)."
      })
  private @Nullable String image;

  @Option(
      names = "--quiet-limit",
      paramLabel = "PERCENT",
      defaultValue = "90",
      description =
          "Wait until so much of the processors is idle, for a bounded time"
              + " (default: ${DEFAULT-VALUE}).")
  private double quietLimit;

  @Option(
      names = "--quiet-wait",
      paramLabel = "SECONDS",
      defaultValue = "60",
      description =
          "Wait at most so long before each kind, and a twentieth of it before each run"
              + " (default: ${DEFAULT-VALUE}).")
  private int quietWait;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write a page with a chart as well, which needs no network.")
  private @Nullable Path html;

  @Override
  public Integer call() {
    require("--runs", runs, MOST_RUNS);
    require("--vm-runs", vmRuns, MOST_RUNS);
    require("--quiet-wait", quietWait, MOST_SECONDS);
    var quiet = quiet();
    var addresses = addresses(System.getenv());
    var err = spec.commandLine().getErr();
    Consumer<String> progress =
        line -> {
          err.println("microscale: " + line);
          err.flush();
        };
    try (var stop = new StopSignal();
        var place =
            new Place(addresses, Optional.ofNullable(image), Cache.of(System.getenv()), progress)) {
      var kinds = chosen(place.kinds());
      var startup = new Startup(quiet, runs, vmRuns, progress);
      boolean interrupted = isInterrupted(startup, kinds, stop);
      var report =
          new StartupReport(
              Machine.here(),
              startup.measured(),
              startup.missing(),
              place.accelerator(),
              quietLimit,
              interrupted);
      print(report);
      return exitCode(report);
    } catch (IOException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }

  /// Measures, until the signal to stop interrupts it.
  private static boolean isInterrupted(Startup startup, List<Kind> kinds, StopSignal stop) {
    try (var _ = stop.interrupting(Thread.currentThread())) {
      startup.measure(kinds);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  private int exitCode(StartupReport report) {
    boolean failed = report.missing().stream().anyMatch(StartupReport.Missing::failed);
    boolean lacking = !only.isEmpty() && !report.missing().isEmpty();
    return failed || lacking || report.measured().isEmpty() ? 1 : 0;
  }

  private void print(StartupReport report) {
    if (html != null) {
      try {
        Files.writeString(html, report.html());
      } catch (IOException e) {
        throw CommandException.failed("--html: cannot write %s: %s".formatted(html, e));
      }
    }
    var line = spec.commandLine();
    var out = line.getOut();
    if (json) {
      out.println(report.json().toPrettyString());
    } else {
      if (!report.measured().isEmpty()) {
        var table = new Table(report.heads().toArray(String[]::new));
        report.rows().forEach(row -> table.row(row.toArray(String[]::new)));
        table.lines(line.getColorScheme().ansi()).forEach(out::println);
        out.println();
      }
      out.println(report.answerLine());
      out.println();
      report.missingLines().forEach(it -> out.println("not measured: " + it));
      report.caveats().forEach(it -> out.println("note: " + it));
      out.println("measured on " + report.machine().described());
    }
    out.flush();
  }

  private List<Kind> chosen(List<Kind> all) {
    for (var name : Stream.concat(only.stream(), skip.stream()).toList()) {
      if (all.stream().noneMatch(kind -> kind.isMeantBy(name))) {
        throw CommandException.wrongUse(
            "--only, --skip: need one of %s, got '%s'"
                .formatted(String.join(", ", all.stream().map(Kind::id).toList()), name));
      }
    }
    var kinds =
        all.stream()
            .filter(kind -> only.isEmpty() || only.stream().anyMatch(kind::isMeantBy))
            .filter(kind -> skip.stream().noneMatch(kind::isMeantBy))
            .toList();
    if (kinds.isEmpty()) {
      throw CommandException.wrongUse("--only, --skip: need a kind to measure, none is left");
    }
    return kinds;
  }

  private static void require(String option, int value, int most) {
    if (value < 1 || value > most) {
      throw CommandException.wrongUse("%s: need 1 to %d, got %d".formatted(option, most, value));
    }
  }

  private Quiet quiet() {
    try {
      return Quiet.here(quietLimit, Duration.ofSeconds(quietWait));
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse("--quiet-limit: " + e.getMessage());
    }
  }

  private Place.Addresses addresses(Map<String, String> environment) {
    var usual = address("--docker", docker, () -> EngineAddress.of(environment), environment);
    return new Place.Addresses(
        usual,
        address("--podman", podman, () -> Engines.podman(environment), environment),
        swarm == null ? usual : address("--swarm", swarm, usual, environment));
  }

  /// The address that an option gives, or what is usual; if that cannot be used, only those kinds
  /// are skipped.
  private static Place.Address address(
      String option, @Nullable String host, Place.Address usual, Map<String, String> environment) {
    if (host != null) {
      var given = Engines.given(option, host, environment);
      return () -> given;
    }
    return () -> {
      try {
        return usual.find();
      } catch (IllegalArgumentException e) {
        throw new Unavailable(String.valueOf(e.getMessage()));
      }
    };
  }
}
