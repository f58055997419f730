package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.server.ServerSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
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

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The configuration file.")
  private Path file = Path.of("");

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
    var configuration = Configurations.valid(line, file);
    // First in, last out: the JVM may end once all the others are closed.
    try (var stop = new StopSignal();
        var lines = new Lines(line.getErr()::println);
        var engine =
            RunningEngine.start(
                configuration,
                new RunningEngine.Options(
                    dryRun,
                    Optional.ofNullable(record),
                    settings(configuration, warning -> lines.accept("warning: " + warning))),
                lines)) {
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

  private ServerSettings settings(Configuration configuration, Consumer<String> warnings) {
    var server = configuration.server();
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
