package io.microscale.simulator.cluster;

import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Virtual time, and what is due in it: in the order of time, then as it was put in. Not
/// thread-safe.
final class EventQueue {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final PriorityQueue<Due> due =
      new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::number));
  private long now;
  private long number;
  private Instant instant = START; // of `instantAt`: asked for far more often than time passes
  private long instantAt;

  private record Due(long at, long number, Runnable effect) {}

  /// Nanoseconds since [#START].
  long now() {
    return now;
  }

  Instant instant() {
    if (instantAt != now) {
      instant = START.plusNanos(now);
      instantAt = now;
    }
    return instant;
  }

  /// When the next is due, or `Long.MAX_VALUE`.
  long next() {
    var next = due.peek();
    return next == null ? Long.MAX_VALUE : next.at;
  }

  void after(long nanos, Runnable effect) {
    at(now + nanos, effect);
  }

  void at(long nanos, Runnable effect) {
    due.add(new Due(Math.max(now, nanos), number++, effect));
  }

  /// Lets time pass up to a moment before which nothing is due; what is due then is still to come.
  void passTo(long nanos) {
    if (nanos > next()) {
      throw new IllegalArgumentException("need at most %d, got %d".formatted(next(), nanos));
    }
    now = Math.max(now, nanos);
  }

  /// Lets time pass up to the next event that is due by `until`, and that event happen; else up to
  /// `until`.
  ///
  /// @return whether there was one
  boolean step(long until) {
    var next = due.peek();
    if (next == null || next.at > until) {
      now = Math.max(now, until);
      return false;
    }
    due.remove();
    now = next.at;
    next.effect.run();
    return true;
  }
}
