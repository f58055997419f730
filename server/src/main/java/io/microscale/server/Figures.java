package io.microscale.server;

import io.microscale.core.loop.Decision;
import io.microscale.core.loop.EngineStatus;
import io.microscale.core.loop.LoopEvent;
import io.microscale.core.model.Node;
import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.ReplicaId;
import io.microscale.core.model.ReplicaState;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// What a run reached so far, as a fold over its events: nothing else goes in, so a recording gives
/// the same figures again.
/// * utilisation: per resource, the integral over time of what running replicas use, by the
///   integral of the capacity; starting, paused and stopping ones count as unused. The headline is
///   the resource that is used most.
/// * unserved: the integral of `max(0, demand - running)` by the integral of `demand`, both in
///   replicas and summed over the services that follow a demand. Demand is what the last pass made
///   of the last reading, not bounded by `max`.
/// * reaction and decision times: as the events tell them.
///
/// Time begins with the first event. An event costs what it changes. Any thread may call; a call
/// holds a lock for microseconds.
public final class Figures implements Consumer<LoopEvent> {
  private final Map<ServiceId, ServiceFold> services = new LinkedHashMap<>();
  private final Map<ReplicaId, Replica> replicas = new HashMap<>();
  private final TreeMap<String, Usage> usage = new TreeMap<>();
  private final Histogram reactionMicros = new Histogram(3);
  private final Histogram decisionNanos = new Histogram(3);
  private Instant began = Instant.MIN;
  private Instant now = Instant.MIN;
  private Resources capacity = Resources.NONE;
  private long passes;

  /// Percentiles of what was measured; all 0 while `count` is.
  public record Percentiles(long count, double p50, double p90, double p99, double max) {
    private static final Percentiles NONE = new Percentiles(0, 0, 0, 0, 0);

    private static Percentiles of(Histogram histogram, double unit) {
      if (histogram.getTotalCount() == 0) {
        return NONE;
      }
      return new Percentiles(
          histogram.getTotalCount(),
          histogram.getValueAtPercentile(50) / unit,
          histogram.getValueAtPercentile(90) / unit,
          histogram.getValueAtPercentile(99) / unit,
          histogram.getMaxValue() / unit);
    }
  }

  /// Actions of one verb that are over.
  public record ActionCount(long accepted, long failed) {
    static final ActionCount NONE = new ActionCount(0, 0);

    ActionCount plus(boolean wasAccepted) {
      return wasAccepted
          ? new ActionCount(accepted + 1, failed)
          : new ActionCount(accepted, failed + 1);
    }

    ActionCount plus(ActionCount other) {
      return new ActionCount(accepted + other.accepted, failed + other.failed);
    }
  }

  /// What one service reached.
  ///
  /// @param actions by verb, without those that never happened
  /// @param work what it reported last, as totals; `null` if it reports none
  public record ServiceFigures(
      Percentiles reactionMillis,
      Map<String, ActionCount> actions,
      LoopEvent.@Nullable WorkReported work,
      double demandReplicaSeconds,
      double unservedReplicaSeconds,
      double unservedReplicasNow) {
    static final ServiceFigures NONE =
        new ServiceFigures(Percentiles.NONE, Map.of(), null, 0, 0, 0);

    public ActionCount actions(String verb) {
      return actions.getOrDefault(verb, ActionCount.NONE);
    }
  }

  /// The figures at one moment.
  ///
  /// @param utilisationPercent of the resource that is used most, over the whole time; empty before
  ///   there is any capacity
  /// @param unservedPercent empty before there is any demand
  public record Snapshot(
      Instant at,
      Duration measuredFor,
      long passes,
      Percentiles reactionMillis,
      Percentiles decisionMicros,
      OptionalDouble utilisationPercent,
      OptionalDouble utilisationPercentNow,
      Map<String, Double> utilisationPercentByResource,
      OptionalDouble unservedPercent,
      double unservedReplicasNow,
      Map<String, ActionCount> actions,
      Map<ServiceId, ServiceFigures> services) {
    public ActionCount actions(String verb) {
      return actions.getOrDefault(verb, ActionCount.NONE);
    }

    public ServiceFigures service(ServiceId id) {
      return services.getOrDefault(id, ServiceFigures.NONE);
    }
  }

