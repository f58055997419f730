package io.microscale.app;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.microscale.app.config.Configuration;
import io.microscale.app.config.InvalidConfigurationException;
import io.microscale.app.config.Mistake;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Says everything that is wrong with a configuration file.
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    description = "Says everything that is wrong with a configuration file.",
    footer = {"", "Exit codes: 0 valid (warnings may be shown), 1 mistakes, 2 wrong use."})
final class ValidateCommand implements Callable<Integer> {
  @SuppressWarnings("NullAway.Init") // picocli sets it
  @Spec
  private CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The configuration file.")
  private Path file = Path.of("");

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    List<Mistake> mistakes;
    List<Mistake> warnings = List.of();
    var line = spec.commandLine();
    var summary = "";
    try {
      var configuration = Configurations.read(file);
      mistakes = List.of();
      warnings = configuration.warnings();
      summary = summary(configuration);
    } catch (InvalidConfigurationException e) {
      mistakes = e.mistakes();
      warnings = e.warnings();
    }
    if (json) {
      line.getOut().println(document(mistakes, warnings).toPrettyString());
    } else {
      Configurations.report(line, file, mistakes, warnings);
      line.getOut()
          .println(
              mistakes.isEmpty()
                  ? "%s: valid; %s".formatted(file, summary)
                  : "%s: %s".formatted(file, counted(mistakes.size(), "mistake")));
    }
    return mistakes.isEmpty() ? 0 : 1;
  }

  private static String summary(Configuration configuration) {
    return "pool %s with %s on %s"
        .formatted(
            configuration.pool().name(),
            counted(configuration.pool().services().size(), "service"),
            configuration.orchestrator().kind());
  }

  private static String counted(int count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  private ObjectNode document(List<Mistake> mistakes, List<Mistake> warnings) {
    var document = JsonNodeFactory.instance.objectNode();
    document.put("v", 1);
    document.put("file", file.toString());
    document.put("valid", mistakes.isEmpty());
    addAll(document, "mistakes", mistakes);
    addAll(document, "warnings", warnings);
    return document;
  }

  private static void addAll(ObjectNode document, String name, List<Mistake> mistakes) {
    var array = document.putArray(name);
    for (var mistake : mistakes) {
      array
          .addObject()
          .put("path", mistake.path())
          .put("line", mistake.line())
          .put("column", mistake.column())
          .put("rule", mistake.rule())
          .put("value", mistake.value().isEmpty() ? null : mistake.value());
    }
  }
}
