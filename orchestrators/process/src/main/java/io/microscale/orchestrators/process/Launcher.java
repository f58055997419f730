package io.microscale.orchestrators.process;

import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
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
import java.util.function.Consumer;

/// Starts the process of a replica, in its control groups and with its environment.
final class Launcher {
  /// The variable by which the process of an unfinished record is found.
  static final String TOKEN = "MICROSCALE_START";

  private static final int PORT_TRIES = 50;

  private final String pool;
  private final StateDirectory state;
  private final ControlGroups groups;
  private final Clock clock;
  private final String epoch;
  private final Consumer<String> notices;
  private final Map<String, String> inherited = new HashMap<>();

  Launcher(
      ProcessSettings settings,
      StateDirectory state,
      ControlGroups groups,
      Clock clock,
      String epoch) {
    this.pool = settings.pool();
    this.state = state;
    this.groups = groups;
    this.clock = clock;
    this.epoch = epoch;
    this.notices = settings.notices();
    // The engine's own settings are no business of what it runs, its access token least of all.
    System.getenv()
        .forEach(
            (name, value) -> {
              if (!name.startsWith(Workload.OWN_NAMES)) {
                inherited.put(name, value);
              }
            });
  }

  /// Starts it: record, control groups, process, and a handle on that. If any of it fails, nothing
  /// stays.
  ///
  /// @param key by which the poller will speak of it
  /// @param taken ports that other replicas have
  /// @throws OrchestratorException `REJECTED` if the program cannot be run, `UNAVAILABLE` if it
  ///   cannot be run now
  LocalProcess launch(Action.Start start, Workload workload, long key, Set<Integer> taken) {
    var record = record(start, workload, taken);
    var log = state.log(record);
    try {
      Files.createDirectories(log.file().getParent());
      record = record.in(groups.create(StateDirectory.fileName(record.id())));
      state.put(record);
      int pid = spawn(workload, record, log.file());
      int handle = handle(pid);
      // Not yet reaped, so it is there even if it has ended.
      long ticks = ProcFs.stat(pid).orElseThrow().startTicks();
      var running = record.running(new ReplicaRecord.Identity(pid, ticks, epoch));
      return new LocalProcess(key, running, handle, System.nanoTime(), log, true);
    } catch (IOException e) {
      undo(record, log);
      throw failure(workload, record, e);
    }
  }

  private ReplicaRecord record(Action.Start start, Workload workload, Set<Integer> taken) {
    var now = clock.now();
    return new ReplicaRecord(
        start.replica(),
        start.service(),
        state.token(start.replica(), now),
        Optional.empty(),
        now,
        start.resources(),
        start.resources(),
        workload.readiness() instanceof Readiness.Started,
        false,
        false,
        workload.stopGrace(),
        workload.nice(),
        workload.logLimitBytes(),
        workload.needsPort() ? freePort(taken) : OptionalInt.empty(),
        ControlGroup.NONE);
  }

  private int spawn(Workload workload, ReplicaRecord record, Path log) throws IOException {
    return groups.spawn(
        record.group(),
        workload.nice(),
        workload.command().stream().map(word -> Workload.withPort(word, record.port())).toList(),
        environment(workload, record),
        workload.workingFolder(),
        log);
  }

  private static int handle(int pid) throws IOException {
    int handle = Libc.pidfdOpen(pid);
    if (handle < 0) {
      Libc.killChildGroup(pid);
      throw new IOException("no handle on the new process: " + Libc.text(handle));
    }
    return handle;
  }

  private void undo(ReplicaRecord record, OutputLog log) {
    record.group().kill();
    try {
      record.group().remove(); // what cannot be removed yet, the next engine will find
      state.remove(record.id());
      log.delete();
    } catch (IOException e) {
      notices.accept("%s: not started, but something stays: %s".formatted(record.id(), e));
    }
  }

  /// Ends a process that was just launched, as if it had never been.
  void discard(LocalProcess process) {
    Libc.killChildGroup(process.pid());
    undo(process.record(), process.log());
    process.close();
  }

  private static OrchestratorException failure(
      Workload workload, ReplicaRecord record, IOException cause) {
    boolean forNow =
        !(cause instanceof Spawner.Failure spawn)
            || spawn.errno() == Libc.EAGAIN
            || spawn.errno() == Libc.ENOMEM;
    return new OrchestratorException(
        forNow ? Kind.UNAVAILABLE : Kind.REJECTED,
        "%s: cannot run %s%s: %s"
            .formatted(
                record.service(),
                workload.command(),
                missingFolder(workload).map(f -> " in " + f + ", which is no folder").orElse(""),
                forNow ? cause : cause.getMessage()),
        cause);
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
  private static OptionalInt freePort(Set<Integer> taken) {
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
