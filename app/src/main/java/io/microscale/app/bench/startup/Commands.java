package io.microscale.app.bench.startup;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// Programs of the machine.
final class Commands {
  private static final int SHOWN = 300;
  private static final Duration ENDING = Duration.ofSeconds(10);

  private Commands() {}

  /// Where a program is, also where only the administrator looks for it.
  static Optional<Path> find(String name) {
    var path = System.getenv().getOrDefault("PATH", "");
    return Stream.concat(
            Stream.of(path.split(File.pathSeparator, -1)),
            Stream.of("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst();
  }

  /// Where a program is that has to be there.
  ///
  /// @param fromPackage the Debian package that has it
  static Path need(String name, String fromPackage) throws Unavailable {
    return find(name)
        .orElseThrow(
            () ->
                new Unavailable(
                    "%s is not installed (Debian package %s)".formatted(name, fromPackage)));
  }

  /// Runs a program to its end and gives what it printed.
  ///
  /// @throws IOException if it fails or takes longer than `limit`, with its last words
  static String run(Duration limit, Path folder, List<String> command)
      throws IOException, InterruptedException {
    var said = Files.createTempFile("microscale-said-", ".txt");
    Process process = null;
    try {
      var builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.environment().putAll(Map.of("LC_ALL", "C", "DEBIAN_FRONTEND", "noninteractive"));
      process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .redirectInput(new File("/dev/null"))
              .start();
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      var text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8).strip();
      if (!ended) {
        throw new IOException(
            "%s took longer than %d s%s"
                .formatted(command.getFirst(), limit.toSeconds(), end(text)));
      }
      if (process.exitValue() != 0) {
        throw new IOException(
            "%s failed with exit code %d%s"
                .formatted(command.getFirst(), process.exitValue(), end(text)));
      }
      return text;
    } finally {
      if (process != null) {
        end(process);
      }
      Files.deleteIfExists(said);
    }
  }

  /// The same for what has to be done even when everything is to end: an interruption is kept for
  /// later.
  static void runSurely(Duration limit, Path folder, List<String> command) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      run(limit, folder, command);
    } catch (InterruptedException first) {
      interrupted = true;
      try {
        run(limit, folder, command);
      } catch (InterruptedException second) {
        throw new IOException("interrupted twice: " + command.getFirst(), second);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// Ends a process and all that it has started, at once.
  static void end(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    boolean interrupted = Thread.interrupted();
    try {
      process.waitFor(ENDING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static String end(String text) {
    var words = text.replaceAll("\\s+", " ");
    return words.isEmpty() ? "" : ": " + words.substring(Math.max(0, words.length() - SHOWN));
  }
}
