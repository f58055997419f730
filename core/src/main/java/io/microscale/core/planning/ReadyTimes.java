package io.microscale.core.planning;

import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.Snapshot;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How long replicas really take from being asked for to being ready, measured for each service and
/// apart for starts and for resumes. An immutable value.
public final class ReadyTimes {
  public static final ReadyTimes UNKNOWN = new ReadyTimes(Map.of(), Map.of());

  /// How many of the last times count.
  private static final int REMEMBERED = 32;

  /// What is not ready after so long is not waited for.
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private static final int MOST_AWAITED = 10_000;

  private final Map<Way, Times> times;
  private final Map<ReplicaId, Awaited> awaited;

  /// How a replica becomes ready.
  private record Way(ServiceId service, boolean resumed) {}

  private record Awaited(Way way, Instant since) {}

  /// @param last the newest last
  /// @param usual nine of ten of them were at most this long
  private record Times(List<Duration> last, Duration usual) {
    static Times of(List<Duration> last) {
      var sorted = last.stream().sorted().toList();
      return new Times(List.copyOf(last), sorted.get((sorted.size() * 9 + 9) / 10 - 1));
    }

    Times and(Duration time) {
      var all = new ArrayList<>(last.subList(last.size() < REMEMBERED ? 0 : 1, last.size()));
      all.add(time);
      return of(all);
    }
  }

  private ReadyTimes(Map<Way, Times> times, Map<ReplicaId, Awaited> awaited) {
    this.times = times;
    this.awaited = awaited;
  }

  /// The time in which nine of ten of the last replicas that were started were ready, if any was.
  public Optional<Duration> ofStarts(ServiceId service) {
    return Optional.ofNullable(times.get(new Way(service, false))).map(Times::usual);
  }

  /// Likewise of those that were resumed.
  public Optional<Duration> ofResumes(ServiceId service) {
    return Optional.ofNullable(times.get(new Way(service, true))).map(Times::usual);
  }

  /// A plan asks for actions: those that start or resume a replica are awaited.
  public ReadyTimes asked(Plan plan, Instant now) {
    HashMap<ReplicaId, Awaited> next = null;
    for (var step : plan.steps()) {
      boolean resumes = step.action() instanceof Action.Resume;
      if ((resumes || step.action() instanceof Action.Start)
          && step.action() instanceof Action.OfReplica action) {
        next = next == null ? new HashMap<>(awaited) : next;
        if (next.size() < MOST_AWAITED) {
          next.put(action.replica(), new Awaited(new Way(action.service(), resumes), now));
        }
      }
    }
    return next == null ? this : new ReadyTimes(times, next);
  }

  /// Takes the time of what is ready by now, and awaits what an orchestrator that is only told
  /// numbers has begun to start.
  ///
  /// @param scales whether it is one
  public ReadyTimes seen(Snapshot snapshot, boolean scales, Instant now) {
    if (awaited.isEmpty() && !scales) {
      return this;
    }
    var next = new HashMap<>(awaited);
    var measured = new HashMap<Way, Times>();
    if (scales) {
      await(snapshot, next, now);
    }
    next.entrySet()
        .removeIf(
            entry -> {
              var awaits = entry.getValue();
              var replica = snapshot.of(awaits.way.service).find(entry.getKey());
              if (replica.isPresent() && replica.get().state() == ReplicaState.RUNNING) {
                var took = between(awaits.since, now);
                var before = measured.getOrDefault(awaits.way, times.get(awaits.way));
                measured.put(
                    awaits.way, before == null ? Times.of(List.of(took)) : before.and(took));
                return true;
              }
              return replica.map(ReadyTimes::isLeaving).orElse(false)
                  || !now.isBefore(awaits.since.plus(PATIENCE));
            });
    if (measured.isEmpty()) {
      return next.equals(awaited) ? this : new ReadyTimes(times, next);
    }
    var all = new HashMap<>(times);
    all.putAll(measured);
    return new ReadyTimes(all, next);
  }

  /// Another clock may be ahead of this one.
  private static Duration between(Instant since, Instant now) {
    return now.isBefore(since) ? Duration.ZERO : Duration.between(since, now);
  }

  private static void await(Snapshot snapshot, Map<ReplicaId, Awaited> next, Instant now) {
    snapshot
        .services()
        .forEach(
            (service, there) -> {
              if (there.starting() > 0) {
                there.replicas().stream()
                    .filter(r -> r.state() == ReplicaState.STARTING && next.size() < MOST_AWAITED)
                    .forEach(
                        r ->
                            next.putIfAbsent(
                                r.id(),
                                new Awaited(
                                    new Way(service, false),
                                    r.started().isBefore(now) ? r.started() : now)));
              }
            });
  }

  private static boolean isLeaving(Replica replica) {
    return replica.state() == ReplicaState.STOPPING;
  }
}
