package io.microscale.orchestrators.process;

import io.microscale.core.model.Node;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import io.microscale.core.orchestrator.Clock;
import io.microscale.core.orchestrator.CrashLoop;
import io.microscale.core.orchestrator.OrchestratorException;
import io.microscale.core.orchestrator.OrchestratorException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The replicas of a pool and what happens to them, from start to end. Confined to the event
/// thread.
///
/// A record is written before what it says is done, so that after a kill of the engine in between
/// the next one finishes it: a start is found by its token, a stop, pause or resize is done again.
final class Replicas implements Poller.Listener {
  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final Duration STUBBORN = Duration.ofSeconds(5);
  private static final Duration SOON = Duration.ofMillis(1);
  private static final Duration WEIGH_AGAIN = Duration.ofMillis(120);
  private static final int WEIGHINGS = 250; // 30 s: enough for 300 replicas

  private final ProcessSettings settings;
  private final Node node;
  private final StateDirectory state;
  private final ControlGroups groups;
  private final Launcher launcher;
  private final Throttle throttle;
  private final EventThread thread;
  private final Clock clock;
  private final Published published;
  private final Consumer<String> notices;
  private final Endings endings;
  private final Admission admission;
  private final PauseCheck pauseCheck;
  private final ReadinessWatch readiness;
  private final String epoch = ProcFs.epoch();
  private final Map<ReplicaId, LocalProcess> byId = new HashMap<>();
  private final Map<Long, LocalProcess> byKey = new HashMap<>();
  private long nextKey;

  Replicas(
      ProcessSettings settings,
      Node node,
      StateDirectory state,
      ControlGroups groups,
      EventThread thread,
      Clock clock,
      Published published) {
    this.settings = settings;
    this.node = node;
    this.state = state;
    this.groups = groups;
    this.launcher = new Launcher(settings, state, groups, clock, epoch);
    this.throttle = new Throttle(node);
    this.thread = thread;
    this.clock = clock;
    this.published = published;
    this.notices = settings.notices();
    this.endings = new Endings(thread, notices);
    this.admission = new Admission(node, endings, published, clock);
    this.pauseCheck =
        new PauseCheck(thread, notices, process -> byKey.get(process.key()) == process);
    this.readiness =
        new ReadinessWatch(
            thread,
            new ReadinessWatch.Outcome() {
              @Override
              public void ready(LocalProcess process) {
                Replicas.this.ready(process);
              }

              @Override
              public void late(LocalProcess process, Duration within) {
                Replicas.this.late(process, within);
              }
            });
  }

  /// Takes over what still runs, finishes what was begun, and clears away the rest.
  void adopt() throws IOException {
    var adoption = Adoption.of(state.all(notices), epoch);
    var ended = new ArrayList<>(adoption.ended());
    for (var record : adoption.live()) {
      if (!adopt(record)) {
        ended.add(record);
      }
    }
    ended.forEach(record -> forget(record.id()));
    var live = byId.values();
    groups
        .sweep(live.stream().map(p -> StateDirectory.fileName(p.id())).collect(Collectors.toSet()))
        .forEach(endings::remove);
    endings.find(state.logs(), live.stream().map(p -> p.log().file()).collect(Collectors.toSet()));
    if (!live.isEmpty() || !ended.isEmpty()) {
      notices.accept(
          "%d replicas adopted, %d had ended meanwhile".formatted(live.size(), ended.size()));
    }
    sweep();
  }

  private boolean adopt(ReplicaRecord record) {
    var identity = record.process().orElseThrow();
    int handle = Libc.pidfdOpen(identity.pid());
    if (handle < 0) {
      return false;
    }
    if (!identity.lives(epoch)) {
      Libc.close(handle);
      return false;
    }
    long age = Math.max(0, Duration.between(record.started(), clock.now()).toNanos());
    var process =
        new LocalProcess(
            nextKey++, record, handle, System.nanoTime() - age, state.log(record), false);
    add(process);
    if (record.stopping()) {
      end(process, record.stopGrace());
    } else {
      finish(process);
    }
    return true;
  }

  /// Does again what may not have been done.
  private void finish(LocalProcess process) {
    var record = process.record();
    try {
      if (record.paused()) {
        process.suspend();
      } else {
        process.proceed();
      }
      if (!record.resources().equals(record.full())) {
        process.limit(throttle.milliCpu(record.full(), record.resources()));
      }
    } catch (IOException e) {
      notices.accept("%s: adopted, but not as it should be: %s".formatted(record.id(), e));
    }
    if (!record.ready()) {
      var workload = settings.workloads().get(record.service());
      if (workload == null || process.log().wasCut()) {
        ready(process);
      } else {
        readiness.begin(process, workload.readiness());
      }
    }
  }

