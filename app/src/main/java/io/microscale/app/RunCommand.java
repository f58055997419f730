package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.KubernetesConfig;
import io.microscale.app.config.ServerConfig;
import io.microscale.orchestrators.kubernetes.Fence;
import io.microscale.server.ServerSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Runs the engine until it is told to stop.
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = {
      "Runs the engine until SIGTERM or SIGINT (Ctrl-C).",
      "Stopping the engine stops no replica: the next run takes over what it finds."
    })
final class RunCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source = new Source();

  /// Where the configuration comes from.
  private static final class Source {
    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "FILE",
        description = "The configuration file.")
    private Path file = Path.of("");

    @ArgGroup(exclusive = false)
    private @Nullable CustomResourceOptions resources;
  }

  @Option(names = "--dry-run", description = "Decide and report, touch nothing.")
  private boolean dryRun;

  @Option(
      names = "--record",
      paramLabel = "FILE.jsonl",
      description = {
        "Write every event to a file, a JSON object a line.",
        "At most 4 files of 64 MB: FILE.jsonl, FILE.jsonl.1, …"
      })
  private @Nullable Path record;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of page and API, 0 for any (default: server.port of the file, or 7700).")
  private @Nullable Integer port;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description =
          "Address to listen on (default: server.host of the file, or 127.0.0.1)."
              + " Any but loopback needs a token.")
  private @Nullable String host;

  @Override
  public Integer call() {
    var line = spec.commandLine();
    if (source.resources != null) {
      return followed(source.resources);
    }
    var configuration = Configurations.valid(line, source.file);
    if (!dryRun
        && configuration.orchestrator() instanceof KubernetesConfig kubernetes
        && kubernetes.election().isPresent()) {
      return elected(configuration, kubernetes, kubernetes.election().get());
    }
    // First in, last out: the JVM may end once all the others are closed.
    try (var stop = new StopSignal();
        var lines = new Lines(line.getErr()::println);
        var engine = engine(configuration, Fence.NONE, lines)) {
      lines.accept(
          "microscale: pool %s on %s%s; page and API at %s"
              .formatted(
                  configuration.pool().name(),
                  configuration.orchestrator().kind(),
                  dryRun ? ", dry run: nothing is touched" : "",
                  engine.uri()));
      stop.await();
      lines.accept("microscale: stopping the engine; replicas go on");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private int followed(CustomResourceOptions resources) {
    try (var stop = new StopSignal();
        var lines = new Lines(spec.commandLine().getErr()::println);
        var _ =
            new CustomResourceRun(
                    resources,
                    (configuration, server, fence, observer) ->
                        RunningEngine.start(
                            configuration,
                            new RunningEngine.Options(
                                dryRun, Optional.ofNullable(record), server, fence, observer),
                            lines),
                    settings(ServerConfig.DEFAULT, warning -> lines.accept("warning: " + warning)),
                    !dryRun,
                    process(),
                    lines)
                .start()) {
      lines.accept(
          "microscale: follows MicroscalePool %s/%s%s"
              .formatted(
                  resources.namespace(),
                  resources.pool(),
                  dryRun ? ", dry run: nothing is touched" : ""));
      stop.await();
      lines.accept("microscale: stopping the engine; replicas go on");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  /// What people know this process by.
  private static String process() {
    return System.getenv().getOrDefault("POD_NAME", "pid-" + ProcessHandle.current().pid());
  }

  private int elected(
      Configuration configuration,
      KubernetesConfig kubernetes,
      KubernetesConfig.Election election) {
    try (var stop = new StopSignal();
        var lines = new Lines(spec.commandLine().getErr()::println);
        var _ =
            ElectedEngine.start(
                kubernetes,
                election,
                fence -> engine(configuration, fence, lines),
                settings(configuration.server(), _ -> {}),
                process(),
                lines)) {
      lines.accept(
          "microscale: pool %s on %s, one of several engines; Lease %s/%s"
              .formatted(
                  configuration.pool().name(),
                  configuration.orchestrator().kind(),
                  election.namespace(),
                  election.lease()));
      stop.await();
      lines.accept("microscale: stopping the engine; replicas go on");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 0;
  }

  private RunningEngine engine(Configuration configuration, Fence fence, Consumer<String> lines) {
    return RunningEngine.start(
        configuration,
        new RunningEngine.Options(
            dryRun,
            Optional.ofNullable(record),
            settings(configuration.server(), warning -> lines.accept("warning: " + warning)),
            fence),
        lines);
  }

  private ServerSettings settings(ServerConfig server, Consumer<String> warnings) {
    try {
      return new ServerSettings(
          host == null ? server.host() : host,
          port == null ? server.port() : port,
          Token.of(System.getenv(), server.tokenFile(), warnings));
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongUse(
          e.getMessage() + "; a token is taken from MICROSCALE_TOKEN or server.tokenFile");
    }
  }
}
