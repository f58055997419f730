package io.microscale.simulator.cluster;

import io.microscale.core.model.PoolSpec;
import io.microscale.core.model.Replica;
import io.microscale.core.model.Resources;
import io.microscale.core.model.ServiceId;
import io.microscale.core.model.ServiceSpec;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Measures what the replicas of each service do: replica-seconds, to the nanosecond, from one
/// reading of the meter to the next.
final class Meter implements Machines.Changes {
  private static final double NANOS = 1e9;

  private final Map<ServiceId, Dial> dials = new HashMap<>();

  Meter(PoolSpec pool) {
    pool.services().forEach(spec -> dials.put(spec.id(), new Dial(spec)));
  }

  /// What is measured of a service.
  Dial of(ServiceId service) {
    var dial = dials.get(service);
    if (dial == null) {
      throw new IllegalArgumentException(
          "service: need one of %s, got '%s'".formatted(dials.keySet(), service));
    }
    return dial;
  }

  @Override
  public void changed(@Nullable Replica before, @Nullable Replica after, long lost, long now) {
    var one = before == null ? after : before;
    if (one != null) {
      of(one.service()).changed(before, after, lost, now);
    }
  }

  /// One service.
  static final class Dial {
    private final ServiceSpec spec;
    private double demand;
    private long since;
    private double power; // of what is ready, in whole replicas: a throttled one counts for less
    private int ready;
    private int starting;
    private int paused;
    private double served;
    private double worked;
    private double lost;
    private int starts;
    private int births;

    private Dial(ServiceSpec spec) {
      this.spec = spec;
    }

    private void changed(
        @Nullable Replica before, @Nullable Replica after, long lostNanos, long now) {
      measure(now);
      lost += lostNanos / NANOS;
      boolean active = before != null && before.state().isActive();
      boolean becomesActive = after != null && after.state().isActive();
      if (becomesActive && !active) {
        starts++;
      }
      if (before == null) {
        births++;
      }
      if (before != null) {
        count(before, -1);
      }
      if (after != null) {
        count(after, 1);
      }
    }

    private void count(Replica replica, int sign) {
      switch (replica.state()) {
        case STARTING -> starting += sign;
        case RUNNING -> {
          ready += sign;
          power = ready == 0 ? 0 : power + sign * speed(replica.resources(), spec.resources());
        }
        case PAUSED -> paused += sign;
        case STOPPING -> {}
      }
    }

    /// How fast a replica is with some of the resources that it needs.
    private static double speed(Resources has, Resources needs) {
      if (has.equals(needs)) {
        return 1;
      }
      double least = 1;
      for (var name : needs.names()) {
        if (needs.get(name) > 0) {
          least = Math.min(least, (double) has.get(name) / (double) needs.get(name));
        }
      }
      return least;
    }

    /// Measures up to a moment, in nanoseconds.
    private void measure(long now) {
      double seconds = (now - since) / NANOS;
      since = now;
      served += Math.min(demand, power) * seconds;
      worked += power * seconds;
    }

    /// Reads what was measured since the last reading and begins anew.
    ///
    /// @param nextDemand the demand from now on, in replicas
    Reading read(long now, double nextDemand) {
      measure(now);
      var reading = new Reading(served, worked, lost, starts, births, ready, starting, paused);
      served = 0;
      worked = 0;
      lost = 0;
      starts = 0;
      births = 0;
      demand = nextDemand;
      return reading;
    }

    double power() {
      return power;
    }
  }

  /// What one service did.
  ///
  /// @param served replica-seconds of demand that were answered
  /// @param worked replica-seconds of all replicas that were ready
  /// @param lost replica-seconds of work that stops lost
  /// @param starts replicas started or resumed
  /// @param births replicas started
  /// @param ready at the end, likewise `starting` and `paused`
  record Reading(
      double served,
      double worked,
      double lost,
      int starts,
      int births,
      int ready,
      int starting,
      int paused) {}
}
