package io.microscale.core.planning;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// How many actions an orchestrator is asked for at once, found by watching how long it takes over
/// them. Immutable.
///
/// More at once is faster only until the orchestrator is busy; from then on actions queue inside
/// it, where they can neither be taken back nor overtaken. How many queue is told by the time they
/// take against the shortest time seen: of `n` under way, `n * (1 - best / took)` wait (Brakmo and
/// Peterson, *TCP Vegas*, IEEE JSAC 13(8), 1995). The limit rises while fewer than one waits and
/// falls when more than two do; it rises as well while they wait less than [#HARMLESS], since that
/// hurts nobody.
public final class Pace {
  static final int LEAST = 2;
  private static final int FIRST = 4;
  private static final int MOST = 1 << 12;
  private static final Duration HARMLESS = Duration.ofMillis(10);
  private static final Duration WINDOW = Duration.ofMinutes(5);
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(1);
  private static final int PATIENCE = 8; // times the shortest

  /// Before the first answer.
  public static final Pace UNKNOWN = of(FIRST);

  private final double limit;
  private final boolean growing; // no queue has been seen yet
  private final Instant halved;
  private final SortedMap<String, Shortest> shortest; // by verb

  /// The shortest time of this window and of the one before, so that what has become slower for
  /// good is noticed.
  private record Shortest(Duration before, Duration now, Instant since) {
    static Shortest first(Duration took, Instant at) {
      return new Shortest(took, took, at);
    }

    Shortest and(Duration took, Instant at) {
      return at.isBefore(since.plus(WINDOW))
          ? new Shortest(before, min(now, took), since)
          : new Shortest(now, took, at);
    }

    Duration time() {
      return min(before, now);
    }

    private static Duration min(Duration a, Duration b) {
      return a.compareTo(b) < 0 ? a : b;
    }
  }

  private Pace(
      double limit, boolean growing, Instant halved, SortedMap<String, Shortest> shortest) {
    this.limit = limit;
    this.growing = growing;
    this.halved = halved;
    this.shortest = shortest;
  }

  /// Begins with a limit.
  public static Pace of(int limit) {
    return new Pace(limit, true, Instant.MIN, new TreeMap<>());
  }

  /// Actions that may be under way at once.
  public int limit() {
    return (int) limit;
  }

  /// An action was carried out.
  ///
  /// @param took from asking to the answer
  /// @param underWay how many were, this one included
  public Pace answered(String verb, Duration took, int underWay, Instant now) {
    var next = new TreeMap<>(shortest);
    next.merge(verb, Shortest.first(took, now), (known, _) -> known.and(took, now));
    var best = seconds(next.getOrDefault(verb, Shortest.first(took, now)).time());
    double queued = took.isPositive() ? underWay * (1 - best / seconds(took)) : 0;
    double allowed = Math.max(1, seconds(HARMLESS) / Math.max(best, 1e-6));
    double limit = Math.max(this.limit, harmless(next));
    if (queued > 2 * allowed) {
      return new Pace(Math.max(LEAST, limit - 1 / limit), false, halved, next);
    }
    if (queued >= allowed) {
      return new Pace(limit, false, halved, next);
    }
    boolean used = underWay >= (int) limit;
    double step = growing ? 1 : 1 / limit;
    return new Pace(used ? Math.min(MOST, limit + step) : limit, growing, halved, next);
  }

  /// So many of the slowest kind, one after the other, take no longer than nobody minds.
  private static double harmless(SortedMap<String, Shortest> shortest) {
    double slowest = shortest.values().stream().mapToDouble(s -> seconds(s.time())).max().orElse(1);
    return Math.min(MOST, seconds(HARMLESS) / Math.max(slowest, 1e-6));
  }

  /// The orchestrator did not take an action for now: it is asked for half as many, once for all
  /// that were under way together.
  ///
  /// @param asked when it was asked for that action
  public Pace refused(Instant asked, Instant now) {
    return asked.isBefore(halved)
        ? this
        : new Pace(Math.max(LEAST, limit / 2), false, now, shortest);
  }

  /// How many of these are under way. One that takes many times as long as it should hangs, and
  /// does not keep others waiting.
  public int underWay(Ledger ledger, Instant now) {
    return (int)
        ledger.entries().stream()
            .filter(e -> e.accepted().isEmpty() && now.isBefore(hangsFrom(e)))
            .count();
  }

  /// When the next of these counts as hanging, if none is answered before.
  Optional<Instant> nextHanging(Ledger ledger, Instant now) {
    return ledger.entries().stream()
        .filter(e -> e.accepted().isEmpty() && now.isBefore(hangsFrom(e)))
        .map(this::hangsFrom)
        .min(Instant::compareTo);
  }

  private Instant hangsFrom(InFlight entry) {
    var best = shortest.get(entry.action().verb());
    var patience = best == null ? LEAST_PATIENCE : best.time().multipliedBy(PATIENCE);
    return entry.asked().plus(patience.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : patience);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Pace that
        && limit == that.limit
        && growing == that.growing
        && halved.equals(that.halved)
        && shortest.equals(that.shortest);
  }

  @Override
  public int hashCode() {
    return Map.entry(limit, shortest).hashCode();
  }

  @Override
  public String toString() {
    return "Pace[%.2f at once, shortest %s]".formatted(limit, shortest);
  }
}
