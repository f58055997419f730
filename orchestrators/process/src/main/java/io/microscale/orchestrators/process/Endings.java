package io.microscale.orchestrators.process;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.CrashLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// What stays of replicas that have ended, all of it bounded: their names, their last logs, control
/// groups that are not empty yet, and how their services fare. Confined to the event thread.
final class Endings {
  private static final int REMEMBERED = 4096;
  private static final Duration FIRST_REMOVAL = Duration.ofMillis(5);
  private static final int CLOSING_ROUNDS = 50;
  private static final Duration CLOSING_PAUSE = Duration.ofMillis(2);
  private static final int REMOVALS = 12; // doubling: 20 s until the last

  private final EventThread thread;
  private final Consumer<String> notices;
  private final EndedLogs logs = new EndedLogs();
  private final Map<ServiceId, CrashLoop> crashes = new HashMap<>();
  private final Set<ControlGroup> emptying = new HashSet<>();
  private final LinkedHashSet<ReplicaId> names = new LinkedHashSet<>();

  Endings(EventThread thread, Consumer<String> notices) {
    this.thread = thread;
    this.notices = notices;
  }

  /// Takes over what earlier engines have left.
  ///
  /// @param folder with a folder of logs for each service
  /// @param live logs that are still written to
  void find(Path folder, Set<Path> live) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (var services = Files.newDirectoryStream(folder, Files::isDirectory)) {
      for (var service : services) {
        logs.find(service.getFileName().toString(), service, live);
      }
    }
  }

  /// Whether there was a replica of this name. A start that arrives again after the end is not
  /// another replica.
  boolean has(ReplicaId id) {
    return names.contains(id);
  }

  /// Keeps what is to be kept of an ended replica.
  void add(ReplicaId id, ServiceId service, OutputLog log, ControlGroup group) {
    names.add(id);
    if (names.size() > REMEMBERED) {
      names.removeFirst();
    }
    try {
      logs.add(service.value(), log);
    } catch (IOException e) {
      notices.accept("%s: an old log cannot be removed: %s".formatted(service, e));
    }
    remove(group);
  }

  /// Removes a control group once it is empty.
  void remove(ControlGroup group) {
    remove(group, 1, FIRST_REMOVAL);
  }

  private void remove(ControlGroup group, int round, Duration pause) {
    if (group.remove()) {
      emptying.remove(group);
      return;
    }
    emptying.add(group);
    if (round > REMOVALS) {
      notices.accept("%s: processes that cannot be ended".formatted(group.folders()));
      return;
    }
    group.kill();
    thread.after(pause, () -> remove(group, round + 1, pause.multipliedBy(2)));
  }

  /// Whether no control group waits to be empty.
  boolean isClear() {
    return emptying.isEmpty();
  }

  /// Removes what can be removed within a tenth of a second: processes that were killed are given
  /// the time to be gone.
  void close() {
    for (int round = 0; round < CLOSING_ROUNDS; round++) {
      emptying.removeIf(ControlGroup::remove);
      if (emptying.isEmpty()) {
        return;
      }
      LockSupport.parkNanos(CLOSING_PAUSE.toNanos());
    }
  }

  /// A replica has ended that nobody had told to; see [CrashLoop#ended].
  ///
  /// @return until when its service starts nothing, if it is to wait
  Optional<Backoff> crashed(
      LocalProcess process, String why, Instant now, Predicate<CrashLoop> proven) {
    var loop = crashes.computeIfAbsent(process.service(), s -> new CrashLoop());
    loop.ended(process.bornNanos(), System.nanoTime(), now, why, proven.test(loop));
    return loop.at(now);
  }

  Optional<Backoff> backoff(ServiceId service, Instant now) {
    return Optional.ofNullable(crashes.get(service)).flatMap(loop -> loop.at(now));
  }

  Map<ServiceId, Backoff> backoffs(Instant now) {
    var all = new TreeMap<ServiceId, Backoff>();
    crashes.forEach((service, loop) -> loop.at(now).ifPresent(b -> all.put(service, b)));
    return all;
  }
}
