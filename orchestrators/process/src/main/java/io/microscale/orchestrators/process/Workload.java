package io.microscale.orchestrators.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What one replica of a service runs.
///
/// `${PORT}` in the command and the values of the environment stands for a port of the loopback
/// address that is free when the replica starts, another one for each; the replica finds it in its
/// environment as `PORT` too. Besides it gets the environment of the engine without the names that
/// begin with `MICROSCALE_`, and `MICROSCALE_POOL`, `MICROSCALE_SERVICE` and `MICROSCALE_REPLICA`.
///
/// @param command the program and its arguments; a program without a slash is looked for along the
///   `PATH` of the engine
/// @param environment added to, and stronger than, the environment of the engine
/// @param workingFolder empty for that of the engine
/// @param stopGrace how long it may take to end after SIGTERM before it gets SIGKILL; 0s for at
///   once
/// @param nice −20 to 19; within one pool the weights are those of the kernel, 1.25 for each step
/// @param logLimitBytes how much of its output is kept; at least 4096. Of a replica there are at
///   most two files of about that size
public record Workload(
    List<String> command,
    Map<String, String> environment,
    Optional<Path> workingFolder,
    Duration stopGrace,
    Readiness readiness,
    int nice,
    long logLimitBytes) {
  static final String OWN_NAMES = "MICROSCALE_";
  private static final String PORT = "${PORT}";

  public Workload {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.isEmpty() || command.getFirst().isBlank()) {
      throw new IllegalArgumentException("workload.command: need a program, got " + command);
    }
    for (var word : command) {
      requireNoNul("workload.command", word);
    }
    environment.forEach(
        (name, value) -> {
          if (name.isEmpty() || name.indexOf('=') >= 0 || name.startsWith(OWN_NAMES)) {
            throw new IllegalArgumentException(
                "workload.environment: need names without '=' that do not begin with %s, got '%s'"
                    .formatted(OWN_NAMES, name));
          }
          requireNoNul("workload.environment", name);
          requireNoNul("workload.environment." + name, value);
        });
    if (stopGrace.isNegative() || stopGrace.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("workload.stopGrace: need 0s to 1h, got " + stopGrace);
    }
    if (nice < -20 || nice > 19) {
      throw new IllegalArgumentException("workload.nice: need -20 to 19, got " + nice);
    }
    if (logLimitBytes < 4096) {
      throw new IllegalArgumentException(
          "workload.logLimit: need at least 4096 bytes, got " + logLimitBytes);
    }
  }

  private static void requireNoNul(String what, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(what + ": need text without NUL, got '" + value + "'");
    }
  }

  /// A command with the defaults: no more environment, the engine's folder, 10 s of grace, ready
  /// when started, nice 0, 1 MiB of output.
  public static Workload of(String... command) {
    return of(List.of(command));
  }

  public static Workload of(List<String> command) {
    return new Workload(
        command,
        Map.of(),
        Optional.empty(),
        Duration.ofSeconds(10),
        new Readiness.Started(),
        0,
        1 << 20);
  }

  public Workload environment(Map<String, String> value) {
    return new Workload(command, value, workingFolder, stopGrace, readiness, nice, logLimitBytes);
  }

  public Workload workingFolder(Path value) {
    return new Workload(
        command, environment, Optional.of(value), stopGrace, readiness, nice, logLimitBytes);
  }

  public Workload stopGrace(Duration value) {
    return new Workload(command, environment, workingFolder, value, readiness, nice, logLimitBytes);
  }

  public Workload readiness(Readiness value) {
    return new Workload(command, environment, workingFolder, stopGrace, value, nice, logLimitBytes);
  }

  public Workload nice(int value) {
    return new Workload(
        command, environment, workingFolder, stopGrace, readiness, value, logLimitBytes);
  }

  public Workload logLimitBytes(long value) {
    return new Workload(command, environment, workingFolder, stopGrace, readiness, nice, value);
  }

  boolean needsPort() {
    return command.stream().anyMatch(word -> word.contains(PORT))
        || environment.values().stream().anyMatch(value -> value.contains(PORT))
        || (readiness instanceof Readiness.TcpPort(var port, _) && port.isEmpty());
  }

  static String withPort(String text, OptionalInt port) {
    return port.isPresent() ? text.replace(PORT, Integer.toString(port.getAsInt())) : text;
  }
}
