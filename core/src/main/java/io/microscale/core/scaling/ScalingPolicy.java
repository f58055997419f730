package io.microscale.core.scaling;

import io.microscale.core.demand.Reading;
import java.time.Duration;

/// Turns a reading into the replicas that it calls for. Values in, values out: what a policy
/// remembers is an argument and a result.
public sealed interface ScalingPolicy {
  /// Decides from one reading.
  ///
  /// @param memory what this policy returned last, [Memory#NONE] at first
  /// @param ready replicas of the service that are ready now
  Decision decide(Memory memory, Reading.Value reading, int ready);

  /// What a reading comes to.
  ///
  /// @param replicas the replicas called for, not rounded, not bounded by min or max, at least 0;
  ///   more than a thousand million, as an absurd reading asks for, count as that many
  /// @param why one sentence for people, with the numbers
  record Decision(double replicas, Memory memory, String why) {
    public Decision {
      replicas = Math.min(Ceiling.MOST, replicas);
    }
  }

  /// What a policy remembers from one reading to the next.
  sealed interface Memory {
    Memory NONE = new Nothing();

    record Nothing() implements Memory {}

    /// The backlog that was read last, and the arrivals a second as smoothed so far.
    record Backlog(Reading.Value last, double arrivalsPerSecond) implements Memory {}
  }

  /// The reading is a number of replicas.
  record RawReplicas() implements ScalingPolicy {
    @Override
    public Decision decide(Memory memory, Reading.Value reading, int ready) {
      return new Decision(
          reading.value(), memory, "demand %.2f replicas".formatted(reading.value()));
    }
  }

  /// The reading is a total (requests a second, messages) of which one replica takes `target`:
  /// `replicas = value / target`, as the AverageValue target of the Kubernetes HPA, without its
  /// tolerance, since a claim costs nothing until it is granted.
  record PerReplicaTarget(double target) implements ScalingPolicy {
    public PerReplicaTarget {
      requirePositive("targetPerReplica", target);
    }

    @Override
    public Decision decide(Memory memory, Reading.Value reading, int ready) {
      double replicas = reading.value() / target;
      return new Decision(
          replicas,
          memory,
          "demand %.2f at %.2f per replica is %.2f replicas"
              .formatted(reading.value(), target, replicas));
    }
  }

  /// The reading is how busy the ready replicas are on average, as a fraction: `replicas = ready *
  /// value / target`, and `ready` while `|value / target - 1| <= tolerance`. Source: Kubernetes HPA
  /// v2, resource utilisation without missing pods.
  record TargetUtilisation(double target, double tolerance) implements ScalingPolicy {
    public TargetUtilisation {
      if (!(target > 0 && target <= 1)) {
        throw new IllegalArgumentException(
            "targetUtilisation: need a fraction in (0, 1], got " + target);
      }
      if (!(tolerance >= 0 && tolerance < 1)) {
        throw new IllegalArgumentException(
            "tolerance: need a fraction in [0, 1), got " + tolerance);
      }
    }

    @Override
    public Decision decide(Memory memory, Reading.Value reading, int ready) {
      double ratio = reading.value() / target;
      // The last bits of a division do not count: 0.55 is within 10 % of 0.5.
      boolean within = Math.abs(ratio - 1) <= tolerance + 1e-9;
      int counted = Math.max(ready, 1);
      return new Decision(
          within ? counted : counted * ratio,
          memory,
          "%d ready at %.0f %%, want %.0f %%%s"
              .formatted(
                  ready, reading.value() * 100, target * 100, within ? " (within tolerance)" : ""));
    }
  }

  /// The reading is a backlog. Enough replicas to keep up with what arrives and to work the backlog
  /// off within `drain`: `replicas = arrivals / rate + backlog / (rate * drain)`, `rate` in items a
  /// second of one replica. Arrivals are estimated from two readings, `(b2 - b1) / dt + ready *
  /// rate` while there was a backlog and at least 0, smoothed exponentially over `drain`. Source:
  /// the drain-time rule of queue autoscalers (arrivals by rate, backlog by goal).
  record QueueDrainTime(double ratePerReplica, Duration drain) implements ScalingPolicy {
    private static final Duration LONGEST_DRAIN = Duration.ofDays(365);

    public QueueDrainTime {
      requirePositive("ratePerReplica", ratePerReplica);
      if (!drain.isPositive() || drain.compareTo(LONGEST_DRAIN) > 0) {
        throw new IllegalArgumentException("drainTime: need > 0s, at most 365 days, got " + drain);
      }
    }

    @Override
    public Decision decide(Memory memory, Reading.Value reading, int ready) {
      double drainSeconds = seconds(drain);
      double arrivals = 0;
      if (memory instanceof Memory.Backlog(var last, double smoothed)) {
        double seconds = seconds(Duration.between(last.at(), reading.at()));
        if (seconds <= 0) {
          arrivals = smoothed;
        } else {
          // An empty queue does not show how much of their capacity the replicas used, so it only
          // shows growth.
          double worked = last.value() > 0 && reading.value() > 0 ? ready * ratePerReplica : 0;
          double seen = Math.max(0, (reading.value() - last.value()) / seconds + worked);
          // Bounded, so that one absurd reading is forgotten after some twenty times `drain`.
          seen = Math.min(seen, ratePerReplica * Ceiling.MOST);
          arrivals = smoothed + (seen - smoothed) * (1 - StrictMath.exp(-seconds / drainSeconds));
        }
      }
      double replicas =
          arrivals / ratePerReplica + reading.value() / (ratePerReplica * drainSeconds);
      return new Decision(
          replicas,
          new Memory.Backlog(reading, arrivals),
          "backlog %.0f, %.1f arriving a second, to drain in %.0f s at %.2f a second each: %.2f replicas"
              .formatted(reading.value(), arrivals, drainSeconds, ratePerReplica, replicas));
    }
  }

  /// As a fraction; readings may be further apart than nanoseconds can count.
  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / 1e9;
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "%s: need a finite number > 0, got %s".formatted(name, value));
    }
  }
}
