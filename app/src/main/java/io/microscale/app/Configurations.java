package io.microscale.app;

import io.microscale.app.config.Configuration;
import io.microscale.app.config.ConfigurationReader;
import io.microscale.app.config.InvalidConfigurationException;
import io.microscale.app.config.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;

/// Configuration files as the commands read them.
public final class Configurations {
  private Configurations() {}

  /// @throws CommandException if the file cannot be read at all
  static Configuration read(Path file) throws InvalidConfigurationException {
    try {
      if (Files.isDirectory(file)) {
        throw CommandException.wrongUse(file + ": need a file, got a folder");
      }
      return ConfigurationReader.read(file);
    } catch (NoSuchFileException e) {
      throw CommandException.wrongUse(file + ": no such file");
    } catch (IOException e) {
      throw CommandException.failed(
          "%s: cannot be read: %s".formatted(file, CommandException.reason(e)));
    }
  }

  /// Reads a file that must be valid; prints what is wrong with it.
  ///
  /// @throws CommandException if it is not valid
  public static Configuration valid(CommandLine line, Path file) {
    try {
      var configuration = read(file);
      report(line, file, List.of(), configuration.warnings());
      return configuration;
    } catch (InvalidConfigurationException e) {
      report(line, file, e.mistakes(), e.warnings());
      throw CommandException.failed("%s is not valid (see above)".formatted(file));
    }
  }

  /// Prints mistakes and warnings, one a line.
  static void report(CommandLine line, Path file, List<Mistake> mistakes, List<Mistake> warnings) {
    var err = line.getErr();
    mistakes.forEach(m -> err.println(line.getColorScheme().errorText(m.in(file.toString()))));
    warnings.forEach(w -> err.println("warning: " + w.in(file.toString())));
  }
}