  /// An amount and its integral over time, brought up to date only when the amount changes.
  private static final class Integral {
    private double amount;
    private double total;
    private Instant since = Instant.MIN;

    void set(double value, Instant at) {
      total = totalAt(at);
      since = at;
      amount = value;
    }

    double totalAt(Instant at) {
      return since.isBefore(at) && !since.equals(Instant.MIN)
          ? total + amount * Duration.between(since, at).toNanos() / 1e9
          : total;
    }
  }

  private static final class Usage {
    final Integral capacity = new Integral();
    final Integral busy = new Integral();
  }

  private static final class ServiceFold {
    final boolean followsDemand;
    final Integral demand = new Integral();
    final Integral unserved = new Integral();
    final Map<String, ActionCount> actions = new TreeMap<>();
    final Histogram reactionMicros = new Histogram(2);
    LoopEvent.@Nullable WorkReported work;
    int running;

    ServiceFold(boolean followsDemand) {
      this.followsDemand = followsDemand;
    }

    void update(double demandNow, Instant at) {
      if (followsDemand) {
        double short_ = Math.max(0, demandNow - running);
        if (demandNow != demand.amount || short_ != unserved.amount) {
          demand.set(demandNow, at);
          unserved.set(short_, at);
        }
      }
    }

    ServiceFigures at(Instant at) {
      return new ServiceFigures(
          Percentiles.of(reactionMicros, 1000),
          Map.copyOf(actions),
          work,
          demand.totalAt(at),
          unserved.totalAt(at),
          unserved.amount);
    }
  }

  @Override
  public synchronized void accept(LoopEvent event) {
    advance(event.at());
    switch (event) {
      case LoopEvent.Started started -> follow(started.pool());
      case LoopEvent.Observed observed -> observe(observed);
      case LoopEvent.Passed passed -> {
        passes = passed.number();
        decisionNanos.recordValue(Math.max(0, passed.took().toNanos()));
        decide(passed.decisions());
      }
      case LoopEvent.ActionEnded ended ->
          service(ended.action().service())
              .actions
              .merge(
                  ended.action().verb(),
                  ActionCount.NONE.plus(ended.failure().isEmpty()),
                  ActionCount::plus);
      case LoopEvent.Reacted reacted -> {
        long micros = Math.max(0, reacted.took().toNanos() / 1000);
        reactionMicros.recordValue(micros);
        service(reacted.service()).reactionMicros.recordValue(micros);
      }
      case LoopEvent.WorkReported work -> service(work.service()).work = work;
      case LoopEvent.ReadingTaken _,
          LoopEvent.Overridden _,
          LoopEvent.ObserveFailed _,
          LoopEvent.Stopped _ -> {}
    }
  }

  /// Starts over from what is, where events were missed; what was integrated and counted stays.
  public synchronized void resume(EngineStatus status) {
    advance(status.at());
    follow(status.pool());
    passes = Math.max(passes, status.passes());
    status.snapshot().ifPresent(snapshot -> replaceAll(snapshot.nodes(), snapshot.replicas()));
    decide(status.decisions());
  }

