package io.microscale.core.planning;

import io.microscale.core.model.Backoff;
import io.microscale.core.model.ServiceId;
import io.microscale.core.orchestrator.Action;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// Actions that failed, and when each may be tried again: after 100 ms, then twice as long each
/// time, at most 30 s. Immutable.
///
/// A failed start holds up the starts of its service, any other action only the same action on the
/// same replica.
public final class Retries {
  public static final Retries NONE = new Retries(new TreeMap<>());
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final Duration FORGOTTEN = Duration.ofMinutes(2);
  private static final int MOST = 10_000;

  private final SortedMap<Key, Retry> entries;

  private Retries(SortedMap<Key, Retry> entries) {
    this.entries = entries;
  }

  private record Key(String verb, String whose) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparing(Key::verb).thenComparing(Key::whose);

    static Key of(Action action) {
      return action instanceof Action.Start start
          ? new Key(start.verb(), start.service().value())
          : new Key(action.verb(), action.subject());
    }

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  private record Retry(int failures, Instant until, String reason) {}

  public Retries failed(Action action, String reason, Instant now) {
    var next = new TreeMap<Key, Retry>();
    entries.forEach(
        (key, retry) -> {
          if (now.isBefore(retry.until().plus(FORGOTTEN)) && next.size() < MOST) {
            next.put(key, retry);
          }
        });
    var key = Key.of(action);
    var before = next.get(key);
    int failures = before == null ? 1 : before.failures() + 1;
    var delay = FIRST.multipliedBy(1L << Math.min(failures - 1, 20));
    next.put(
        key, new Retry(failures, now.plus(delay.compareTo(LONGEST) < 0 ? delay : LONGEST), reason));
    return new Retries(next);
  }

  public Retries succeeded(Action action) {
    var key = Key.of(action);
    if (!entries.containsKey(key)) {
      return this;
    }
    var next = new TreeMap<>(entries);
    next.remove(key);
    return new Retries(next);
  }

  /// When such an action on the same replica or service may be tried again; empty if now.
  public Optional<Instant> blockedUntil(Action action, Instant now) {
    var retry = entries.get(new Key(action.verb(), action.subject()));
    return retry != null && now.isBefore(retry.until())
        ? Optional.of(retry.until())
        : Optional.empty();
  }

  /// The services that start nothing for now, those of `others` included; of two the longer one
  /// counts.
  public SortedMap<ServiceId, Backoff> backoffs(Map<ServiceId, Backoff> others, Instant now) {
    var all = new TreeMap<ServiceId, Backoff>();
    others.forEach((service, backoff) -> longer(all, service, backoff, now));
    entries.forEach(
        (key, retry) -> {
          if (key.verb().equals("start")) {
            longer(
                all,
                new ServiceId(key.whose()),
                new Backoff(
                    retry.until(),
                    retry.failures() + " failed in a row, the last: " + retry.reason()),
                now);
          }
        });
    return all;
  }

  private static void longer(
      SortedMap<ServiceId, Backoff> all, ServiceId service, Backoff backoff, Instant now) {
    if (now.isBefore(backoff.until())) {
      all.merge(service, backoff, (a, b) -> a.until().isBefore(b.until()) ? b : a);
    }
  }
}
