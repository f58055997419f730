package io.microscale.orchestrators.docker.swarm;

import io.microscale.core.model.Backoff;
import io.microscale.core.orchestrator.CrashLoop;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What follows from how tasks change from one look to the next: how fast they start, how many are
/// on their way, and which services fail again and again. For one thread alone.
final class TaskWatch {
  /// What has no node after this time waits for room.
  private static final Duration PLACED_WITHIN = Duration.ofSeconds(1);

  /// What is not running after this time has another trouble than being one of many.
  private static final Duration STARTED_WITHIN = Duration.ofSeconds(10);

  /// Until then Swarm may not yet have made the tasks that it was told of.
  private static final Duration MADE_WITHIN = Duration.ofSeconds(1);

  /// How long a process may take from its start until it listens for signals.
  private static final Duration FRESH = Duration.ofMillis(200);

  private final StartPace pace = new StartPace();
  private final Map<String, CrashLoop> crashes = new HashMap<>();
  private Map<String, Long> firstSeen = new HashMap<>();
  private Map<String, Long> firstRan = new HashMap<>();
  private Map<String, String> states = new HashMap<>();
  private Map<String, List<SwarmTask>> byService = Map.of();
  private boolean begun;

  /// Takes in what the tasks are now.
  ///
  /// @return whether any is new, gone or in another state
  boolean seen(List<SwarmTask> tasks, long nowNanos, Instant now) {
    var nextSeen = new HashMap<String, Long>();
    var nextRan = new HashMap<String, Long>();
    var nextStates = new HashMap<String, String>();
    for (var task : tasks) {
      long since = firstSeen.getOrDefault(task.key(), nowNanos);
      nextSeen.put(task.key(), since);
      if (task.state().equals("running")) {
        nextRan.put(
            task.key(),
            firstRan.getOrDefault(task.key(), begun ? nowNanos : nowNanos - FRESH.toNanos()));
      }
      nextStates.put(task.key(), task.state() + " " + task.desired());
      if (begun && !nextStates.get(task.key()).equals(states.get(task.key()))) {
        changed(task, since, nowNanos, now);
      }
    }
    boolean news = !nextStates.equals(states);
    begun = true;
    firstSeen = nextSeen;
    firstRan = nextRan;
    states = nextStates;
    byService = tasks.stream().collect(Collectors.groupingBy(SwarmTask::serviceKey));
    crashes.keySet().retainAll(byService.keySet());
    return news;
  }

  private void changed(SwarmTask task, long since, long nowNanos, Instant now) {
    if (task.state().equals("running") && task.wanted() && since != nowNanos) {
      pace.started(since, nowNanos);
    }
    if (task.failed()) {
      var why =
          "task %d %s: %s"
              .formatted(
                  task.slot(), task.state(), task.error().isEmpty() ? "no reason" : task.error());
      // Its age by Swarm's clock, so that what was there before us counts as old.
      long age = Math.max(0, Duration.between(task.created(), now).toNanos());
      crashes
          .computeIfAbsent(task.serviceKey(), _ -> new CrashLoop())
          .ended(nowNanos - age, nowNanos, now, why, false);
    }
  }

  StartPace pace() {
    return pace;
  }

  /// What holds up a service whose tasks end by themselves again and again.
  Optional<Backoff> backoff(String service, Instant now) {
    return Optional.ofNullable(crashes.get(service)).flatMap(crash -> crash.at(now));
  }

  /// How many tasks of a service Swarm is busy starting: those not yet running, without what waits
  /// for room, takes too long or is the next try in a slot in which one failed; and those that it
  /// was told of and has not made yet.
  int onTheirWay(String service, int told, long toldNanos, long nowNanos) {
    var tasks = byService.getOrDefault(service, List.of());
    var failedSlots = failedSlots(tasks);
    int count = 0;
    int wanted = 0;
    for (var task : tasks) {
      if (!task.wanted() || task.ended()) {
        continue;
      }
      wanted++;
      var limit = task.nodeKey().isPresent() ? STARTED_WITHIN : PLACED_WITHIN;
      if (task.onItsWay()
          && !failedSlots.contains(task.slot())
          && nowNanos - firstSeen.getOrDefault(task.key(), nowNanos) < limit.toNanos()) {
        count++;
      }
    }
    boolean fresh = nowNanos - toldNanos < MADE_WITHIN.toNanos();
    return count + (fresh ? Math.max(0, told - wanted) : 0);
  }

  /// Whether a task of a service has begun to run only a moment ago.
  boolean isFresh(String service, long nowNanos) {
    return byService.getOrDefault(service, List.of()).stream()
        .map(task -> firstRan.get(task.key()))
        .anyMatch(ran -> ran != null && nowNanos - ran < FRESH.toNanos());
  }

  private static Set<Long> failedSlots(List<SwarmTask> tasks) {
    var slots = new HashSet<Long>();
    for (var task : tasks) {
      if (task.failed()) {
        slots.add(task.slot());
      }
    }
    return slots;
  }

  /// Whether as many run as Swarm was told, and nothing else is there.
  boolean isSettled(String service, int told) {
    int running = 0;
    for (var task : byService.getOrDefault(service, List.of())) {
      if (task.ended()) {
        continue;
      }
      if (!task.wanted() || task.onItsWay()) {
        return false;
      }
      running++;
    }
    return running == told;
  }
}
