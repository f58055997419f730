package io.microscale.orchestrators.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/// A pool of real processes with one service, and what tests ask of it. Closing it ends them all.
final class TestPool implements AutoCloseable {
  static final ServiceId SERVICE = new ServiceId("work");
  static final int SLOTS = 1000;

  /// The ways there are to hold processes.
  enum Levers {
    V1,
    V2,
    SIGNALS
  }

  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final Path UNIFIED =
      Files.exists(CGROUPS.resolve("unified")) ? CGROUPS.resolve("unified") : CGROUPS;
  private static final AtomicInteger NEXT = new AtomicInteger();

  static {
    Awaitility.setDefaultTimeout(Duration.ofSeconds(30)); // machines may be busy
  }

  final List<String> notices = new CopyOnWriteArrayList<>();
  final Path folder;
  private final Levers levers;
  private final Workload workload;
  private ProcessOrchestrator orchestrator;

  TestPool(Path folder, Levers levers, Workload workload) {
    this.folder = folder;
    this.levers = levers;
    this.workload = workload;
    this.orchestrator = opened();
  }

  TestPool(Path folder, Workload workload) {
    this(folder, Levers.SIGNALS, workload);
  }

  static Workload shell(String script) {
    return Workload.of("sh", "-c", script).stopGrace(Duration.ofSeconds(5));
  }

  /// Ready once the script has written READY.
  static Workload ready(String script) {
    return shell(script)
        .readiness(Readiness.OutputLine.containing("READY", Duration.ofSeconds(10)));
  }

  static ProcessSettings settings(Path folder, Workload workload) {
    return ProcessSettings.of("pool", folder.resolve("state"), Map.of(SERVICE, workload))
        .slots(SLOTS);
  }

  private ProcessOrchestrator opened() {
    var settings = settings(folder, workload).notices(notices::add);
    if (levers == Levers.SIGNALS) {
      settings = settings.pausing(Pausing.SIGNAL);
      if (Host.canUndoNice()) {
        settings = settings.throttling(Throttling.NICE);
      }
    }
    var versions =
        levers == Levers.V2
            ? EnumSet.of(ControlGroups.Version.V2)
            : EnumSet.of(ControlGroups.Version.V1);
    var opened = ProcessOrchestrator.open(settings, InstantSource.system(), versions);
    if (levers != Levers.SIGNALS && !opened.levers().contains("freezer cgroup " + levers)) {
      opened.close();
      assumeTrue(false, "no writable freezer of control groups " + levers);
    }
    return opened;
  }

  ProcessOrchestrator orchestrator() {
    return orchestrator;
  }

  /// As after a restart of the engine.
  void reopen() {
    orchestrator.close();
    orchestrator = opened();
  }

  Action.Start startAction() {
    var node = orchestrator.observe().nodes().getFirst().id();
    var id = new ReplicaId("work-" + NEXT.incrementAndGet());
    return new Action.Start(SERVICE, id, node, Resources.slots(10));
  }

  ReplicaId start() {
    var action = startAction();
    orchestrator.perform(action);
    return action.replica();
  }

  ReplicaId running() {
    var id = start();
    awaitState(id, ReplicaState.RUNNING);
    return id;
  }

  void stop(ReplicaId id) {
    orchestrator.perform(new Action.Stop(SERVICE, id));
  }

  void pause(ReplicaId id) {
    orchestrator.perform(new Action.Pause(SERVICE, id));
  }

  void resume(ReplicaId id) {
    orchestrator.perform(new Action.Resume(SERVICE, id));
  }

  Optional<Replica> find(ReplicaId id) {
    return orchestrator.observe().of(SERVICE).find(id);
  }

  void awaitState(ReplicaId id, ReplicaState state) {
    await()
        .pollInterval(Duration.ofMillis(2))
        .until(() -> find(id).filter(r -> r.state() == state).isPresent());
  }

  void awaitGone(ReplicaId id) {
    await().pollInterval(Duration.ofMillis(2)).until(() -> find(id).isEmpty());
  }

  ReplicaProcess process(ReplicaId id) {
    return orchestrator.process(id).orElseThrow();
  }

  int pid(ReplicaId id) {
    return process(id).pid();
  }

  String output(ReplicaId id) {
    return text(process(id).log());
  }

  /// The numbers of processes that a script has written, a line each, once there are so many.
  List<Integer> pids(ReplicaId id, int count) {
    var log = process(id).log();
    await().until(() -> numbers(log).size() >= count);
    return numbers(log);
  }

  private static List<Integer> numbers(Path log) {
    return text(log).lines().filter(line -> line.matches("\\d+")).map(Integer::valueOf).toList();
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Whether a process exists and is no zombie.
  static boolean lives(int pid) {
    return ProcFs.stat(pid).filter(stat -> stat.state() != 'Z').isPresent();
  }

  static void awaitDead(int pid) {
    await().pollInterval(Duration.ofMillis(2)).until(() -> !lives(pid));
  }

  static void kill(int pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  /// The processor time of one process, in clock ticks of 10 ms.
  static long cpuTicks(int pid) {
    var stat = text(Path.of("/proc/" + pid + "/stat"));
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }

  /// Whether the kernel says that every process of it has come to a halt.
  boolean hasHalted(ReplicaId id) {
    int pid = pid(id);
    if (levers == Levers.SIGNALS) {
      return ProcFs.stat(pid).orElseThrow().state() == 'T';
    }
    var groups = text(Path.of("/proc/" + pid + "/cgroup"));
    var line =
        groups
            .lines()
            .filter(l -> levers == Levers.V2 ? l.startsWith("0::") : l.contains(":freezer:"))
            .findFirst()
            .orElseThrow();
    var group = line.substring(line.lastIndexOf(':') + 2);
    return levers == Levers.V2
        ? text(UNIFIED.resolve(group).resolve("cgroup.events")).contains("frozen 1")
        : text(Path.of("/sys/fs/cgroup/freezer", group, "freezer.state")).startsWith("FROZEN");
  }

  void awaitNotice(String part) {
    await().until(() -> notices.stream().anyMatch(n -> n.contains(part)));
  }

  @Override
  public void close() {
    try (var last = orchestrator) {
      assertThat(last.terminateAll(Duration.ofSeconds(2))).as("all ended").isTrue();
    }
  }
}
