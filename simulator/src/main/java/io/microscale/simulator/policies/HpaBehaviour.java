package io.microscale.simulator.policies;

import java.util.ArrayDeque;

/// What the Kubernetes horizontal pod autoscaler makes of a wanted number of replicas:
/// stabilisation windows, then limits on the change within a period. The limits are the defaults of
/// `autoscaling/v2`: within 15 s up by four pods or by as many as there are, whichever is more, and
/// down to nothing. It remembers, so one object serves one run.
final class HpaBehaviour {
  static final int PERIOD_SECONDS = 15;
  private static final int PODS_A_PERIOD = 4;

  private final int upWindowSeconds;
  private final int downWindowSeconds;
  private final ArrayDeque<Event> wants = new ArrayDeque<>();
  private final ArrayDeque<Event> changes = new ArrayDeque<>();

  private record Event(int at, int replicas) {}

  HpaBehaviour(int upWindowSeconds, int downWindowSeconds) {
    this.upWindowSeconds = upWindowSeconds;
    this.downWindowSeconds = downWindowSeconds;
  }

  /// The number to scale to.
  ///
  /// @param now seconds, later from call to call
  /// @param replicas how many there are
  /// @param wanted what the metric asks for
  /// @param min the fewest allowed
  /// @param max the most allowed
  int decide(int now, int replicas, int wanted, int min, int max) {
    int next = stabilised(now, replicas, wanted);
    if (next > replicas) {
      next = Math.clamp(next, replicas, Math.max(replicas, mostBy(now, replicas)));
    }
    next = Replicas.within(next, min, max);
    if (next != replicas) {
      changes.addLast(new Event(now, next - replicas));
    }
    return next;
  }

  private int stabilised(int now, int replicas, int wanted) {
    forget(wants, now - Math.max(upWindowSeconds, downWindowSeconds));
    int up = wanted;
    int down = wanted;
    for (var want : wants) {
      if (want.at > now - upWindowSeconds) {
        up = Math.min(up, want.replicas);
      }
      if (want.at > now - downWindowSeconds) {
        down = Math.max(down, want.replicas);
      }
    }
    wants.addLast(new Event(now, wanted));
    return Math.min(Math.max(replicas, up), down);
  }

  /// The most replicas that the limits allow now.
  private int mostBy(int now, int replicas) {
    forget(changes, now - PERIOD_SECONDS);
    int start = replicas;
    for (var change : changes) {
      start -= change.replicas;
    }
    return Math.max(start + PODS_A_PERIOD, 2 * start);
  }

  private static void forget(ArrayDeque<Event> events, int until) {
    while (!events.isEmpty() && events.peekFirst().at <= until) {
      events.removeFirst();
    }
  }
}
