package io.microscale.orchestrators.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// The logs of replicas that have ended, of which the last twenty of each service are kept: enough
/// to read what went wrong, and the disk stays bounded.
final class EndedLogs {
  static final int KEPT = 20;

  private final Map<String, Deque<OutputLog>> kept = new HashMap<>();

  /// Adds a log, and removes the oldest of that service if there are too many.
  void add(String service, OutputLog log) throws IOException {
    var logs = kept.computeIfAbsent(service, s -> new ArrayDeque<>());
    logs.addLast(log);
    if (logs.size() > KEPT) {
      logs.removeFirst().delete();
    }
  }

  /// Adds the logs in a folder that earlier engines have left.
  ///
  /// @param live those that are still written to
  void find(String service, Path folder, Set<Path> live) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    var found = new ArrayList<Path>();
    try (var files = Files.newDirectoryStream(folder, "*" + OutputLog.SUFFIX)) {
      for (var file : files) {
        if (!live.contains(file)) {
          found.add(file);
        }
      }
    }
    found.sort(Comparator.comparingLong((Path file) -> file.toFile().lastModified()));
    for (var file : found) {
      add(service, new OutputLog(file));
    }
  }
}
