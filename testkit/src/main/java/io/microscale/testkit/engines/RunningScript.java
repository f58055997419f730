package io.microscale.testkit.engines;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One run of the engine script: commands go in, one answer for each comes out, and the engine is
/// there for as long as its standard input is open.
final class RunningScript implements AutoCloseable {
  private static final int ANSWER_SECONDS = 150;
  private static final String OVER = "over";

  private final Process process;
  private final BufferedWriter commands;
  private final Path errors;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Map<String, String> facts = new ConcurrentSkipListMap<>();

  private RunningScript(Process process, Path errors) {
    this.process = process;
    this.commands = process.outputWriter();
    this.errors = errors;
    Thread.ofVirtual().name("engine script").start(this::read);
  }

  /// Starts an engine and returns when it can be used.
  ///
  /// @param name names its folder and its network; one run at a time may have it
  static RunningScript start(String kind, String name, List<String> options) {
    var command = new ArrayList<>(List.of("bash", EngineScripts.engine().toString(), kind, name));
    command.addAll(options);
    RunningScript script;
    try {
      var errors = Files.createTempFile("microscale-engine-" + name, ".log");
      script =
          new RunningScript(
              new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
    } catch (IOException e) {
      throw new EngineException(name + ": cannot be started", e);
    }
    try {
      script.expect("ready");
      return script;
    } catch (RuntimeException e) {
      script.close();
      throw e;
    }
  }

  private void read() {
    try (var lines = process.inputReader()) {
      for (var line = lines.readLine(); line != null; line = lines.readLine()) {
        var words = line.split(" ", 3);
        if (words.length == 3 && !words[0].equals("failed:")) {
          facts.put(words[0] + " " + words[1], words[2]);
        } else {
          answers.add(line);
        }
      }
    } catch (IOException _) {
      // It has ended, which is said next.
    }
    answers.add(OVER);
  }

  /// What the script said of a node: its host, address, …
  Optional<String> fact(String node, String key) {
    return Optional.ofNullable(facts.get(node + " " + key));
  }

  /// The nodes that can be reached, in the order of their names.
  List<String> nodes() {
    return with("host");
  }

  /// The nodes of which the script said this, in the order of their names.
  List<String> with(String key) {
    return facts.keySet().stream()
        .filter(fact -> fact.endsWith(" " + key))
        .map(fact -> fact.substring(0, fact.indexOf(' ')))
        .toList();
  }

  /// Has the script do one thing and waits until it is done.
  synchronized void command(String... words) {
    try {
      commands.write(String.join(" ", words));
      commands.newLine();
      commands.flush();
    } catch (IOException e) {
      throw new EngineException("the engine's script has ended" + said(), e);
    }
    expect("ok");
  }

  private void expect(String wanted) {
    try {
      var answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
      if (!wanted.equals(answer)) {
        throw new EngineException(
            "engine: need '%s', got %s%s"
                .formatted(wanted, answer == null ? "nothing in time" : answer, said()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EngineException("interrupted", e);
    }
  }

  private String said() {
    try (Stream<String> lines = Files.lines(errors)) {
      var all = lines.toList();
      var last = all.subList(Math.max(0, all.size() - 3), all.size());
      return last.isEmpty() ? "" : ": " + String.join(" / ", last);
    } catch (IOException _) {
      return "";
    }
  }

  /// Takes the engine down with all that it runs, and waits until it is gone.
  @Override
  public void close() {
    try {
      commands.close();
    } catch (IOException _) {
      // It has ended.
    }
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Files.deleteIfExists(errors);
    } catch (IOException _) {
      // A file in the temporary folder stays.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
