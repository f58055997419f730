package io.microscale.app.bench.reaction;

import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Follows what the engine sees of the replicas, with the time of each change.
final class Watch implements Consumer<LoopEvent> {
  private final Map<ReplicaId, Replica> replicas = new HashMap<>();
  private long begun = System.nanoTime();
  private double[] millis = {}; // by the number ready; negative until it is reached
  private int lost;
  private double area;
  private long lastChange;
  private int target;

  @Override
  public synchronized void accept(LoopEvent event) {
    if (!(event instanceof LoopEvent.Observed observed)) {
      return;
    }
    long now = System.nanoTime();
    account(now);
    if (observed.complete()) {
      replicas.clear();
    }
    for (var gone : observed.gone()) {
      replicas.remove(gone.replica());
      lost += gone.service().equals(Loop.BATCH) ? 1 : 0;
    }
    observed.changed().forEach(replica -> replicas.put(replica.id(), replica));
    int ready = Math.min(count(Loop.WEB, ReplicaState.RUNNING), millis.length);
    for (int i = ready - 1; i >= 0 && millis[i] < 0; i--) {
      millis[i] = (now - begun) / 1e6;
    }
    notifyAll();
  }

  private void account(long now) {
    int missing = Math.max(0, target - count(Loop.WEB, ReplicaState.RUNNING));
    area += missing * ((now - lastChange) / 1e9);
    lastChange = now;
  }

  /// From now on a step to so many replicas is measured.
  synchronized void begin(int to) {
    begun = System.nanoTime();
    lastChange = begun;
    area = 0;
    lost = 0;
    target = to;
    millis = new double[to];
    Arrays.fill(millis, -1);
    for (int i = 0; i < Math.min(to, count(Loop.WEB, ReplicaState.RUNNING)); i++) {
      millis[i] = 0;
    }
  }

  synchronized double millisUntil(int ready) {
    return millis[ready - 1];
  }

  synchronized double unserved() {
    account(System.nanoTime());
    return area;
  }

  synchronized int lost() {
    return lost;
  }

  synchronized int count(ServiceId service, ReplicaState state) {
    return (int)
        replicas.values().stream()
            .filter(r -> r.service().equals(service) && r.state() == state)
            .count();
  }

  /// Replicas that are starting or stopping.
  synchronized int moving() {
    return (int)
        replicas.values().stream()
            .filter(r -> r.state() == ReplicaState.STARTING || r.state() == ReplicaState.STOPPING)
            .count();
  }

  @Override
  public synchronized String toString() {
    var counts = new TreeMap<String, Integer>();
    replicas.values().forEach(r -> counts.merge(r.service() + " " + r.state(), 1, Integer::sum));
    return counts.toString().toLowerCase(Locale.ROOT);
  }

  /// Waits until a condition on the replicas holds.
  ///
  /// @return whether it does
  synchronized boolean await(Duration longest, BooleanSupplier condition)
      throws InterruptedException {
    long until = System.nanoTime() + longest.toNanos();
    while (!condition.getAsBoolean()) {
      long left = until - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      wait(Math.max(1, left / 1_000_000));
    }
    return true;
  }
}
