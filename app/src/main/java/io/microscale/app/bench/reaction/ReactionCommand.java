package io.microscale.app.bench.reaction;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.CommandException;
import io.microscale.app.DurationConverter;
import io.microscale.app.Main;
import io.microscale.app.StopSignal;
import io.microscale.app.Table;
import io.microscale.app.bench.Machine;
import io.microscale.app.bench.Quiet;
import io.microscale.app.bench.Samples;
import io.microscale.app.bench.reaction.kubernetes.Behaviour;
import io.microscale.app.bench.reaction.kubernetes.KubernetesReaction;
import io.microscale.app.bench.reaction.kubernetes.Rung;
import io.microscale.app.bench.startup.BusyboxImage;
import io.microscale.app.engine.ClusterOptions;
import io.microscale.app.engine.Engines;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.orchestrators.docker.engine.EngineClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Measures how fast a step of demand on a full pool is answered.
@Command(
    name = "reaction",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "How fast the whole loop is: a pool full of batch work, a step of demand, and the time until"
          + " the first, half and all of the replicas that answer it are ready.",
      "Beside it, in the same run, the raw limit: the same changes sent straight to the API in the"
          + " best way found. Everything that is started is removed again."
    },
    footer = {"", "Exit codes: 0 measured, 1 failed, 2 wrong use."})
public final class ReactionCommand implements Callable<Integer> {
  private static final int MOST_ROUNDS = 100;

  /// What can be measured.
  enum Kind {
    process,
    docker,
    podman,
    swarm,
    kubernetes
  }

  /// On Kubernetes; of what every cluster has, this does nothing until it is told to end.
  private static final String PAUSE_IMAGE = "registry.k8s.io/pause:3.10";

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--orchestrator",
      required = true,
      paramLabel = "KIND",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private Kind kind = Kind.docker;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Where it listens (default: DOCKER_HOST, or the usual socket).")
  private @Nullable String host;

