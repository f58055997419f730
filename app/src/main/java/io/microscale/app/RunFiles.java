package io.microscale.app;

import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Demand;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads what runs go over: traces of demand, and batch work that arrives.
public final class RunFiles {
  private static final int MOST_FILES = 50;

  private RunFiles() {}

  /// Reads the CSV files of a folder by name, or one file.
  ///
  /// @throws CommandException if there is none (wrong use), or one cannot be used (failed), naming
  ///   the file, the line, the rule and the value
  public static List<Demand> traces(Path place) {
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

  /// Reads one trace.
  ///
  /// @throws CommandException if it cannot be used (failed)
  public static Demand trace(Path file) {
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

  /// Reads the batch work of a folder; without one it is endless.
  ///
  /// @throws CommandException if there is no such folder (wrong use), or it cannot be used (failed)
  public static Backlog backlog(@Nullable Path folder) {
    if (folder == null) {
      return Backlog.endless();
    }
    if (!Files.isDirectory(folder)) {
      throw CommandException.wrongUse("--backlog: need a folder, got '" + folder + "'");
    }
    try {
      return Backlog.read(folder);
    } catch (IOException e) {
      throw CommandException.failed(folder + ": " + CommandException.reason(e));
    } catch (IllegalArgumentException e) {
      throw CommandException.failed(String.valueOf(e.getMessage()));
    }
  }
}
