package io.microscale.orchestrators.process;

import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Starts the process of a replica, in its control groups and with its environment.
final class Launcher {
  /// The variable by which the process of an unfinished record is found.
  static final String TOKEN = "MICROSCALE_START";

  private static final int PORT_TRIES = 50;

  private final String pool;
  private final ControlGroups groups;
  private final Map<String, String> inherited = new HashMap<>();

  Launcher(String pool, ControlGroups groups, Map<String, String> environment) {
    this.pool = pool;
    this.groups = groups;
    // The engine's own settings are no business of what it runs, its access token least of all.
    environment.forEach(
        (name, value) -> {
          if (!name.startsWith(Workload.OWN_NAMES)) {
            inherited.put(name, value);
          }
        });
  }

  /// Starts it and returns the identity of its first process.
  ///
  /// @throws OrchestratorException `REJECTED` if the program cannot be run, `UNAVAILABLE` if it
  ///   cannot be run now
  ReplicaRecord.Identity launch(Workload workload, ReplicaRecord record, Path log, String epoch) {
    var command =
        workload.command().stream().map(word -> Workload.withPort(word, record.port())).toList();
    try {
      if (workload.nice() != 0 && record.group().cpu().isPresent()) {
        record.group().weigh(workload.nice());
      }
      int pid =
          groups.spawn(
              record.group(),
              command,
              environment(workload, record),
              workload.workingFolder(),
              log);
      // Not yet reaped, so it is there even if it has ended.
      long ticks = ProcFs.stat(pid).orElseThrow().startTicks();
      return new ReplicaRecord.Identity(pid, ticks, epoch);
    } catch (IOException e) {
      boolean now =
          !(e instanceof Spawner.Failure failure)
              || failure.errno() == Libc.EAGAIN
              || failure.errno() == Libc.ENOMEM;
      throw new OrchestratorException(
          now ? Kind.UNAVAILABLE : Kind.REJECTED,
          "%s: cannot run %s%s: %s"
              .formatted(
                  record.service(),
                  workload.command(),
                  missingFolder(workload).map(f -> " in " + f + ", which is no folder").orElse(""),
                  e.getMessage()),
          e);
    }
  }

  private static Optional<Path> missingFolder(Workload workload) {
    return workload.workingFolder().filter(folder -> !Files.isDirectory(folder));
  }

  private Map<String, String> environment(Workload workload, ReplicaRecord record) {
    var all = new HashMap<>(inherited);
    record.port().ifPresent(port -> all.put("PORT", Integer.toString(port)));
    workload
        .environment()
        .forEach((name, value) -> all.put(name, Workload.withPort(value, record.port())));
    all.put("MICROSCALE_POOL", pool);
    all.put("MICROSCALE_SERVICE", record.service().value());
    all.put("MICROSCALE_REPLICA", record.id().value());
    all.put(TOKEN, record.token());
    return all;
  }

  /// A port of the loopback address that nobody has now.
  static OptionalInt freePort(Set<Integer> taken) {
    for (int i = 0; i < PORT_TRIES; i++) {
      try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (!taken.contains(socket.getLocalPort())) {
          return OptionalInt.of(socket.getLocalPort());
        }
      } catch (IOException e) {
        throw new OrchestratorException(
            Kind.UNAVAILABLE, "no port of the loopback address is free: " + e, e);
      }
    }
    throw new OrchestratorException(
        Kind.UNAVAILABLE, "no port of the loopback address is free of replicas");
  }
}
