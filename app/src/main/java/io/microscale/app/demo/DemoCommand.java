package io.microscale.app.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.microscale.app.CommandException;
import io.microscale.app.DurationConverter;
import io.microscale.app.Main;
import io.microscale.app.StopSignal;
import io.microscale.app.engine.Engines;
import io.microscale.server.ServerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Shows the product at work, with nothing installed and nothing left behind.
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Two services share a few slots of this machine: 'web' answers requests whose rate changes"
          + " all the time, 'transcode' computes in whatever room is left.",
      "They do real work, as processes unless a container engine is named; Ctrl-C ends all of them."
    })
public final class DemoCommand implements Callable<Integer> {
  private static final int PORT = 7700;
  private static final int MOST_SLOTS = 200;
  private static final Duration WORTH_AN_IDLE_LOOK = Duration.ofSeconds(5);

  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--orchestrator",
      paramLabel = "KIND",
      description = {
        "Where the workers run: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
        "Container engines have to be on this machine; the workers share a folder with the demo."
      })
  private Kind orchestrator = Kind.process;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Where the engine listens (default: DOCKER_HOST, or the usual socket).")
  private @Nullable String host;

  @Option(
      names = "--image",
      paramLabel = "NAME",
      description = {
        "An image that the engine has, with sh, mkfifo and sleep in it",
        "(default: one that is made of busybox and removed at the end)."
      })
  private @Nullable String image;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long, such as 30s or 2m (default: until Ctrl-C).")
  private @Nullable Duration duration;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "The same seed gives the same demand (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--demand",
      paramLabel = "KIND",
      defaultValue = "random",
      description = {
        "random, wave, step, burst or trace:FILE (default: ${DEFAULT-VALUE}).",
        "A trace has lines 't_s,demand'; it is scaled to the pool, two points a second."
      })
  private String demand = "random";

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "20",
      description = "Slots to share, 2 to 200 (default: ${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of page and API, 0 for any (default: 7700, or any if that is taken).")
  private @Nullable Integer port;

  @Option(
      names = "--json",
      description = {
        "Print one JSON document with what was reached, at the end.",
        "After 5s or more it also says what the engine uses when nothing happens, which takes"
            + " 4 s longer."
      })
  private boolean json;

  @Option(
      names = "--record",
      paramLabel = "FILE.jsonl",
      description = {
        "Write every event to a file, a JSON object a line.",
        "At most 4 files of 64 MB: FILE.jsonl, FILE.jsonl.1, …"
      })
  private @Nullable Path record;

  @Override
  public Integer call() throws InterruptedException {
    var settings = settings();
    try (var stop = new StopSignal()) {
      print(run(settings, stop));
      return 0;
    }
  }

  private Summary run(Demo.Settings settings, StopSignal stop) throws InterruptedException {
    try (var display = new Display(spec.commandLine().getErr(), System.getenv(), json);
        var demo = Demo.start(settings, display)) {
      display.start(demo);
      boolean idle = json;
      if (duration == null) {
        stop.await();
        idle = false;
      } else {
        boolean early = stop.await(duration);
        idle &= !early && duration.compareTo(WORTH_AN_IDLE_LOOK) >= 0;
      }
      display.end();
      return demo.finish(idle);
    }
  }

  private void print(Summary summary) {
    var out = spec.commandLine().getOut();
    if (json) {
      try {
        out.println(
            new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(summary.json()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      summary.lines().forEach(out::println);
    }
    out.flush();
  }

  private Demo.Settings settings() {
    if (slots < 2 || slots > MOST_SLOTS) {
      throw CommandException.wrongUse("--slots: need 2 to %d, got %d".formatted(MOST_SLOTS, slots));
    }
    try {
      return new Demo.Settings(
          place(),
          slots,
          seed,
          demand,
          DemandKind.of(demand, slots, seed),
          Optional.ofNullable(record),
          ServerSettings.local(freePort()));
    } catch (IllegalArgumentException e) {
      var option = String.valueOf(e.getMessage()).startsWith("server.") ? "--port: " : "--demand: ";
      throw CommandException.wrongUse(option + e.getMessage());
    }
  }

  /// Where workers can run.
  enum Kind {
    process,
    docker,
    podman,
    swarm
  }

  private Demo.Place place() {
    if (orchestrator == Kind.process) {
      if (host != null || image != null) {
        throw CommandException.wrongUse(
            "--host, --image: need --orchestrator of a container engine");
      }
      return LocalWorkers::open;
    }
    var settings =
        new EngineWorkers.Settings(
            orchestrator.name(),
            Engines.address(host, orchestrator == Kind.podman, System.getenv()),
            Optional.ofNullable(image));
    return (workshop, places, clock, notices) ->
        EngineWorkers.open(settings, workshop, places, clock, notices);
  }

  /// Finds out before anything is started whether the port is free; without one that is asked for
  /// any will do, since several demos may run side by side.
  private int freePort() {
    int wanted = port == null ? PORT : port;
    var settings = ServerSettings.local(wanted);
    try (var probe = new ServerSocket(wanted, 1, InetAddress.getByName(settings.host()))) {
      return wanted == 0 ? 0 : probe.getLocalPort();
    } catch (IOException e) {
      if (port == null) {
        return 0;
      }
      throw CommandException.failed(
          "--port: need a free port, got %d (%s)".formatted(wanted, e.getMessage()));
    }
  }
}
