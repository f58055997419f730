package io.microscale.orchestrators.kubernetes.election;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A [WriterProcess], seen from the test that runs it.
final class Writer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_LINES = 10_000;

  private final Process process;
  private final List<String> lines = new ArrayList<>();

  private Writer(Process process) {
    this.process = process;
    Thread.ofVirtual().name("output of " + process.pid()).start(this::read);
  }

  /// Starts the process.
  ///
  /// @param how as [WriterProcess#main]
  static Writer start(Account account, String namespace, String... how) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(WriterProcess.class.getName());
    command.addAll(account.arguments());
    command.addAll(List.of(namespace, "pool"));
    command.addAll(List.of(how));
    try {
      return new Writer(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader out = process.inputReader()) {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        synchronized (lines) {
          if (lines.size() < MOST_LINES) {
            lines.add(line);
          }
        }
      }
    } catch (IOException _) {
      // It has ended.
    }
  }

  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /// From now on only what it says later counts.
  void forget() {
    synchronized (lines) {
      lines.clear();
    }
  }

  /// Waits for a line that begins so, and forgets what was said up to then.
  String awaitLine(String beginning) {
    await()
        .atMost(PATIENCE)
        .alias(beginning)
        .failFast("it ended, with " + lines(), () -> !process.isAlive())
        .until(() -> lines().stream().anyMatch(line -> line.startsWith(beginning)));
    synchronized (lines) {
      var found =
          lines.stream().filter(line -> line.startsWith(beginning)).findFirst().orElseThrow();
      lines.subList(0, lines.indexOf(found) + 1).clear();
      return found;
    }
  }

  void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  void awaitPaused() {
    var stat = Path.of("/proc", Long.toString(process.pid()), "stat");
    await().atMost(PATIENCE).until(() -> Files.readString(stat).contains(") T "));
  }

  @Override
  public void close() {
    kill();
  }

  /// Ends it as it is, wherever it is.
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
