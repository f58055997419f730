package io.microscale.benchmarks;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import io.microscale.simulator.cluster.Latency;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Takes the latencies of an orchestrator from what an engine tells.
final class MeasuredLatencies implements Consumer<LoopEvent> {
  private final Map<ServiceId, List<Duration>> starts = new TreeMap<>();
  private final List<Duration> stops = new ArrayList<>();
  private final Map<String, List<Duration>> answers = new TreeMap<>();
  private final Map<ReplicaId, Instant> starting = new HashMap<>();
  private final Map<ReplicaId, Instant> stopping = new HashMap<>();

  @Override
  public synchronized void accept(LoopEvent event) {
    switch (event) {
      case LoopEvent.ActionEnded ended when ended.failure().isEmpty() ->
          answers.computeIfAbsent(ended.action().verb(), _ -> new ArrayList<>()).add(ended.took());
      case LoopEvent.Observed observed -> {
        observed.changed().forEach(replica -> changed(replica, observed.at()));
        for (var gone : observed.gone()) {
          starting.remove(gone.replica());
          var since = stopping.remove(gone.replica());
          if (since != null) {
            stops.add(Duration.between(since, observed.at()));
          }
        }
      }
      default -> {}
    }
  }

  private void changed(Replica replica, Instant at) {
    if (replica.state() == ReplicaState.STARTING) {
      starting.putIfAbsent(replica.id(), at);
    } else if (replica.state() == ReplicaState.RUNNING) {
      var since = starting.remove(replica.id());
      if (since != null) {
        starts
            .computeIfAbsent(replica.service(), _ -> new ArrayList<>())
            .add(Duration.between(since, at));
      }
    } else if (replica.state() == ReplicaState.STOPPING) {
      stopping.putIfAbsent(replica.id(), at);
    }
  }

  synchronized Latency start(ServiceId service) {
    return recorded(starts.getOrDefault(service, List.of()));
  }

  synchronized Latency stop() {
    return recorded(stops);
  }

  synchronized Map<String, Latency> answers() {
    var all = new HashMap<String, Latency>();
    answers.forEach((verb, measured) -> all.put(verb, recorded(measured)));
    return all;
  }

  private static Latency recorded(List<Duration> measured) {
    return measured.isEmpty() ? Latency.none() : new Latency.Recorded(measured);
  }

  @Override
  public synchronized String toString() {
    return "start %s, stop %s, answers %s"
        .formatted(described(starts), median(stops), described(answers));
  }

  private static <K> Map<K, String> described(Map<K, List<Duration>> all) {
    var medians = new TreeMap<K, String>();
    all.forEach((key, measured) -> medians.put(key, median(measured)));
    return medians;
  }

  private static String median(List<Duration> measured) {
    var sorted = measured.stream().sorted().toList();
    return sorted.isEmpty()
        ? "none"
        : "%d ms (%d)".formatted(sorted.get(sorted.size() / 2).toMillis(), sorted.size());
  }
}
