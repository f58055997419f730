package io.microscale.orchestrators.process;

import io.microscale.core.model.NodeId;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One replica's processes while they live: what is known of them, and the levers on them.
final class LocalProcess {
  private static final int THROTTLED = 19;

  private final long key;
  private final int pid;
  private final int handle;
  private final long bornNanos;
  private final OutputLog log;
  private final boolean child;
  private ReplicaRecord record;
  private OptionalInt fileWatch = OptionalInt.empty();
  private @Nullable String failure;
  private int pauses;

  /// @param key by which the poller speaks of it
  /// @param handle a pidfd of the first process, closed by [#close]
  /// @param child whether this engine started it
  LocalProcess(
      long key, ReplicaRecord record, int handle, long bornNanos, OutputLog log, boolean child) {
    this.key = key;
    this.record = record;
    this.pid = record.process().orElseThrow().pid();
    this.handle = handle;
    this.bornNanos = bornNanos;
    this.log = log;
    this.child = child;
  }

  long key() {
    return key;
  }

  int pid() {
    return pid;
  }

  int handle() {
    return handle;
  }

  long bornNanos() {
    return bornNanos;
  }

  OutputLog log() {
    return log;
  }

  ReplicaRecord record() {
    return record;
  }

  void record(ReplicaRecord value) {
    record = value;
  }

  ReplicaId id() {
    return record.id();
  }

  ServiceId service() {
    return record.service();
  }

  /// What ends the wait for a line of output.
  OptionalInt fileWatch() {
    return fileWatch;
  }

  void fileWatch(OptionalInt value) {
    fileWatch = value;
  }

  /// Why it was stopped although nobody asked for it.
  Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  void failure(String why) {
    failure = why;
  }

  /// How often it was paused: tells one pause from the next.
  int pauses() {
    return pauses;
  }

  ReplicaState state() {
    if (record.stopping()) {
      return ReplicaState.STOPPING;
    }
    if (record.paused()) {
      return ReplicaState.PAUSED;
    }
    return record.ready() ? ReplicaState.RUNNING : ReplicaState.STARTING;
  }

  Replica replica(NodeId node) {
    return Replica.of(id(), service(), node, state(), record.resources(), record.started());
  }

  ReplicaProcess details() {
    return new ReplicaProcess(pid, record.port(), log.file());
  }

  /// Signals the process group. One that has just ended is told by the poller.
  ///
  /// @throws IOException if this is not allowed, as after the process has become another user's
  void tell(int signal) throws IOException {
    int result = Libc.signalGroup(handle, pid, signal);
    if (result < 0 && result != -Libc.ESRCH) {
      throw new IOException("signal %d: %s".formatted(signal, Libc.text(result)));
    }
  }

  /// Lets no process of it run any more. What the kernel has accepted is as good as done: a task
  /// with a freeze or a stop pending does not get back to its program, it only may not have been
  /// scheduled yet to say so.
  void suspend() throws IOException {
    pauses++;
    if (record.group().freezer().isPresent()) {
      record.group().freeze(true);
    } else {
      tell(Libc.SIGSTOP);
    }
  }

  void proceed() throws IOException {
    if (record.group().freezer().isPresent()) {
      record.group().freeze(false);
    } else {
      tell(Libc.SIGCONT);
    }
  }

  /// Whether it has come to a halt; of a process group the leader is looked at.
  boolean isSuspended() throws IOException {
    return record.group().freezer().isPresent()
        ? record.group().isFrozen()
        : ProcFs.stat(pid).filter(stat -> stat.state() == 'T').isPresent();
  }

  /// Limits its processor, hard where there is a control group, else to what nobody else wants.
  ///
  /// @param milliCpu empty for no limit
  void limit(OptionalLong milliCpu) throws IOException {
    if (record.group().cpu().isPresent()) {
      record.group().limit(milliCpu);
    } else if (!nice(milliCpu.isPresent() ? THROTTLED : record.nice())) {
      throw new IOException("the kernel does not set the weight of its session now");
    }
  }

  /// Gives it its weight against others.
  ///
  /// @return false if that of its session has to be set again later
  boolean nice(int nice) throws IOException {
    if (record.group().cpu().isPresent()) {
      record.group().weigh(nice);
      return true;
    }
    int result = Libc.setGroupPriority(pid, nice);
    if (result < 0 && result != -Libc.ESRCH) {
      throw new IOException("nice %d: %s".formatted(nice, Libc.text(result)));
    }
    return ProcFs.sessionPriority(pid, nice);
  }

  /// Ends all of its processes at once. When the first has ended by itself this must come before
  /// [#reap], since until then nobody else can have the number of its group.
  void kill() {
    int result = Libc.signalGroup(handle, pid, Libc.SIGKILL);
    record.group().kill();
    if (result == -Libc.ESRCH && !child && record.group().folders().isEmpty()) {
      // On kernels before 6.9 the group of a leader that is gone cannot be named safely.
      var token = record.token();
      var left = ProcFs.withVariable(Launcher.TOKEN, Set.of(token)).getOrDefault(token, Set.of());
      ProcFs.killAll(left, Launcher.TOKEN, token);
    }
  }

  /// How it ended, for people.
  String reap() {
    return Libc.reap(pid).map(Object::toString).orElse("ended; only its parent knows how");
  }

  void close() {
    log.close();
    Libc.close(handle);
  }
}
