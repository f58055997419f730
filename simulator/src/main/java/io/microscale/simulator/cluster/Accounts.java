package io.microscale.simulator.cluster;

import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import io.microscale.simulator.standard.Backlog;
import io.microscale.simulator.standard.Clairvoyant;
import io.microscale.simulator.standard.Demand;
import io.microscale.simulator.standard.ScoreSheet;
import io.microscale.simulator.standard.Step;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Turns what the meter shows into seconds, shares and the score.
///
/// The slots of the score are the replicas of the highest service that follows a demand that fit
/// into the pool; a replica of a remainder service counts for as many of them as it takes the room
/// of.
final class Accounts {
  /// What is below this much of a replica is rounding, not unserved demand.
  private static final double ROUNDING = 1e-9;

  private final SimulationSettings settings;
  private final Meter meter;
  private final ServiceSpec first;
  private final ScoreSheet sheet;
  private final Map<ServiceId, Outcome.Share> shares = new LinkedHashMap<>();
  private final Map<ServiceId, Double> queues = new HashMap<>();
  private final Map<ServiceId, Double> pending = new HashMap<>();
  private final Map<ServiceId, Double> worth = new HashMap<>();

  Accounts(SimulationSettings settings) {
    this.settings = settings;
    this.meter = new Meter(settings.pool());
    this.first =
        settings.pool().services().stream().filter(s -> !s.remainder()).findFirst().orElseThrow();
    double slots = settings.capacityFor(first);
    for (var spec : settings.pool().services()) {
      shares.put(spec.id(), Outcome.Share.NONE);
      if (spec.remainder()) {
        pending.put(spec.id(), 0.0);
        worth.put(spec.id(), slots / Math.max(1, settings.capacityFor(spec)));
      }
    }
    this.sheet =
        new ScoreSheet(
            settings.terms().slots(),
            Clairvoyant.batch(demandOf(first.id()), settings.terms(), allBacklogs()));
  }

  private Demand demandOf(ServiceId service) {
    var demand = settings.demands().get(service);
    if (demand == null) {
      throw new IllegalArgumentException("demands: need one of " + service + ", got none");
    }
    return demand;
  }

  private Backlog allBacklogs() {
    if (settings.backlogs().size() < pending.size()) {
      return Backlog.endless();
    }
    var arriving = new double[settings.seconds()];
    for (int second = 0; second < arriving.length; second++) {
      for (var entry : settings.backlogs().entrySet()) {
        arriving[second] += entry.getValue().arriving(second) * worthOf(entry.getKey());
      }
    }
    return Backlog.of("all", arriving);
  }

  Meter meter() {
    return meter;
  }

  /// The demand of a second, in replicas; none when it is over.
  double demand(ServiceId service, int second) {
    var demand = settings.demands().get(service);
    return demand == null || second >= demand.length() ? 0 : demand.at(second);
  }

  /// Demand that was not served in its second and waits, in replica-seconds. It counts as unserved
  /// all the same.
  double queued(ServiceId service) {
    return queues.getOrDefault(service, 0.0);
  }

  boolean hasNothingToDo(ServiceId service) {
    return pending.getOrDefault(service, 0.0) <= 0;
  }

  private double worthOf(ServiceId service) {
    return worth.getOrDefault(service, 1.0);
  }

  /// A second begins.
  void begin(int second, long now) {
    for (var spec : settings.pool().services()) {
      var _ = meter.of(spec.id()).read(now, demand(spec.id(), second));
      if (spec.remainder()) {
        double arriving =
            settings.backlogs().getOrDefault(spec.id(), Backlog.endless()).arriving(second);
        pending.merge(spec.id(), arriving, Double::sum);
      }
    }
  }

  /// A second is over.
  Step end(int second, long now) {
    double unserved = 0;
    double done = 0;
    double lost = 0;
    int starts = 0;
    int ready = 0;
    int starting = 0;
    int standby = 0;
    int batchRunning = 0;
    int batchPaused = 0;
    for (var spec : settings.pool().services()) {
      var shown = meter.of(spec.id()).read(now, 0);
      var share = spec.remainder() ? worked(spec, shown) : served(spec, shown, second);
      shares.merge(spec.id(), share, Outcome.Share::plus);
      if (spec.remainder()) {
        done += share.done() * worthOf(spec.id());
        lost += share.lost() * worthOf(spec.id());
        starts += shown.starts();
        batchRunning += shown.ready() + shown.starting();
        batchPaused += shown.paused();
      } else if (spec.equals(first)) {
        unserved = share.unserved();
        starts += shown.starts();
        ready = shown.ready();
        starting = shown.starting();
        standby = shown.paused();
      }
    }
    double demand = demand(first.id(), second);
    var _ = sheet.add(demand, demand - unserved, done, lost, starts);
    return new Step(
        second, demand, ready, starting, standby, batchRunning, batchPaused, unserved, done);
  }

  private Outcome.Share worked(ServiceSpec spec, Meter.Reading shown) {
    double before = pending.getOrDefault(spec.id(), 0.0);
    double costs = shown.births() * seconds(settings.cluster().workOf(spec.id()).startCosts());
    double done = Math.min(before, shown.worked() - costs) - shown.lost();
    pending.put(spec.id(), before - done);
    return new Outcome.Share(0, 0, done, shown.lost(), shown.starts());
  }

  private Outcome.Share served(ServiceSpec spec, Meter.Reading shown, int second) {
    double demand = demand(spec.id(), second);
    queues.merge(spec.id(), demand - shown.worked(), (queued, more) -> Math.max(0, queued + more));
    double unserved = demand - shown.served();
    return new Outcome.Share(
        demand, unserved > ROUNDING ? unserved : 0, 0, shown.lost(), shown.starts());
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  Outcome outcome(long passes, Map<String, Long> actions, int refusedForRoom) {
    return new Outcome(sheet.score(), shares, passes, actions, refusedForRoom);
  }
}