  private void add(LocalProcess process) {
    thread.poller().addProcess(process.handle(), process.key());
    byId.put(process.id(), process);
    byKey.put(process.key(), process);
    published.changed(process);
  }

  /// Carries out an action.
  ///
  /// @throws OrchestratorException as [io.microscale.core.orchestrator.Orchestrator#perform] says
  void perform(Action.OfReplica action) {
    switch (action) {
      case Action.Start start -> start(start);
      case Action.Stop(var service, var id) -> {
        var process = byId.get(id);
        if (process != null && process.service().equals(service) && !process.record().stopping()) {
          end(process, process.record().stopGrace());
        }
      }
      case Action.Pause pause -> pause(known(pause));
      case Action.Resume resume -> resume(known(resume));
      case Action.Resize resize -> resize(known(resize), resize.resources());
    }
  }

  private LocalProcess known(Action.OfReplica action) {
    var process = byId.get(action.replica());
    if (process == null || !process.service().equals(action.service())) {
      throw refused(Kind.UNKNOWN, action, "no such replica");
    }
    if (process.record().stopping()) {
      throw refused(Kind.REJECTED, action, "it is stopping");
    }
    return process;
  }

  static OrchestratorException refused(Kind kind, Action action, String why) {
    return new OrchestratorException(
        kind, "%s %s of %s: %s".formatted(action.verb(), action.subject(), action.service(), why));
  }

  private void start(Action.Start start) {
    var id = start.replica();
    var workload = settings.workloads().get(start.service());
    if (workload == null) {
      throw refused(Kind.UNKNOWN, start, "no workload is configured for this service");
    }
    if (byId.containsKey(id) || endings.has(id)) {
      return;
    }
    admission.check(start);
    var process = launcher.launch(start, workload, nextKey++, ports());
    try {
      add(process);
    } catch (IllegalStateException e) {
      launcher.discard(process);
      throw refused(Kind.UNAVAILABLE, start, String.valueOf(e.getMessage()));
    }
    save(process);
    begin(process, workload);
  }

  private Set<Integer> ports() {
    return byId.values().stream()
        .flatMapToInt(process -> process.record().port().stream())
        .boxed()
        .collect(Collectors.toSet());
  }

  private void begin(LocalProcess process, Workload workload) {
    if (workload.nice() != 0 && process.record().group().cpu().isEmpty()) {
      weigh(process, workload.nice(), WEIGHINGS);
    }
    if (!process.record().ready()) {
      readiness.begin(process, workload.readiness());
    }
  }

  /// Of many that start at once the kernel weighs the sessions of ten a second.
  private void weigh(LocalProcess process, int nice, int tries) {
    if (byKey.get(process.key()) != process) {
      return;
    }
    try {
      if (!process.nice(nice)) {
        if (tries > 1) {
          thread.after(WEIGH_AGAIN, () -> weigh(process, nice, tries - 1));
        } else {
          notices.accept(
              "%s: its session has the weight of the engine's: the kernel would not set it"
                  .formatted(process.id()));
        }
      }
    } catch (IOException e) {
      notices.accept("%s: runs with the nice value of the engine: %s".formatted(process.id(), e));
    }
  }

  private void ready(LocalProcess process) {
    process.record(process.record().ready(true));
    published.changed(process);
    // Nobody needs to wait for this: a line is found again, a port answers again.
    thread.after(SOON, () -> save(process));
  }

  private void late(LocalProcess process, Duration within) {
    process.failure("not ready within " + words(within));
    end(process, process.record().stopGrace());
  }

  private void save(LocalProcess process) {
    if (byKey.get(process.key()) != process) {
      return;
    }
    try {
      state.put(process.record());
    } catch (IOException e) {
      notices.accept("%s: its record cannot be written: %s".formatted(process.id(), e));
    }
  }

  /// A lever that may fail.
  private interface Lever {
    void pull() throws IOException;
  }

  private void apply(LocalProcess process, ReplicaRecord wanted, Lever lever) {
    var before = process.record();
    process.record(wanted);
    save(process);
    try {
      lever.pull();
    } catch (IOException e) {
      process.record(before);
      save(process);
      throw new OrchestratorException(Kind.UNAVAILABLE, process.id() + ": " + e, e);
    }
    published.changed(process);
  }

  private void pause(LocalProcess process) {
    if (!process.record().paused()) {
      apply(process, process.record().paused(true), process::suspend);
      pauseCheck.begin(process);
    }
  }

