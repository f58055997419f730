package io.microscale.app;

import io.microscale.app.bench.BenchCommand;
import io.microscale.app.compare.CompareCommand;
import io.microscale.app.demo.DemoCommand;
import io.microscale.app.simulate.SimulateCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The command `microscale`.
@Command(
    name = "microscale",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Re-divides a fixed cluster between services as fast as demand moves.",
    footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong use."},
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      ValidateCommand.class,
      StatusCommand.class,
      ExplainCommand.class,
      SimulateCommand.class,
      CompareCommand.class,
      BenchCommand.class
    })
public final class Main implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  public static void main(String[] args) {
    var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    System.exit(commandLine(out, err).execute(args));
  }

  /// The whole command line; results go to `out`, everything else to `err`.
  public static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    var line = new CommandLine(new Main());
    var completion = new CommandLine(new GenerateCompletion());
    completion.getCommandSpec().usageMessage().hidden(true);
    line.addSubcommand(completion);
    line.setOut(out);
    line.setErr(err);
    line.setParameterExceptionHandler(Main::wrongUse);
    line.setExecutionExceptionHandler(Main::failed);
    return line;
  }

  /// The version of this program, as its archive says.
  public static String version() {
    var version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "Missing command");
  }

  private static int wrongUse(ParameterException e, String[] args) {
    var line = e.getCommandLine();
    var err = line.getErr();
    err.println(line.getColorScheme().errorText("microscale: " + e.getMessage()));
    CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
    err.println("Try '%s --help'.".formatted(line.getCommandSpec().qualifiedName()));
    return CommandLine.ExitCode.USAGE;
  }

  private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
    var err = line.getErr();
    if (e instanceof CommandException expected) {
      err.println(line.getColorScheme().errorText("microscale: " + expected.getMessage()));
      return expected.exitCode();
    }
    err.println(
        line.getColorScheme()
            .errorText("microscale: this should not have happened; please report it"));
    e.printStackTrace(err);
    return CommandLine.ExitCode.SOFTWARE;
  }

  /// What `--version` prints.
  public static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {
        "microscale " + version(),
        "Java " + Runtime.version() + ", " + System.getProperty("os.name")
      };
    }
  }
}