  @Option(
      names = "--step",
      paramLabel = "FROM:TO",
      description = "Replicas before and after (default: 2:16, on Kubernetes 2:10).")
  private @Nullable String step;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "Replicas that fit into the pool (default: 20, on Kubernetes 12).")
  private @Nullable Integer slots;

  @Option(
      names = "--ladder",
      paramLabel = "RUNG",
      description = {
        "How batch gives way: stop or pause (default: pause where it can);",
        "on Kubernetes stop or throttle (default: each in turn)."
      })
  private @Nullable String ladder;

  @Option(names = "--no-batch", description = "The room is free: nothing has to give way.")
  private boolean noBatch;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Steps to make (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(names = "--no-raw", description = "Leave out the raw limit.")
  private boolean noRaw;

  @Option(
      names = "--image",
      paramLabel = "NAME",
      description = {
        "An image that the engine has, with sh and sleep in it",
        "(default: one that is made of busybox and removed at the end);",
        "on Kubernetes one whose own program waits until it is told to end",
        "(default: " + PAUSE_IMAGE + ")."
      })
  private @Nullable String image;

  @Option(
      names = "--network",
      paramLabel = "NAME",
      description = "Network of the containers (default: the engine's own).")
  private @Nullable String network;

  @Mixin private ClusterOptions cluster = new ClusterOptions();

  @Option(
      names = "--quiet-limit",
      paramLabel = "PERCENT",
      defaultValue = "90",
      description =
          "Wait until so much of the processors is idle, for a bounded time"
              + " (default: ${DEFAULT-VALUE}).")
  private double quietLimit;

  @Option(
      names = "--hpa",
      paramLabel = "RISE",
      split = ",",
      description = {
        "On Kubernetes also a HorizontalPodAutoscaler with the same demand, which may rise as it does"
            + " by default, or without a limit: default, unlimited, or both with a comma.",
        "Makes the APIService of external metrics and a PriorityClass for it, and removes them."
      })
  private @Nullable List<String> hpa;

  @Option(
      names = "--hpa-sync",
      paramLabel = "TIME",
      defaultValue = "15s",
      converter = DurationConverter.class,
      description =
          "How often it looks, as the controller manager was told (default: ${DEFAULT-VALUE}).")
  private Duration hpaSync = Duration.ZERO;

  @Option(
      names = "--hpa-address",
      paramLabel = "HOST",
      defaultValue = "localhost",
      description =
          "Under which the API server reaches this machine, for the metric"
              + " (default: ${DEFAULT-VALUE}).")
  private String hpaAddress = "localhost";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of what is random on Kubernetes (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    var what = step();
    var quiet = quiet();
    if (rounds < 1 || rounds > MOST_ROUNDS) {
      throw CommandException.wrongUse(
          "--rounds: need 1 to %d, got %d".formatted(MOST_ROUNDS, rounds));
    }
    var err = spec.commandLine().getErr();
    Consumer<String> progress =
        line -> {
          err.println("microscale: " + line);
          err.flush();
        };
    try (var stop = new StopSignal();
        var _ = stop.interrupting(Thread.currentThread())) {
      if (kind == Kind.kubernetes) {
        var measured = KubernetesReaction.measure(onKubernetes(what), quiet, progress);
        print(measured.json(), measured.table(), measured.lines());
      } else {
        var report = measure(what, quiet, progress);
        print(report.json(), report.table(), report.lines());
      }
      return 0;
    } catch (InterruptedException e) {
      return 1;
    } catch (OrchestratorException | IOException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }

  private ReactionReport measure(Step what, Quiet quiet, Consumer<String> progress)
      throws InterruptedException, IOException {
    try (var backend = backend()) {
      var rung = rung(backend);
      var made = new Loop(backend, what, rung, quiet, progress).rounds(rounds);
      return new ReactionReport(
          Machine.here(),
          backend.kind(),
          backend.engine(),
          what,
          rung,
          made,
          noRaw ? Optional.empty() : Optional.of(limit(backend, what, rung, quiet, progress)),
          quietLimit);
    }
  }

  /// Tries each way once, and the fastest as often as there are rounds.
  private ReactionReport.Limit limit(
      Backend backend, Step what, Ladder rung, Quiet quiet, Consumer<String> progress)
      throws InterruptedException {
    var tried = new ArrayList<ReactionReport.Tried>();
    var ways = backend.raws(what, rung);
    for (var way : ways) {
      tried.add(new ReactionReport.Tried(way.name(), way.measure(quiet::await)));
      progress.accept(
          "straight to the API, %s: %.0f ms".formatted(way.name(), tried.getLast().millis()));
    }
    var fastest =
        tried.stream().min(Comparator.comparingDouble(ReactionReport.Tried::millis)).orElseThrow();
    var way = ways.get(tried.indexOf(fastest));
    var samples = new ArrayList<>(List.of(fastest.millis()));
    while (samples.size() < rounds) {
      samples.add(way.measure(quiet::await));
    }
    return new ReactionReport.Limit(fastest.name(), new Samples(samples), tried);
  }

  private Backend backend() throws IOException, InterruptedException {
    if (kind == Kind.process) {
      return new Processes();
    }
    var address = Engines.address(host, kind == Kind.podman, System.getenv());
    var used = BusyboxImage.give(EngineClient.open(address), Optional.ofNullable(image));
    try {
      var client = EngineClient.open(address);
      return kind == Kind.swarm
          ? new Swarm(client, used)
          : new Containers(kind.name(), client, used, Optional.ofNullable(network));
    } catch (OrchestratorException e) {
      used.close();
      throw e;
    }
  }

  private void print(ObjectNode document, Table table, List<String> lines) {
    var line = spec.commandLine();
    var out = line.getOut();
    if (json) {
      out.println(document.toPrettyString());
    } else {
      table.lines(line.getColorScheme().ansi()).forEach(out::println);
      out.println();
      lines.forEach(out::println);
    }
    out.flush();
  }

  private KubernetesReaction.Settings onKubernetes(Step what) {
    if (host != null || network != null || noBatch) {
      throw CommandException.wrongUse(
          "--host, --network, --no-batch: need another --orchestrator than kubernetes");
    }
    return new KubernetesReaction.Settings(
        cluster.access(),
        cluster.namespace("microscale-bench"),
        image == null ? PAUSE_IMAGE : image,
        what,
        rungs(),
        !noRaw,
        Optional.ofNullable(hpa).map(this::hpa),
        rounds,
        seed);
  }

  private KubernetesReaction.Hpa hpa(List<String> rises) {
    var behaviours = new ArrayList<Behaviour>();
    for (var rise : new LinkedHashSet<>(rises)) {
      behaviours.add(
          Arrays.stream(Behaviour.values())
              .filter(behaviour -> behaviour.toString().equals(rise))
              .findFirst()
              .orElseThrow(
                  () ->
                      CommandException.wrongUse(
                          "--hpa: need default or unlimited, got '%s'".formatted(rise))));
    }
    return new KubernetesReaction.Hpa(behaviours, hpaSync, hpaAddress);
  }

  private Set<Rung> rungs() {
    if (ladder == null) {
      return EnumSet.allOf(Rung.class);
    }
    return Arrays.stream(Rung.values())
        .filter(rung -> rung.toString().equals(ladder))
        .findFirst()
        .map(EnumSet::of)
        .orElseThrow(
            () ->
                CommandException.wrongUse(
                    "--ladder: need stop or throttle, got '%s'".formatted(ladder)));
  }

  private Step step() {
    boolean kubernetes = kind == Kind.kubernetes;
    if (!kubernetes && (cluster.isGiven() || hpa != null)) {
      throw CommandException.wrongUse(
          "--kubeconfig, --context, --namespace, --hpa: need --orchestrator kubernetes");
    }
    try {
      return Step.of(
          step == null ? (kubernetes ? "2:10" : "2:16") : step,
          slots == null ? (kubernetes ? 12 : 20) : slots,
          !noBatch);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse("--step, --slots: " + e.getMessage());
    }
  }

  private Ladder rung(Backend backend) {
    var wanted = ladder == null ? (backend.pauses() ? "pause" : "stop") : ladder;
    if (wanted.equals("stop")) {
      return Ladder.STOP;
    }
    if (wanted.equals("pause") && backend.pauses()) {
      return Ladder.PAUSE;
    }
    throw CommandException.wrongUse(
        "--ladder: need %s, got '%s'"
            .formatted(backend.pauses() ? "stop or pause" : "stop", wanted));
  }

  private Quiet quiet() {
    try {
      return Quiet.here(quietLimit);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse("--quiet-limit: " + e.getMessage());
    }
  }
}