  private void resume(LocalProcess process) {
    if (process.record().paused()) {
      apply(process, process.record().paused(false), process::proceed);
    }
  }

  private void resize(LocalProcess process, Resources wanted) {
    var record = process.record();
    throttle.check(record, wanted, published.free());
    if (!wanted.equals(record.resources())) {
      apply(
          process,
          record.resources(wanted),
          () -> process.limit(throttle.milliCpu(record.full(), wanted)));
    }
  }

  /// TERM now, KILL after the grace. One that is paused gets the signal first and then runs, so
  /// that it does nothing but end.
  private void end(LocalProcess process, Duration grace) {
    boolean paused = process.record().paused();
    process.record(process.record().stopping(process.replica(node.id()).holds()));
    save(process);
    readiness.end(process);
    published.changed(process);
    if (grace.isZero()) {
      process.kill();
    } else {
      try {
        process.tell(Libc.SIGTERM);
        if (paused) {
          process.proceed();
        }
      } catch (IOException e) {
        notices.accept("%s: cannot be told to end: %s".formatted(process.id(), e));
      }
    }
    killAfter(process, grace.isZero() ? STUBBORN : grace, grace);
  }

  private void killAfter(LocalProcess process, Duration wait, Duration grace) {
    thread.after(
        wait,
        () -> {
          if (byKey.get(process.key()) == process) {
            notices.accept(
                "%s: still there %s after it was told to end: killed"
                    .formatted(process.id(), words(wait)));
            process.kill();
            killAfter(process, STUBBORN, grace);
          }
        });
  }

  /// Ends all replicas and starts no more.
  void endAll(Duration grace) {
    admission.end();
    for (var process : List.copyOf(byId.values())) {
      if (process.record().stopping()) {
        killAfter(process, grace, grace);
      } else {
        end(process, grace);
      }
    }
  }

  /// Whether nothing is left, also of those that have ended.
  boolean isEmpty() {
    return byId.isEmpty() && endings.isClear();
  }

  @Override
  public void written(long key) {
    readiness.written(key);
  }

  @Override
  public void ended(long key) {
    var process = byKey.remove(key);
    if (process == null) {
      return;
    }
    byId.remove(process.id());
    thread.poller().removeProcess(process.handle());
    readiness.end(process);
    process.kill();
    var how = process.failure().orElse(process.reap());
    boolean asked = process.record().stopping() && process.failure().isEmpty();
    published.gone(process);
    if (!asked) {
      crashed(process, how);
    }
    forget(process.id());
    process.close();
    endings.add(process.id(), process.service(), process.log(), process.record().group());
  }

  private void forget(ReplicaId id) {
    try {
      state.remove(id);
    } catch (IOException e) {
      notices.accept("%s: its record cannot be removed: %s".formatted(id, e));
    }
  }

  private void crashed(LocalProcess process, String how) {
    long nanos = System.nanoTime();
    var now = clock.now();
    var last = process.log().lastWords();
    var why = last.isEmpty() ? how : how + "; last output: " + last;
    notices.accept(
        "%s: ended by itself after %s: %s"
            .formatted(process.id(), words(Duration.ofNanos(nanos - process.bornNanos())), why));
    var backoff =
        endings.crashed(
            process,
            why,
            now,
            loop ->
                byId.values().stream()
                    .anyMatch(other -> proves(other, process.service(), loop, nanos)));
    if (backoff.isPresent()) {
      published.backoffs(endings.backoffs(now));
      thread.after(
          Duration.between(now, backoff.get().until()).plus(SOON),
          () -> published.backoffs(endings.backoffs(clock.now())));
    }
  }

  private static boolean proves(LocalProcess other, ServiceId service, CrashLoop loop, long nanos) {
    return other.service().equals(service)
        && loop.isNewer(other.bornNanos())
        && nanos - other.bornNanos() >= CrashLoop.PROVEN.toNanos();
  }

  /// Keeps logs bounded. Once a second, since to be told of each write would cost more.
  private void sweep() {
    for (var process : byId.values()) {
      try {
        process.log().bound(process.record().logLimitBytes());
      } catch (IOException e) {
        notices.accept("%s: its log cannot be cut: %s".formatted(process.id(), e));
      }
    }
    thread.after(SWEEP, this::sweep);
  }

  void close() {
    for (var process : byId.values()) {
      process.close();
    }
    endings.close();
  }

  private static String words(Duration duration) {
    long millis = duration.toMillis();
    return millis < 1000 ? millis + " ms" : "%.1f s".formatted(millis / 1000.0);
  }
}
