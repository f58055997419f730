package io.microscale.app.replay;

import io.microscale.app.record.RecordingException;
import io.microscale.app.record.RecordingReader;
import io.microscale.core.loop.LoopEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The files of one run: a recorder moves a full `FILE` to `FILE.1`, that to `FILE.2` and so on,
/// and goes on in a new `FILE`.
final class RecordingFiles {
  private static final Pattern NUMBERED = Pattern.compile("(.+)\\.(\\d{1,6})");

  private RecordingFiles() {}

  /// A file with those that hold what came before it in its run, the oldest first, as far as they
  /// are there.
  static List<Path> upTo(Path file) throws IOException, RecordingException {
    var files = new ArrayDeque<Path>();
    files.addFirst(file);
    var run = start(file);
    var before = before(file);
    while (continues(files.getFirst())
        && Files.isRegularFile(before)
        && run.isPresent()
        && start(before).equals(run)) {
      files.addFirst(before);
      before = before(before);
    }
    return List.copyOf(files);
  }

  private static boolean continues(Path file) throws IOException, RecordingException {
    try (var reader = RecordingReader.open(file)) {
      return reader.continues();
    }
  }

  /// The start of the run that a file begins with.
  private static Optional<LoopEvent.Started> start(Path file)
      throws IOException, RecordingException {
    try (var reader = RecordingReader.open(file)) {
      return reader
          .next()
          .flatMap(
              line ->
                  line instanceof RecordingReader.Line.Event(LoopEvent.Started started)
                      ? Optional.of(started)
                      : Optional.empty());
    }
  }

  private static Path before(Path file) {
    var name = file.getFileName().toString();
    var numbered = NUMBERED.matcher(name);
    return file.resolveSibling(
        numbered.matches()
            ? numbered.group(1) + "." + (Integer.parseInt(numbered.group(2)) + 1)
            : name + ".1");
  }
}