  /// The figures as of the last event, or of `at` if that is later.
  public synchronized Snapshot snapshot(Instant at) {
    var then = at.isAfter(now) ? at : now;
    var byResource = new TreeMap<String, Double>();
    var utilisation = OptionalDouble.empty();
    var utilisationNow = OptionalDouble.empty();
    for (var entry : usage.entrySet()) {
      var capacity = entry.getValue().capacity;
      var busy = entry.getValue().busy;
      if (capacity.totalAt(then) > 0) {
        double percent = 100 * busy.totalAt(then) / capacity.totalAt(then);
        byResource.put(entry.getKey(), percent);
        utilisation = OptionalDouble.of(Math.max(percent, utilisation.orElse(0)));
      }
      if (capacity.amount > 0) {
        utilisationNow =
            OptionalDouble.of(
                Math.max(100 * busy.amount / capacity.amount, utilisationNow.orElse(0)));
      }
    }
    double demanded = 0;
    double unserved = 0;
    double unservedNow = 0;
    var actions = new TreeMap<String, ActionCount>();
    var each = new LinkedHashMap<ServiceId, ServiceFigures>();
    for (var entry : services.entrySet()) {
      var figures = entry.getValue().at(then);
      each.put(entry.getKey(), figures);
      demanded += figures.demandReplicaSeconds();
      unserved += figures.unservedReplicaSeconds();
      unservedNow += figures.unservedReplicasNow();
      figures.actions().forEach((verb, count) -> actions.merge(verb, count, ActionCount::plus));
    }
    return new Snapshot(
        then,
        began.equals(Instant.MIN) ? Duration.ZERO : Duration.between(began, then),
        passes,
        Percentiles.of(reactionMicros, 1000),
        Percentiles.of(decisionNanos, 1000),
        utilisation,
        utilisationNow,
        byResource,
        demanded > 0 ? OptionalDouble.of(100 * unserved / demanded) : OptionalDouble.empty(),
        unservedNow,
        actions,
        each);
  }

  /// What running replicas use of a resource now.
  public synchronized double usedNow(String resource) {
    var use = usage.get(resource);
    return use == null ? 0 : use.busy.amount;
  }

  /// The capacity of all nodes together, as of the last event that told of nodes.
  public synchronized Resources capacityNow() {
    return capacity;
  }

  private void advance(Instant at) {
    if (began.equals(Instant.MIN)) {
      began = at;
    }
    if (at.isAfter(now)) {
      now = at;
    }
  }

  private void follow(PoolSpec pool) {
    for (var spec : pool.services()) {
      services.computeIfAbsent(spec.id(), _ -> new ServiceFold(!spec.remainder()));
    }
  }

  private ServiceFold service(ServiceId id) {
    return services.computeIfAbsent(id, _ -> new ServiceFold(true));
  }

  private void decide(List<Decision> decisions) {
    for (var decision : decisions) {
      service(decision.service()).update(decision.claim().demand(), now);
    }
  }

  private void observe(LoopEvent.Observed observed) {
    if (observed.complete()) {
      replaceAll(observed.nodes(), observed.changed());
      return;
    }
    if (!observed.nodes().isEmpty()) {
      capacity(observed.nodes());
    }
    for (var gone : observed.gone()) {
      var before = replicas.remove(gone.replica());
      if (before != null) {
        count(before, -1);
      }
    }
    for (var replica : observed.changed()) {
      put(replica);
    }
  }

  private void replaceAll(List<Node> nodes, Collection<Replica> all) {
    capacity(nodes);
    replicas.values().forEach(replica -> count(replica, -1));
    replicas.clear();
    all.forEach(this::put);
  }

  private void put(Replica replica) {
    var before = replicas.put(replica.id(), replica);
    if (before != null) {
      count(before, -1);
    }
    count(replica, 1);
  }

  private void count(Replica replica, int sign) {
    if (replica.state() != ReplicaState.RUNNING) {
      return;
    }
    var service = service(replica.service());
    service.running += sign;
    service.update(service.demand.amount, now);
    for (var entry : usage.entrySet()) {
      long amount = replica.resources().get(entry.getKey());
      if (amount != 0) {
        entry.getValue().busy.set(entry.getValue().busy.amount + sign * amount, now);
      }
    }
  }

  private void capacity(List<Node> nodes) {
    var sum = new TreeMap<String, Long>();
    for (var node : nodes) {
      node.capacity().asMap().forEach((name, amount) -> sum.merge(name, amount, Long::sum));
    }
    boolean added = false;
    for (var name : sum.keySet()) {
      added |= usage.putIfAbsent(name, new Usage()) == null;
    }
    capacity = Resources.of(sum);
    usage.forEach((name, use) -> use.capacity.set(sum.getOrDefault(name, 0L), now));
    if (added) {
      usage.forEach(
          (name, use) ->
              use.busy.set(
                  (double)
                      replicas.values().stream()
                          .filter(r -> r.state() == ReplicaState.RUNNING)
                          .mapToLong(r -> r.resources().get(name))
                          .sum(),
                  now));
    }
  }
}
