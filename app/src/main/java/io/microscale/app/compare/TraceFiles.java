package io.microscale.app.compare;

import io.microscale.app.CommandException;
import io.microscale.simulator.standard.Demand;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The traces that are compared on: the CSV files of a folder by name, or one file.
final class TraceFiles {
  private static final int MOST_FILES = 50;

  private TraceFiles() {}

  /// Reads all of them.
  ///
  /// @throws CommandException if there is none (wrong use), or one cannot be used (failed), naming
  ///   the file, the line, the rule and the value
  static List<Demand> read(Path place) {
    var traces = new ArrayList<Demand>();
    for (var file : files(place)) {
      traces.add(trace(file));
    }
    return traces;
  }

  private static List<Path> files(Path place) {
    if (Files.isRegularFile(place)) {
      return List.of(place);
    }
    if (!Files.isDirectory(place)) {
      throw CommandException.wrongUse("--traces: need a folder or a file, got '" + place + "'");
    }
    List<Path> files;
    try (var all = Files.list(place)) {
      files = all.filter(file -> file.toString().endsWith(".csv")).sorted().toList();
    } catch (IOException e) {
      throw CommandException.failed(place + ": " + CommandException.reason(e));
    }
    if (files.isEmpty() || files.size() > MOST_FILES) {
      throw CommandException.wrongUse(
          "--traces: need 1 to %d .csv files, got %d in %s"
              .formatted(MOST_FILES, files.size(), place));
    }
    return files;
  }

  private static Demand trace(Path file) {
    try {
      return Demand.read(file);
    } catch (CharacterCodingException e) {
      throw CommandException.failed(file + ": need text in UTF-8");
    } catch (IOException e) {
      throw CommandException.failed(file + ": " + CommandException.reason(e));
    } catch (IllegalArgumentException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }
}
